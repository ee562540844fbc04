//! Manual and undefined tasks: nothing to do for the engine, so they are passed through. Like the reference engine
//! they have no use for mappings.

use super::{Behavior, complete_later};
use crate::failure::Interruption;
use crate::lifecycle::{self, At, transition};
use crate::writers::Processing;
use ringbolt_record::{ProcessInstanceIntent, VariableDocument};

pub(crate) struct PassThroughTask;

impl Behavior for PassThroughTask {
    fn on_activate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        transition(p, at, ProcessInstanceIntent::ElementActivated);
        complete_later(p, at);
        Ok(())
    }

    fn on_complete(
        &self,
        p: &mut Processing<'_>,
        at: &At,
        _variables: Option<&VariableDocument>,
    ) -> Result<(), Interruption> {
        Ok(lifecycle::leave(p, at)?)
    }
}
