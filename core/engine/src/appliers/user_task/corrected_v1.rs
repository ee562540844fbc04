//! A listener has corrected how a user task will be. One that is being created is so already.

use super::rows_v1::row_of;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedUserTaskRecord;
use ringbolt_tables::{Tables, UserTaskState};

pub(super) fn apply_corrected(tables: &mut Tables, key: Key, value: &ArchivedUserTaskRecord<'_>) {
    let state = tables.user_task(key).expect("an event is about a user task that is there").state;
    let mut change = tables.user_task_change(key).expect("a change of it is under way");
    change.task = row_of(value, state);
    tables.put_user_task_change(key, &change);
    if state == UserTaskState::Creating {
        let mut row = change.task;
        row.first_assignee = std::mem::take(&mut row.assignee);
        tables.put_user_task(key, &row);
    }
}
