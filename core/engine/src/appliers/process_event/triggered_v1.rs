//! What comes of a caught event has begun.

use super::rows_v1::promise;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessEventRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_triggered(tables: &mut Tables, key: Key, value: &ArchivedProcessEventRecord<'_>) {
    tables.delete_event_trigger(Key::of(&value.caught_by), key);
    promise(tables, value);
}
