//! A job is no longer wanted.

use super::rows_v1::take_out;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_canceled(tables: &mut Tables, key: Key, _value: &ArchivedJobRecord<'_>) {
    take_out(tables, key);
    tables.delete_job(key);
}
