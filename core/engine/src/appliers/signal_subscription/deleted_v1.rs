//! Somebody waits for a signal no more.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedSignalSubscriptionRecord, InstanceRef};
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, key: Key, value: &ArchivedSignalSubscriptionRecord<'_>) {
    let element_instance_key = Key::of(&value.element_instance_key);
    if element_instance_key.is_none() {
        let definition_key = InstanceRef::of(&value.instance).process_definition_key;
        return tables.delete_named_subscription(definition_key, key);
    }
    tables.delete_named_subscription(element_instance_key, key);
    tables.delete_event_subscription(element_instance_key, key);
}
