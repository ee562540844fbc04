//! A user task was completed or canceled.

use ringbolt_record::Key;
use ringbolt_tables::Tables;

pub(super) fn apply_ended(tables: &mut Tables, key: Key) {
    tables.delete_user_task(key);
    tables.delete_user_task_change(key);
}
