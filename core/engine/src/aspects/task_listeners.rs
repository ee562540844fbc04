//! Task listeners: jobs for workers that a change of a user task waits for. They can correct how the task will be, and deny some
//! changes.
//!
//! While they are asked the task stays as it was, in the state that says what is under way; how it will be stands beside its row, with
//! what the command brought. The element instance waits for the task all the time, never for the job.

use crate::at::At;
use crate::behaviors::user_tasks::{self, With};
use crate::behaviors::variables::{ObjectWriter, Owner, write_json_text};
use crate::behaviors::{assignments, conditions, incidents, jobs};
use crate::contract::Effect;
use crate::failure::{Interruption, Refusal, Unexpected, invalid_state};
use crate::waiting::{Until, Waiting};
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_record::values::VariableDocumentRecord;
use ringbolt_record::{
    ChangedAttributes, JobListenerEventType, Key, Rejection, RejectionType, Reply, TaskListenerResult,
    UserTaskIntent, VariableDocument, VariableDocumentIntent,
};
use ringbolt_tables::{
    DocumentOfChange, ElementInstanceRow, JobRow, UserTaskChangeRow, UserTaskRow, UserTaskState,
};

/// What listeners listen to that are asked while a task is in a state.
fn event_of(state: UserTaskState) -> JobListenerEventType {
    match state {
        UserTaskState::Creating => JobListenerEventType::Creating,
        UserTaskState::Assigning | UserTaskState::Claiming => JobListenerEventType::Assigning,
        UserTaskState::Updating => JobListenerEventType::Updating,
        UserTaskState::Completing => JobListenerEventType::Completing,
        UserTaskState::Canceling => JobListenerEventType::Canceling,
        UserTaskState::Created => JobListenerEventType::Unspecified,
    }
}

/// The first listener to an event from a place on.
fn next(at: &At, event: JobListenerEventType, from: u32) -> Option<u32> {
    let listeners = &at.model().user_task()?.listeners;
    let found = listeners.iter().skip(from as usize).position(|listener| listener.event == event)?;
    Some(from + found as u32)
}

/// Says that a change of a user task is under way, and how it will be. Whether listeners are asked before it is done.
pub(crate) fn begin(
    p: &mut Processing<'_>,
    at: &At,
    key: Key,
    (intent, state): (UserTaskIntent, UserTaskState),
    task: &UserTaskRow,
    with: With<'_>,
) -> Result<bool, Unexpected> {
    let first = next(at, event_of(state), 0);
    user_tasks::append(p, intent, key, task, With { asks: first.is_some(), ..with });
    if first.is_some() {
        ask_next(p, at, key)?;
    }
    Ok(first.is_some())
}

/// The same for a command, which is answered once it is done.
pub(crate) fn begin_asked(
    p: &mut Processing<'_>,
    key: Key,
    of: (UserTaskIntent, UserTaskState),
    task: &UserTaskRow,
    with: With<'_>,
) -> Result<bool, Refusal> {
    let Some(row) = p.tables().element_instance(task.element_instance_key) else { return Ok(false) };
    let at = At::find(p, task.element_instance_key, row.element)?;
    if next(&at, event_of(of.1), 0).is_some() {
        if p.awaiting.is_full() {
            return Err(invalid_state(
                "Expected to ask task listeners, but too many clients wait".to_owned(),
            ));
        }
        if let Some(request) = p.request.request {
            p.awaiting.insert(key, Waiting { request, fetch_variables: [].into(), until: Until::Worked });
        }
    }
    Ok(begin(p, &at, key, of, task, with)?)
}

/// Answers whoever waits for a change of a user task.
fn answer(p: &mut Processing<'_>, key: Key, result: Result<Reply, Rejection>) {
    if let Some(Waiting { request, .. }) = p.awaiting.take(key) {
        p.effect(Effect::Reply { request, result });
    }
}

