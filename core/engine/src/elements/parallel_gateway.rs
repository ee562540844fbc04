//! A parallel gateway: entered once every incoming flow was taken, then all outgoing flows are. In one step.

use super::Behavior;
use crate::failure::Interruption;
use crate::lifecycle::{self, At, transition};
use crate::writers::Processing;
use ringbolt_record::{ProcessInstanceIntent, VariableDocument};

pub(crate) struct ParallelGateway;

impl Behavior for ParallelGateway {
    fn on_activate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        transition(p, at, ProcessInstanceIntent::ElementActivated);
        transition(p, at, ProcessInstanceIntent::ElementCompleting);
        Ok(lifecycle::leave(p, at)?)
    }

    fn on_complete(
        &self,
        _p: &mut Processing<'_>,
        at: &At,
        _variables: Option<&VariableDocument>,
    ) -> Result<(), Interruption> {
        Err(at.unexpected("a parallel gateway is left in the step that enters it").into())
    }
}
