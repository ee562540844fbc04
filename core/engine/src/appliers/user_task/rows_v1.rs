//! What the appliers of user tasks share. Frozen with them.

use ringbolt_record::values::{ArchivedUserTaskRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key, TimestampMs};
use ringbolt_tables::{DocumentOfChange, Tables, UserTaskChangeRow, UserTaskRow, UserTaskState};

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

/// A change is under way: all else stays until that is done. Where listeners are asked before, how it will be is kept.
pub(super) fn begin(tables: &mut Tables, key: Key, value: &ArchivedUserTaskRecord<'_>, state: UserTaskState) {
    let mut row = tables.user_task(key).expect("an event is about a user task that is there");
    row.state = state;
    tables.put_user_task(key, &row);
    keep_change(tables, key, value, state);
}

/// Keeps how a user task will be, where listeners are asked about that.
pub(super) fn keep_change(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedUserTaskRecord<'_>,
    state: UserTaskState,
) {
    if !value.asks {
        return;
    }
    let document_key = Key::of(&value.document_key);
    let is_local = value.document_is_local;
    let change = UserTaskChangeRow {
        job_key: Key::NONE,
        asked: 0,
        changed: value.changed_attributes,
        document: document_key.is_some().then_some(DocumentOfChange { key: document_key, is_local }),
        action: value.action.to_string(),
        variables: value.variables.to_vec(),
        task: row_of(value, state),
    };
    tables.put_user_task_change(key, &change);
}

/// Nothing is under way any more: the task waits as it was.
pub(super) fn end(tables: &mut Tables, key: Key) {
    let mut row = tables.user_task(key).expect("an event is about a user task that is there");
    row.state = UserTaskState::Created;
    tables.put_user_task(key, &row);
    tables.delete_user_task_change(key);
}
