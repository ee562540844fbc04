//! A job waits for a worker again: its instance goes on.

use super::rows_v1::make_activatable;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedJobRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_resumed(tables: &mut Tables, key: Key, value: &ArchivedJobRecord<'_>) {
    make_activatable(tables, key, value);
}
