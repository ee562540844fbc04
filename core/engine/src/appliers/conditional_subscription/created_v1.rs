//! Somebody begins to wait for a condition; the process knows that there is somebody.

use ringbolt_record::values::{ArchivedConditionalSubscriptionRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{
    ConditionalSubscriptionRow, ElementInstanceFlags, EventSubscriptionRow, SubscriptionKind, Tables,
};

pub(super) fn apply_created(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedConditionalSubscriptionRecord<'_>,
) {
    let instance = InstanceRef::of(&value.instance);
    let element_index = ElementIndex::of(&value.element_index);
    let scope_key = Key::of(&value.element_instance_key);
    let row = ConditionalSubscriptionRow {
        instance,
        element_index,
        is_interrupting: value.is_interrupting,
        condition: &value.condition,
        variable_names: &value.variable_names,
        variable_events: &value.variable_events,
    };
    tables.put_conditional_subscription(scope_key, key, &row);
    let subscription = EventSubscriptionRow { kind: SubscriptionKind::Condition, element_index };
    tables.put_event_subscription(scope_key, key, subscription);
    tables.change_element_instance_flags(scope_key, |flags| flags.with(ElementInstanceFlags::SUBSCRIPTIONS));
    tables.change_element_instance_flags(instance.process_instance_key, |flags| {
        flags.with(ElementInstanceFlags::CONDITIONS)
    });
}