/// Asks the next listener to the change that is under way; whether there is one.
fn ask_next(p: &mut Processing<'_>, at: &At, key: Key) -> Result<bool, Unexpected> {
    let (Some(task), Some(change)) = (p.tables().user_task(key), p.tables().user_task_change(key)) else {
        return Ok(false);
    };
    let Some(number) = next(at, event_of(task.state), change.asked) else { return Ok(false) };
    let changed = if change.asked == 0 { ChangedAttributes(change.changed) } else { diff(&task, &change) };
    let headers = headers(at, key, &change, changed);
    match jobs::prepare_task_listener(p, at, number, headers) {
        Ok(job) => jobs::create(p, at, &job),
        Err(Interruption::Incident(failure)) => incidents::raise(p, at, Key::NONE, &failure),
        Err(Interruption::Unexpected(unexpected)) => return Err(unexpected),
    }
    Ok(true)
}

/// Goes on where an expression of a listener gave nothing of use; whether that is what an element instance waits for.
pub(crate) fn ask_again(
    p: &mut Processing<'_>,
    key: Key,
    row: &ElementInstanceRow,
) -> Result<bool, Unexpected> {
    let change = p.tables().user_task_change(row.waits_for);
    if change.is_none_or(|change| p.tables().job(change.job_key).is_some()) {
        return Ok(false);
    }
    let at = At::find(p, key, row.element)?;
    ask_next(p, &at, row.waits_for)
}

/// What a change makes different, in the end.
fn diff(task: &UserTaskRow, change: &UserTaskChangeRow) -> ChangedAttributes {
    let is_creating = task.state == UserTaskState::Creating;
    let assignee = if is_creating { &task.first_assignee } else { &task.assignee };
    let new = &change.task;
    ChangedAttributes::NONE
        .with_if(ChangedAttributes::ASSIGNEE, *assignee != new.assignee)
        .with_if(ChangedAttributes::CANDIDATE_GROUPS, task.candidate_groups != new.candidate_groups)
        .with_if(ChangedAttributes::CANDIDATE_USERS, task.candidate_users != new.candidate_users)
        .with_if(ChangedAttributes::DUE_DATE, task.due_date != new.due_date)
        .with_if(ChangedAttributes::FOLLOW_UP_DATE, task.follow_up_date != new.follow_up_date)
        .with_if(ChangedAttributes::PRIORITY, task.priority != new.priority)
        .with_if(ChangedAttributes::VARIABLES, !change.variables.is_empty())
}

/// The headers of a listener's job: those of the task, then how it will be.
fn headers(at: &At, key: Key, change: &UserTaskChangeRow, changed: ChangedAttributes) -> String {
    let task = &change.task;
    let list = |names: &[String]| (!names.is_empty()).then(|| assignments::list_literal(names));
    let changed: Vec<String> = changed.names().map(str::to_owned).collect();
    let texts = [
        ("action", Some(change.action.clone())),
        ("assignee", Some(task.assignee.clone())),
        ("candidateGroups", list(&task.candidate_groups)),
        ("candidateUsers", list(&task.candidate_users)),
        ("changedAttributes", list(&changed)),
        ("dueDate", Some(task.due_date.clone())),
        ("followUpDate", Some(task.follow_up_date.clone())),
        ("formKey", task.form_key.is_some().then(|| task.form_key.to_wire().to_string())),
        ("priority", Some(task.priority.to_string())),
        ("userTaskKey", Some(key.to_wire().to_string())),
    ];
    let mut object = ObjectWriter::new();
    let mut add = |name: &str, value: &str| {
        let mut json = Vec::with_capacity(value.len() + 2);
        write_json_text(&mut json, value);
        object.member(name, &json);
    };
    for header in at.model().headers() {
        add(&header.key, &header.value);
    }
    for (name, value) in texts {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            add(&format!("io.camunda.zeebe:{name}"), &value);
        }
    }
    String::from_utf8(object.finish()).expect("it is made of text")
}

/// What is to be done after a listener has answered.
pub(crate) enum Answered {
    /// Nothing more.
    Done,
    /// The element instance is left with these variables.
    Completed(VariableDocument),
}

