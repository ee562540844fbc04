//! The start event of a process begins to wait for a condition, at its definition.

use ringbolt_record::values::{ArchivedConditionalSubscriptionRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{ConditionalSubscriptionRow, Tables};

pub(super) fn apply_start_created(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedConditionalSubscriptionRecord<'_>,
) {
    let instance = InstanceRef::of(&value.instance);
    let row = ConditionalSubscriptionRow {
        instance,
        element_index: ElementIndex::of(&value.element_index),
        is_interrupting: value.is_interrupting,
        condition: &value.condition,
        variable_names: &value.variable_names,
        variable_events: &value.variable_events,
    };
    tables.put_conditional_subscription(instance.process_definition_key, key, &row);
}
