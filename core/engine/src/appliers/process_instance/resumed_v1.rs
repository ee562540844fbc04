//! Nothing is left of the suspension of a process instance.

use ringbolt_record::Key;
use ringbolt_tables::Tables;

pub(super) fn apply_resumed(tables: &mut Tables, key: Key) {
    tables.end_suspension(key);
}
