//! Somebody begins to wait for a signal.

use ringbolt_record::values::{ArchivedSignalSubscriptionRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{
    ElementInstanceFlags, EventSubscriptionRow, NamedKind, NamedSubscriptionRow, SubscriptionKind, Tables,
};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedSignalSubscriptionRecord<'_>) {
    let instance = InstanceRef::of(&value.instance);
    let element_index = ElementIndex::of(&value.element_index);
    let element_instance_key = Key::of(&value.element_instance_key);
    let is_start = element_instance_key.is_none();
    let row = NamedSubscriptionRow {
        kind: NamedKind::Signal,
        scope_key: if is_start { instance.process_definition_key } else { element_instance_key },
        instance,
        element_index,
        tenant_id: &value.tenant_id,
        name: &value.signal_name,
    };
    tables.put_named_subscription(key, &row);
    if !is_start {
        let subscription = EventSubscriptionRow { kind: SubscriptionKind::Signal, element_index };
        tables.put_event_subscription(element_instance_key, key, subscription);
        tables.change_element_instance_flags(element_instance_key, |flags| {
            flags.with(ElementInstanceFlags::SUBSCRIPTIONS)
        });
    }
}
