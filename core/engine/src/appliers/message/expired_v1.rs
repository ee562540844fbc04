//! A message expired.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMessageRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_expired(tables: &mut Tables, key: Key, _value: &ArchivedMessageRecord<'_>) {
    tables.delete_message_of_client(key);
}