/// Takes a listener's answer: corrects or denies the change, asks the next listener, or does what was to be done.
pub(crate) fn take_answer(
    p: &mut Processing<'_>,
    job: &JobRow,
    result: &TaskListenerResult,
) -> Result<Answered, Unexpected> {
    let Some(row) = p.tables().element_instance(job.element_instance_key) else { return Ok(Answered::Done) };
    let (at, key) = (At::find(p, job.element_instance_key, row.element)?, row.waits_for);
    let (Some(task), Some(mut change)) = (p.tables().user_task(key), p.tables().user_task_change(key)) else {
        return Ok(Answered::Done);
    };
    if result.is_denied {
        deny(p, &at, key, &task, &change, &result.denied_reason);
        return Ok(Answered::Done);
    }
    let corrected = user_tasks::correct(result, &mut change.task);
    if corrected != ChangedAttributes::NONE {
        let with = With { changed: corrected, action: &change.action, ..With::default() };
        user_tasks::append(p, UserTaskIntent::Corrected, key, &change.task, with);
    }
    if ask_next(p, &at, key)? { Ok(Answered::Done) } else { finish(p, &at, key) }
}

/// Does what was under way, as its listeners have left it.
fn finish(p: &mut Processing<'_>, at: &At, key: Key) -> Result<Answered, Unexpected> {
    let (Some(task), Some(change)) = (p.tables().user_task(key), p.tables().user_task_change(key)) else {
        return Ok(Answered::Done);
    };
    let changed = diff(&task, &change);
    let with = With { changed, action: &change.action, variables: &change.variables, ..With::default() };
    match task.state {
        UserTaskState::Creating => {
            let created = UserTaskRow { assignee: String::new(), ..change.task };
            user_tasks::append(p, UserTaskIntent::Created, key, &created, With::default());
            assign_first(p, at, key)?;
        }
        UserTaskState::Assigning | UserTaskState::Claiming => {
            user_tasks::append(p, UserTaskIntent::Assigned, key, &change.task, with);
            answer(p, key, Ok(Reply::Done));
        }
        UserTaskState::Updating => match change.document {
            Some(document) => set_variables(p, at, key, &change, document, with)?,
            None => {
                user_tasks::append(p, UserTaskIntent::Updated, key, &change.task, with);
                answer(p, key, Ok(Reply::Done));
            }
        },
        UserTaskState::Completing => {
            user_tasks::append(p, UserTaskIntent::Completed, key, &change.task, with);
            answer(p, key, Ok(Reply::Done));
            return Ok(Answered::Completed(document_of(&change.variables)));
        }
        UserTaskState::Canceling => {
            user_tasks::append(p, UserTaskIntent::Canceled, key, &task, With::default());
            let follow_up = ringbolt_record::FollowUp::Terminate { key: at.key };
            p.follow_up(at.process_instance_key(), follow_up);
        }
        UserTaskState::Created => {}
    }
    Ok(Answered::Done)
}

fn document_of(variables: &[u8]) -> VariableDocument {
    VariableDocument::parse(Bytes::copy_from_slice(variables)).unwrap_or_default()
}

/// Sets the variables that a client wanted to set where a user task sees them.
fn set_variables(
    p: &mut Processing<'_>,
    at: &At,
    key: Key,
    change: &UserTaskChangeRow,
    document: DocumentOfChange,
    with: With<'_>,
) -> Result<(), Unexpected> {
    let owner = Owner { instance: at.element.instance, tenant_id: &at.definition.tenant_id };
    let variables = document_of(&change.variables);
    match document.is_local {
        true => conditions::set_local(p, owner, at.key, variables.iter())?,
        false => conditions::propagate(p, owner, at.key, variables.iter())?,
    }
    user_tasks::append(p, UserTaskIntent::Updated, key, &change.task, with);
    append_document(p, at, document, VariableDocumentIntent::Updated);
    answer(p, key, Ok(Reply::VariablesSet { key: document.key }));
    Ok(())
}

