//! An element instance begins to wait for a message.

use super::rows_v1::put;
use ringbolt_record::values::ArchivedProcessMessageSubscriptionRecord;
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{
    ElementInstanceFlags, EventSubscriptionRow, MessageWaitState, SubscriptionKind, Tables,
};

pub(super) fn apply_creating(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessMessageSubscriptionRecord<'_>,
) {
    put(tables, key, value, MessageWaitState::Opening);
    let scope_key = Key::of(&value.element_instance_key);
    let element_index = ElementIndex::of(&value.element_index);
    let subscription = EventSubscriptionRow { kind: SubscriptionKind::Message, element_index };
    tables.put_event_subscription(scope_key, key, subscription);
    tables.change_element_instance_flags(scope_key, |flags| flags.with(ElementInstanceFlags::SUBSCRIPTIONS));
}
