//! The rows of one who waits for a condition.

use ringbolt_record::values::{ArchivedConditionalSubscriptionRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{ConditionalSubscriptionRow, EventSubscriptionRow, SubscriptionKind, Tables};

pub(super) fn put(tables: &mut Tables, key: Key, value: &ArchivedConditionalSubscriptionRecord<'_>) {
    let element_index = ElementIndex::of(&value.element_index);
    let scope_key = Key::of(&value.element_instance_key);
    let row = ConditionalSubscriptionRow {
        instance: InstanceRef::of(&value.instance),
        element_index,
        is_interrupting: value.is_interrupting,
        condition: &value.condition,
        variable_names: &value.variable_names,
        variable_events: &value.variable_events,
    };
    tables.put_conditional_subscription(scope_key, key, &row);
    let subscription = EventSubscriptionRow { kind: SubscriptionKind::Condition, element_index };
    tables.put_event_subscription(scope_key, key, subscription);
}
