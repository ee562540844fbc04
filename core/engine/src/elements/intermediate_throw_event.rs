//! An event that is thrown on the way: passed through. A link jumps from there to its end in the same scope. Like the
//! reference engine it has no use for input mappings.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Flows, Hooks, Next};
use crate::writers::Processing;
use ringbolt_model::Link;

pub(crate) struct IntermediateThrowEvent;

impl Hooks for IntermediateThrowEvent {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Complete)
    }

    fn way_out(&self, at: &At) -> Flows {
        match at.model().event().and_then(|event| event.link()) {
            Some(Link { target: Some(end), .. }) => Flows::Jump(*end),
            Some(Link { target: None, .. }) | None => Flows::All,
        }
    }
}
