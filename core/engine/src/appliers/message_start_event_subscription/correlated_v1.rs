//! A message is going to start an instance: it has reached the process, and no other is started for its correlation key meanwhile.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedMessageStartEventSubscriptionRecord, InstanceRef};
use ringbolt_tables::{MessageLock, Tables};

pub(super) fn apply_correlated(tables: &mut Tables, value: &ArchivedMessageStartEventSubscriptionRecord<'_>) {
    tables.put_message_correlation(Key::of(&value.message_key), &value.bpmn_process_id);
    if value.correlation_key.is_empty() {
        return;
    }
    let lock = MessageLock {
        tenant_id: value.tenant_id.to_string(),
        bpmn_process_id: value.bpmn_process_id.to_string(),
        correlation_key: value.correlation_key.to_string(),
    };
    tables.put_message_lock(InstanceRef::of(&value.instance).process_instance_key, &lock);
}
