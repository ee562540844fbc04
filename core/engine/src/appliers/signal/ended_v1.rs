//! A signal has reached all.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedSignalRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_ended(tables: &mut Tables, value: &ArchivedSignalRecord<'_>) {
    tables.delete_signal(Key::of(&value.kept_under));
}
