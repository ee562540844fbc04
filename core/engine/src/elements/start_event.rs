//! A none start event: passed through; its output mappings can shape the instance's variables.

use super::{Behavior, complete_later};
use crate::behaviors::mappings;
use crate::failure::Interruption;
use crate::lifecycle::{self, At, transition};
use crate::writers::Processing;
use ringbolt_record::{ProcessInstanceIntent, VariableDocument};

pub(crate) struct StartEvent;

impl Behavior for StartEvent {
    fn on_activate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        transition(p, at, ProcessInstanceIntent::ElementActivated);
        complete_later(p, at);
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
}
