//! One file per command: what it checks, which events it writes, what it answers.

pub(crate) mod ad_hoc_sub_process_instruction;
pub(crate) mod batch_operation;
pub(crate) mod cluster_variable;
pub(crate) mod conditional_evaluation;
pub(crate) mod decision_evaluation;
pub(crate) mod deployment;
pub(crate) mod expression;
pub(crate) mod incident;
pub(crate) mod job;
pub(crate) mod job_batch;
pub(crate) mod message;
pub(crate) mod partition_message;
pub(crate) mod pending_command;
pub(crate) mod process_instance;
pub(crate) mod process_instance_creation;
pub(crate) mod process_instance_migration;
pub(crate) mod process_instance_modification;
pub(crate) mod resource;
pub(crate) mod resource_deletion;
pub(crate) mod signal;
pub(crate) mod timer;
pub(crate) mod user_task;
pub(crate) mod variable_document;

use crate::at::At;
use crate::behaviors::{events, suspended};
use crate::failure::{Refusal, invalid_argument, invalid_state};
use crate::writers::Processing;
use ringbolt_model::Flags;
use ringbolt_record::Key;

/// Lets a scope that a command enters wait for its events; where that fails, the command does.
fn subscribe(p: &mut Processing<'_>, at: &At) -> Result<(), Refusal> {
    if !at.model().flags.has(Flags::HAS_EVENTS) {
        return Ok(());
    }
    events::subscribe(p, at).map_err(|failure| {
        let (id, why) = (&at.model().id, failure.message);
        invalid_argument(format!("Expected to subscribe to catch event(s) of '{id}' but {why}"))
    })
}

/// Refuses what would move a suspended instance. What is being ended in it goes on: its end waits for it.
pub(crate) fn check_not_suspended(
    p: &Processing<'_>,
    process_instance_key: Key,
    element_instance_key: Key,
) -> Result<(), Refusal> {
    if suspended::rests(p, process_instance_key, element_instance_key) {
        return Err(invalid_state(format!(
            "Expected to process a command for process instance with key '{process_instance_key}', but it is suspended; resume it first"
        )));
    }
    Ok(())
}

/// Refuses what would move a banned instance.
pub(crate) fn check_not_banned(p: &Processing<'_>, process_instance_key: Key) -> Result<(), Refusal> {
    if p.tables().is_banned(process_instance_key) {
        return Err(invalid_state(format!(
            "Expected to process a command for process instance with key '{process_instance_key}', but it is \
             banned due to an unexpected error while it was processed; it can only be canceled"
        )));
    }
    Ok(())
}
