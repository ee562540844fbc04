//! User tasks that the engine keeps: their creation, their changes and their end, as events.
//!
//! A change is a pair of events, as in the reference engine: one says that it is under way, with how the task will be, the other that it is done.

use crate::at::At;
use crate::behaviors::assignments::Assignment;
use crate::writers::Processing;
use ringbolt_record::values::UserTaskRecord;
use ringbolt_record::{ChangedAttributes, Key, TaskListenerResult, UserTaskChanges, UserTaskIntent};
use ringbolt_tables::{DocumentOfChange, UserTaskRow, UserTaskState};

/// What comes with an event beside the task.
#[derive(Clone, Copy, Default)]
pub(crate) struct With<'a> {
    pub(crate) changed: ChangedAttributes,
    pub(crate) action: &'a str,
    pub(crate) custom_headers: &'a str,
    /// Why a listener is against it.
    pub(crate) denied_reason: &'a str,
    /// Whether listeners are asked before it is done.
    pub(crate) asks: bool,
    /// What the command brought, the text of a JSON object; empty for nothing.
    pub(crate) variables: &'a [u8],
    /// The change of variables that this is.
    pub(crate) document: Option<DocumentOfChange>,
}

/// The user task of an element instance that is being entered, which belongs to nobody yet: its assignee is who is to get it.
pub(crate) fn of(p: &Processing<'_>, at: &At, assignment: Assignment) -> UserTaskRow {
    UserTaskRow {
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
    }
}

/// Writes an event of a user task.
pub(crate) fn append(
    p: &mut Processing<'_>,
    intent: UserTaskIntent,
    key: Key,
    task: &UserTaskRow,
    with: With<'_>,
) {
    // One that was migrated has headers of its own.
    let own_headers = p.tables().job_headers(key).unwrap_or_default().to_owned();
    let custom_headers = if with.custom_headers.is_empty() { &own_headers } else { with.custom_headers };
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
        denied_reason: with.denied_reason,
        asks: with.asks,
        variables: with.variables,
        document_key: with.document.map_or(Key::NONE, |document| document.key),
        document_is_local: with.document.is_some_and(|document| document.is_local),
        creation_timestamp: task.creation_timestamp,
        custom_headers,
        tenant_id: &task.tenant_id,
    };
    p.append(intent, key, &value);
}

/// Gives a user task new attributes; which of them differ.
pub(crate) fn apply(changes: &UserTaskChanges, task: &mut UserTaskRow) -> ChangedAttributes {
    ChangedAttributes::NONE
        .with_if(
            ChangedAttributes::CANDIDATE_GROUPS,
            set(&mut task.candidate_groups, &changes.candidate_groups),
        )
        .with_if(ChangedAttributes::CANDIDATE_USERS, set(&mut task.candidate_users, &changes.candidate_users))
        .with_if(ChangedAttributes::DUE_DATE, set(&mut task.due_date, &changes.due_date))
        .with_if(ChangedAttributes::FOLLOW_UP_DATE, set(&mut task.follow_up_date, &changes.follow_up_date))
        .with_if(ChangedAttributes::PRIORITY, set(&mut task.priority, &changes.priority))
}

/// The same for what a listener says.
pub(crate) fn correct(result: &TaskListenerResult, task: &mut UserTaskRow) -> ChangedAttributes {
    let changed = apply(&result.corrections, task);
    changed.with_if(ChangedAttributes::ASSIGNEE, set(&mut task.assignee, &result.assignee))
}

/// Sets an attribute; whether that changed it.
fn set<T: Clone + PartialEq>(attribute: &mut T, new: &Option<T>) -> bool {
    match new {
        Some(new) if new != attribute => {
            *attribute = new.clone();
            true
        }
        Some(_) | None => false,
    }
}
