//! User tasks that the engine keeps: their creation, their changes and their end, as events.
//!
//! A change is a pair of events, as in the reference engine: one says that it is under way, with how the task will be, the other that it is done.

use crate::at::At;
use crate::behaviors::assignments::Assignment;
use crate::writers::Processing;
use ringbolt_record::values::UserTaskRecord;
use ringbolt_record::{ChangedAttributes, Key, UserTaskIntent};
use ringbolt_tables::{UserTaskRow, UserTaskState};

/// What comes with an event beside the task.
#[derive(Clone, Copy, Default)]
pub(crate) struct With<'a> {
    pub(crate) changed: ChangedAttributes,
    pub(crate) action: &'a str,
    pub(crate) custom_headers: &'a str,
}

/// Makes the user task of an element instance, which belongs to nobody yet.
pub(crate) fn create(p: &mut Processing<'_>, at: &At, assignment: Assignment) {
    let mut task = UserTaskRow {
        instance: at.element.instance,
        element_instance_key: at.key,
        element_index: at.element.element_index,
        state: UserTaskState::Creating,
        priority: assignment.priority,
        form_key: assignment.form_key,
        creation_timestamp: p.now,
        assignee: assignment.assignee,
        first_assignee: String::new(),
        candidate_groups: assignment.candidate_groups.unwrap_or_default(),
        candidate_users: assignment.candidate_users.unwrap_or_default(),
        due_date: assignment.due_date,
        follow_up_date: assignment.follow_up_date,
        external_form_reference: assignment.external_form_reference,
        tenant_id: at.definition.tenant_id.to_string(),
    };
    let key = p.next_key();
    let headers = &at.definition.facts(at.element.element_index).headers;
    append(p, UserTaskIntent::Creating, key, &task, With { custom_headers: headers, ..With::default() });
    task.assignee.clear();
    append(p, UserTaskIntent::Created, key, &task, With::default());
}

/// Gives a user task that was just created to whom its model says.
pub(crate) fn assign_first(p: &mut Processing<'_>, key: Key) {
    let Some(mut task) = p.tables().user_task(key) else { return };
    if task.first_assignee.is_empty() {
        return;
    }
    task.assignee = std::mem::take(&mut task.first_assignee);
    let with = With { changed: ChangedAttributes::ASSIGNEE, ..With::default() };
    append(p, UserTaskIntent::Assigning, key, &task, with);
    append(p, UserTaskIntent::Assigned, key, &task, with);
}

/// Cancels the user task that an ending element instance waits for; nothing where it waits for none.
pub(crate) fn cancel(p: &mut Processing<'_>, key: Key) {
    let Some(task) = p.tables().user_task(key) else { return };
    append(p, UserTaskIntent::Canceling, key, &task, With::default());
    append(p, UserTaskIntent::Canceled, key, &task, With::default());
}

/// Writes an event of a user task.
pub(crate) fn append(
    p: &mut Processing<'_>,
    intent: UserTaskIntent,
    key: Key,
    task: &UserTaskRow,
    with: With<'_>,
) {
    let value = UserTaskRecord {
        instance: task.instance,
        element_instance_key: task.element_instance_key,
        element_index: task.element_index,
        assignee: &task.assignee,
        candidate_groups: task.candidate_groups.iter().map(String::as_str).collect(),
        candidate_users: task.candidate_users.iter().map(String::as_str).collect(),
        due_date: &task.due_date,
        follow_up_date: &task.follow_up_date,
        priority: task.priority,
        form_key: task.form_key,
        external_form_reference: &task.external_form_reference,
        changed_attributes: with.changed.0,
        action: with.action,
        creation_timestamp: task.creation_timestamp,
        custom_headers: with.custom_headers,
        tenant_id: &task.tenant_id,
    };
    p.append(intent, key, &value);
}
