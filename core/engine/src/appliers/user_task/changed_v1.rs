//! A user task was given to somebody, or what it says was changed: it waits again.

use super::rows_v1::row_of;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedUserTaskRecord;
use ringbolt_tables::{Tables, UserTaskState};

pub(super) fn apply_changed(tables: &mut Tables, key: Key, value: &ArchivedUserTaskRecord<'_>) {
    tables.put_user_task(key, &row_of(value, UserTaskState::Created));
    tables.delete_user_task_change(key);
}
