//! The element instance waits for a message for an event of another definition.

use super::rows_v1::put;
use ringbolt_record::values::ArchivedProcessMessageSubscriptionRecord;
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{EventSubscriptionRow, SubscriptionKind, Tables};

pub(super) fn apply_migrated(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessMessageSubscriptionRecord<'_>,
) {
    let state = tables.message_wait(key).expect("an event is about a wait that is there").state;
    put(tables, key, value, state);
    let element_index = ElementIndex::of(&value.element_index);
    let subscription = EventSubscriptionRow { kind: SubscriptionKind::Message, element_index };
    tables.put_event_subscription(Key::of(&value.element_instance_key), key, subscription);
}
