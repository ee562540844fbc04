//! A user task was completed or canceled.

use ringbolt_record::Key;
use ringbolt_tables::Tables;

pub(super) fn apply_ended(tables: &mut Tables, key: Key) {
    tables.delete_user_task(key);
    if tables.job_headers(key).is_some() {
        // It was migrated.
        tables.delete_job_headers(key);
    }
    tables.delete_user_task_change(key);
}
