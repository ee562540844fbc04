//! What the appliers of user tasks share. Frozen with them.

use ringbolt_record::values::{ArchivedUserTaskRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key, TimestampMs};
use ringbolt_tables::{Tables, UserTaskRow, UserTaskState};

/// The row that an event describes.
pub(super) fn row_of(value: &ArchivedUserTaskRecord<'_>, state: UserTaskState) -> UserTaskRow {
    UserTaskRow {
        instance: InstanceRef::of(&value.instance),
        element_instance_key: Key::of(&value.element_instance_key),
        element_index: ElementIndex::of(&value.element_index),
        state,
        priority: value.priority.to_native(),
        form_key: Key::of(&value.form_key),
        creation_timestamp: TimestampMs::of(&value.creation_timestamp),
        assignee: value.assignee.to_string(),
        first_assignee: String::new(),
        candidate_groups: value.candidate_groups.iter().map(|name| name.to_string()).collect(),
        candidate_users: value.candidate_users.iter().map(|name| name.to_string()).collect(),
        due_date: value.due_date.to_string(),
        follow_up_date: value.follow_up_date.to_string(),
        external_form_reference: value.external_form_reference.to_string(),
        tenant_id: value.tenant_id.to_string(),
    }
}

/// Moves a user task to another state; all else stays until that is done.
pub(super) fn set_state(tables: &mut Tables, key: Key, state: UserTaskState) {
    let mut row = tables.user_task(key).expect("an event is about a user task that is there");
    row.state = state;
    tables.put_user_task(key, &row);
}
