//! Completes a job; the element instance that waits for it is left, or goes on, in the same entry.

use super::{WORKABLE, find};
use crate::aspects::task_listeners::{self, Answered};
use crate::behaviors::jobs;
use crate::drive;
use crate::failure::{Refusal, invalid_argument};
use crate::writers::Processing;
use ringbolt_record::{
    JobIntent, JobKind, JobListenerEventType, Key, Reply, TaskListenerResult, VariableDocument,
};
use ringbolt_tables::{ElementInstanceState, JobRow};

pub(crate) fn process_complete(
    p: &mut Processing<'_>,
    key: Key,
    variables: &VariableDocument,
    result: &TaskListenerResult,
) -> Result<(), Refusal> {
    let job = find(p, key, "complete", &WORKABLE)?;
    if job.kind == JobKind::TaskListener {
        check_result(p, key, &job, variables, result)?;
    }
    let definition = jobs::definition_of(p, &job)?;
    jobs::append(p, JobIntent::Completed, key, &job, &definition.tenant_id, jobs::Change::default());
    match job.kind {
        JobKind::ExecutionListener => drive::go_on_listening(p, &job, variables)?,
        JobKind::TaskListener => {
            if let Answered::Completed(variables) = task_listeners::take_answer(p, &job, result)? {
                leave(p, &job, &variables)?;
            }
        }
        JobKind::BpmnElement | JobKind::AdHocSubProcess => leave(p, &job, variables)?,
    }
    p.reply(Reply::Done);
    Ok(())
}

/// Leaves the element instance that has waited for a job.
fn leave(p: &mut Processing<'_>, job: &JobRow, variables: &VariableDocument) -> Result<(), Refusal> {
    let state = p.tables().element_instance_state(job.element_instance_key);
    if state == Some(ElementInstanceState::Activated) {
        // Not put behind other steps: the variables are at hand only now.
        let variables = (!variables.is_empty()).then_some(variables);
        drive::complete_or_raise(p, job.element_instance_key, variables)?;
    }
    Ok(())
}

/// What the worker of a task listener sends has to go with what its job is about.
fn check_result(
    p: &Processing<'_>,
    key: Key,
    job: &JobRow,
    variables: &VariableDocument,
    result: &TaskListenerResult,
) -> Result<(), Refusal> {
    let event = job.listener_event_type;
    let which = format!(
        "job key '{}', type '{}', processInstanceKey '{}'",
        key.to_wire(),
        job.job_type(),
        job.instance.process_instance_key
    );
    let refused = if !variables.is_empty() {
        format!(
            "Task Listener job completion with variables payload provided is not yet supported ({which})."
        )
    } else if result.is_denied
        && matches!(event, JobListenerEventType::Creating | JobListenerEventType::Canceling)
    {
        format!(
            "Denying result is not supported for '{}' task listener jobs ({which}). Only the following listener event \
             types support denying: [ASSIGNING, COMPLETING, UPDATING].\n",
            event.name()
        )
    } else if result.is_denied && result.has_corrections() {
        format!(
            "Expected to complete task listener job with corrections, but the job result is denied ({which}). The \
             corrections would be reverted by the denial. Either complete the job with corrections without setting \
             denied, or complete the job with a denied result but no corrections.\n"
        )
    } else if event == JobListenerEventType::Creating && result.assignee.is_some() && has_assignee(p, job) {
        format!(
            "Expected to complete task listener job, but correcting the assignee on 'CREATING' event is not supported when \
             the user task has an assignee defined in the model ({which}). Use the 'CREATING' event to set an assignee only \
             if it was not defined. Use the 'ASSIGNING' event to correct an assignee that is already defined.\n"
        )
    } else {
        return Ok(());
    };
    Err(invalid_argument(refused))
}

/// Whether the task that a listener is asked about is to be given to somebody.
fn has_assignee(p: &Processing<'_>, job: &JobRow) -> bool {
    let row = p.tables().element_instance(job.element_instance_key);
    let task = row.and_then(|row| p.tables().user_task(row.waits_for));
    task.is_some_and(|task| !task.first_assignee.is_empty())
}
