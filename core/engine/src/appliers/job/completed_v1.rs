//! A job was done.

use super::rows_v1::remove;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_completed(tables: &mut Tables, key: Key, _value: &ArchivedJobRecord<'_>) {
    remove(tables, key);
}
