//! What the appliers of subscriptions on the instance's side share. Frozen with them.

use ringbolt_record::values::{ArchivedProcessMessageSubscriptionRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key, PartitionId};
use ringbolt_tables::{MessageWaitRow, MessageWaitState, Tables};

/// Writes the row as the event says.
pub(super) fn put(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessMessageSubscriptionRecord<'_>,
    state: MessageWaitState,
) {
    let row = MessageWaitRow {
        instance: InstanceRef::of(&value.instance),
        element_instance_key: Key::of(&value.element_instance_key),
        element_index: ElementIndex::of(&value.element_index),
        partition_id: PartitionId::of(&value.partition_id),
        message_key: Key::of(&value.message_key),
        state,
        is_interrupting: value.is_interrupting,
        tenant_id: &value.tenant_id,
        message_name: &value.message_name,
        correlation_key: &value.correlation_key,
    };
    tables.put_message_wait(key, &row);
}
