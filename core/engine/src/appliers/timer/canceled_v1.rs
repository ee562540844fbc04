//! A timer is no longer wanted.

use super::rows_v1::remove;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedTimerRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_canceled(tables: &mut Tables, key: Key, value: &ArchivedTimerRecord<'_>) {
    remove(tables, key, value);
}
