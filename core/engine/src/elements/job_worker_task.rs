//! A task that a job worker does: a job when it is entered, left when the job is completed.

use super::Behavior;
use crate::behaviors::{incidents, jobs, mappings};
use crate::failure::Interruption;
use crate::lifecycle::{self, At, transition};
use crate::writers::Processing;
use ringbolt_record::{ProcessInstanceIntent, VariableDocument};

pub(crate) struct JobWorkerTask;

impl Behavior for JobWorkerTask {
    fn on_activate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        mappings::apply_inputs(p, at)?;
        jobs::create(p, at)?;
        transition(p, at, ProcessInstanceIntent::ElementActivated);
        Ok(())
    }

    fn on_complete(
        &self,
        p: &mut Processing<'_>,
        at: &At,
        variables: Option<&VariableDocument>,
    ) -> Result<(), Interruption> {
        mappings::apply_outputs(p, at, variables)?;
        Ok(lifecycle::leave(p, at)?)
    }

    fn on_terminate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        jobs::cancel_of(p, at);
        incidents::resolve_all_of(p, at);
        transition(p, at, ProcessInstanceIntent::ElementTerminated);
        Ok(lifecycle::on_child_terminated(p, at)?)
    }
}
