//! Somebody waits for a message.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedMessageSubscriptionRecord, InstanceRef};
use ringbolt_tables::{MessageSubscriptionRow, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedMessageSubscriptionRecord<'_>) {
    let row = MessageSubscriptionRow {
        instance: InstanceRef::of(&value.instance),
        element_instance_key: Key::of(&value.element_instance_key),
        owner_key: Key::of(&value.owner_key),
        message_key: Key::NONE,
        is_correlating: false,
        is_interrupting: value.is_interrupting,
        tenant_id: &value.tenant_id,
        bpmn_process_id: &value.bpmn_process_id,
        message_name: &value.message_name,
        correlation_key: &value.correlation_key,
        business_id: &value.business_id,
        variables: &[],
    };
    tables.put_message_subscription(key, &row);
}