fn append_document(
    p: &mut Processing<'_>,
    at: &At,
    document: DocumentOfChange,
    intent: VariableDocumentIntent,
) {
    let tenant_id = &at.definition.tenant_id;
    let record = VariableDocumentRecord { scope_key: at.key, is_local: document.is_local, tenant_id };
    p.append(intent, document.key, &record);
}

/// A listener is against a change: the task stays as it is.
fn deny(
    p: &mut Processing<'_>,
    at: &At,
    key: Key,
    task: &UserTaskRow,
    change: &UserTaskChangeRow,
    why: &str,
) {
    let (intent, what) = match task.state {
        UserTaskState::Assigning | UserTaskState::Claiming => {
            (UserTaskIntent::AssignmentDenied, "Assignment")
        }
        UserTaskState::Completing => (UserTaskIntent::CompletionDenied, "Completion"),
        _ => (UserTaskIntent::UpdateDenied, "Update"),
    };
    user_tasks::append(p, intent, key, task, With { denied_reason: why, ..With::default() });
    let what = match change.document {
        Some(document) => {
            append_document(p, at, document, VariableDocumentIntent::UpdateDenied);
            format!("Variable update for user task instance with key '{}'", at.key.to_wire())
        }
        None => format!("{what} of the User Task with key '{}'", key.to_wire()),
    };
    let reason = format!("{what} was denied by Task Listener. Reason to deny: '{why}'");
    answer(p, key, Err(Rejection::new(RejectionType::InvalidState, reason)));
}

/// Gives a user task that was just created to whom its model, or a listener, says.
pub(crate) fn assign_first(p: &mut Processing<'_>, at: &At, key: Key) -> Result<(), Unexpected> {
    let Some(mut task) = p.tables().user_task(key) else { return Ok(()) };
    if task.first_assignee.is_empty() || task.state != UserTaskState::Created {
        return Ok(());
    }
    task.assignee = std::mem::take(&mut task.first_assignee);
    let with = With { changed: ChangedAttributes::ASSIGNEE, ..With::default() };
    if !begin(p, at, key, (UserTaskIntent::Assigning, UserTaskState::Assigning), &task, with)? {
        user_tasks::append(p, UserTaskIntent::Assigned, key, &task, with);
    }
    Ok(())
}

/// The job of the listener that is being asked about the user task of an element instance.
pub(crate) fn job_of(p: &Processing<'_>, row: &ElementInstanceRow) -> Key {
    p.tables().user_task_change(row.waits_for).map_or(Key::NONE, |change| change.job_key)
}

/// Cancels the user task that an ending element instance waits for; whether listeners are asked before that. Without its definition
/// nobody can be.
pub(crate) fn cancel(p: &mut Processing<'_>, key: Key, row: &ElementInstanceRow) -> Result<bool, Unexpected> {
    let Some(task) = give_up(p, row.waits_for) else { return Ok(false) };
    if let Ok(at) = At::find(p, key, row.element) {
        let of = (UserTaskIntent::Canceling, UserTaskState::Canceling);
        if begin(p, &at, row.waits_for, of, &task, With::default())? {
            return Ok(true);
        }
    } else {
        user_tasks::append(p, UserTaskIntent::Canceling, row.waits_for, &task, With::default());
    }
    user_tasks::append(p, UserTaskIntent::Canceled, row.waits_for, &task, With::default());
    Ok(false)
}

/// The same where nobody can be waited for.
pub(crate) fn cancel_at_once(p: &mut Processing<'_>, row: &ElementInstanceRow) {
    if let Some(task) = give_up(p, row.waits_for) {
        if task.state != UserTaskState::Canceling {
            user_tasks::append(p, UserTaskIntent::Canceling, row.waits_for, &task, With::default());
        }
        user_tasks::append(p, UserTaskIntent::Canceled, row.waits_for, &task, With::default());
    }
}

/// A user task that is to end, of which no change is done any more.
fn give_up(p: &mut Processing<'_>, key: Key) -> Option<UserTaskRow> {
    let task = p.tables().user_task(key)?;
    let reason = "user task was canceled during ongoing transition";
    answer(p, key, Err(Rejection::new(RejectionType::InvalidState, reason)));
    Some(task)
}
