//! A message is going to start an instance: it has reached the process, no other is started for its correlation key meanwhile, and the
//! instance carries its business id. A message that is gone meanwhile reaches nobody else.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedMessageStartEventSubscriptionRecord, InstanceRef};
use ringbolt_tables::{InstanceMetadataRow, MessageLock, Tables};

pub(super) fn apply_correlated(tables: &mut Tables, value: &ArchivedMessageStartEventSubscriptionRecord<'_>) {
    let message_key = Key::of(&value.message_key);
    if tables.message_of_client(message_key).is_some() {
        tables.put_message_correlation(message_key, &value.bpmn_process_id);
    }
    let instance = InstanceRef::of(&value.instance);
    let process_instance_key = instance.process_instance_key;
    if !value.business_id.is_empty() {
        let business_id = value.business_id.to_string();
        let metadata = InstanceMetadataRow { business_id, ..InstanceMetadataRow::default() };
        tables.put_instance_metadata(process_instance_key, &metadata);
        tables.note_business_id(process_instance_key, instance.process_definition_key);
    }
    if value.correlation_key.is_empty() {
        return;
    }
    let lock = MessageLock {
        tenant_id: value.tenant_id.to_string(),
        bpmn_process_id: value.bpmn_process_id.to_string(),
        correlation_key: value.correlation_key.to_string(),
    };
    tables.put_message_lock(process_instance_key, &lock);
}
