//! A timer was due: the event that it stands for is there.

use super::rows_v1::remove;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedTimerRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_triggered(tables: &mut Tables, key: Key, value: &ArchivedTimerRecord<'_>) {
    remove(tables, key, value);
}
