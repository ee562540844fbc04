//! Completes a job; the element instance that waits for it is left, or goes on, in the same entry.

use super::{WORKABLE, find_held};
use crate::aspects::ad_hoc;
use crate::aspects::task_listeners::{self, Answered};
use crate::behaviors::variables::Owner;
use crate::behaviors::{conditions, jobs};
use crate::commands::process_instance::assign_business_id;
use crate::definitions::Definition;
use crate::drive;
use crate::failure::{Refusal, invalid_argument, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::command::CompleteListener;
use ringbolt_record::{
    AdHocInstruction, CompleteAdHocJob, ElementIndex, JobIntent, JobKind, JobListenerEventType, Key, Reply,
    TaskListenerResult, VariableDocument,
};
use ringbolt_tables::{ElementInstanceState, JobRow};
use std::sync::Arc;

pub(crate) fn process_complete(
    p: &mut Processing<'_>,
    key: Key,
    variables: &VariableDocument,
) -> Result<(), Refusal> {
    complete(p, key, variables, &TaskListenerResult::default(), &AdHocInstruction::default())
}

pub(crate) fn process_complete_listener(
    p: &mut Processing<'_>,
    command: &CompleteListener,
) -> Result<(), Refusal> {
    let CompleteListener { job_key, variables, result } = command;
    complete(p, *job_key, variables, result, &AdHocInstruction::default())
}

pub(crate) fn process_complete_ad_hoc(
    p: &mut Processing<'_>,
    command: &CompleteAdHocJob,
) -> Result<(), Refusal> {
    let CompleteAdHocJob { job_key, variables, instruction } = command;
    complete(p, *job_key, variables, &TaskListenerResult::default(), instruction)
}

/// Gives the instance of a job that is going to be completed a business id.
pub(crate) fn assign_before(p: &mut Processing<'_>, key: Key, business_id: &str) -> Result<(), Refusal> {
    let job = find_held(p, key, "complete", &WORKABLE)?;
    assign_business_id::assign(p, job.instance.process_instance_key, business_id)
}

/// Completes a job with what its worker says beside its variables.
fn complete(
    p: &mut Processing<'_>,
    key: Key,
    variables: &VariableDocument,
    result: &TaskListenerResult,
    instruction: &AdHocInstruction,
) -> Result<(), Refusal> {
    let job = find_held(p, key, "complete", &WORKABLE)?;
    if job.kind == JobKind::TaskListener {
        check_result(p, key, &job, variables, result)?;
    }
    let definition = jobs::definition_of(p, &job)?;
    let elements = match job.kind {
        JobKind::AdHocSubProcess => find_chosen(p, key, &job, &definition, instruction)?,
        JobKind::BpmnElement | JobKind::ExecutionListener | JobKind::TaskListener => Vec::new(),
    };
    jobs::append(p, JobIntent::Completed, key, &job, &definition.tenant_id, jobs::Change::default());
    match job.kind {
        JobKind::ExecutionListener => drive::go_on_listening(p, &job, variables)?,
        JobKind::TaskListener => {
            if let Answered::Completed(variables) = task_listeners::take_answer(p, &job, result)? {
                leave(p, &job, &variables)?;
            }
        }
        JobKind::BpmnElement => leave(p, &job, variables)?,
        JobKind::AdHocSubProcess => {
            if let Some(at) = jobs::waiting_for(p, &job, &definition) {
                let owner = Owner { instance: job.instance, tenant_id: &definition.tenant_id };
                conditions::propagate(p, owner, at.key, variables.iter())?;
                if !elements.is_empty() {
                    ad_hoc::activate(p, &at, at.key, instruction, &elements)?;
                }
                if instruction.is_completion_condition_fulfilled {
                    ad_hoc::complete(p, &at, at.key, instruction);
                }
            }
        }
    }
    p.reply(Reply::Done);
    Ok(())
}

/// What the worker of an ad-hoc sub-process chooses has to be there, and the sub-process has to be active.
fn find_chosen(
    p: &Processing<'_>,
    key: Key,
    job: &JobRow,
    definition: &Arc<Definition>,
    instruction: &AdHocInstruction,
) -> Result<Vec<ElementIndex>, Refusal> {
    let Some(at) = jobs::waiting_for(p, job, definition) else { return Ok(Vec::new()) };
    let ids = instruction.activate.iter().map(|element| element.element_id.as_str());
    let elements = ad_hoc::find(&at, ids)?.map_err(not_found)?;
    if p.tables().element_instance_state(at.key) == Some(ElementInstanceState::Activated) {
        return Ok(elements);
    }
    Err(invalid_state(format!(
        "  Expected to complete ad-hoc sub-process job, but the ad-hoc sub-process instance is not active   (job key '{key}', \
         type '{}', processInstanceKey '{}')\n",
        job.job_type(),
        job.instance.process_instance_key
    )))
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
