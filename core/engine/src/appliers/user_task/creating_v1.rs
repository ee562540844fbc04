//! A user task is being created; an element instance waits for it, and somebody is to get it.

use super::rows_v1::{keep_change, row_of};
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedUserTaskRecord;
use ringbolt_tables::{Tables, UserTaskState};

pub(super) fn apply_creating(tables: &mut Tables, key: Key, value: &ArchivedUserTaskRecord<'_>) {
    let mut row = row_of(value, UserTaskState::Creating);
    row.first_assignee = std::mem::take(&mut row.assignee);
    tables.put_user_task(key, &row);
    tables.set_element_instance_waits_for(row.element_instance_key, key);
    keep_change(tables, key, value, UserTaskState::Creating);
}
