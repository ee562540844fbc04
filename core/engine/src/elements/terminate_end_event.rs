//! A terminate end event: the end of a path and of everything else in its scope, which completes then. It has no use for
//! mappings, as in the reference engine.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Flows, Hooks, Next};
use crate::writers::Processing;

pub(crate) struct TerminateEndEvent;

impl Hooks for TerminateEndEvent {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Complete)
    }

    fn way_out(&self, _at: &At) -> Flows {
        Flows::EndOthers
    }
}
