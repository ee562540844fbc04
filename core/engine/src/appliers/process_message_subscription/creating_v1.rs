//! An element instance begins to wait for a message, or goes on to after its instance was suspended.

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
    if value.is_for_suspension {
        return reopen(tables, key, value);
    }
    put(tables, key, value, MessageWaitState::Opening);
    let scope_key = Key::of(&value.element_instance_key);
    let element_index = ElementIndex::of(&value.element_index);
    let subscription = EventSubscriptionRow { kind: SubscriptionKind::Message, element_index };
    tables.put_event_subscription(scope_key, key, subscription);
    tables.change_element_instance_flags(scope_key, |flags| flags.with(ElementInstanceFlags::SUBSCRIPTIONS));
}

/// The messages' side is told once it has ended what it was told to end before.
fn reopen(tables: &mut Tables, key: Key, value: &ArchivedProcessMessageSubscriptionRecord<'_>) {
    let state = tables.message_wait(key).expect("an event is about a wait that is there").state;
    let next = match state {
        MessageWaitState::Parking => MessageWaitState::Reopening,
        _ => MessageWaitState::Opening,
    };
    put(tables, key, value, next);
}
