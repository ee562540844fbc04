//! A message was published. It is kept until it expires, which may be in the same entry.

use ringbolt_record::values::ArchivedMessageRecord;
use ringbolt_record::{Key, TimestampMs};
use ringbolt_tables::{MessageRow, Tables};

pub(super) fn apply_published(tables: &mut Tables, key: Key, value: &ArchivedMessageRecord<'_>) {
    let message = MessageRow {
        deadline: TimestampMs::of(&value.deadline),
        tenant_id: &value.tenant_id,
        name: &value.name,
        correlation_key: &value.correlation_key,
        message_id: &value.message_id,
        business_id: &value.business_id,
        variables: &value.variables,
    };
    tables.put_message_of_client(key, &message);
}
