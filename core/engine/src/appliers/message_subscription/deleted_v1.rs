//! Nobody waits for a message any more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMessageSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, key: Key, _value: &ArchivedMessageSubscriptionRecord<'_>) {
    tables.delete_message_subscription(key);
}
