//! An event on a path, or at its end, that has activities compensated: those of its scope, or one of them. It is left once all
//! that compensates them has completed. Like the reference engine it has no use for mappings.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct CompensationEvent;

impl Hooks for CompensationEvent {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Compensate)
    }
}
