//! A none end event: the end of a path. Like the reference engine it has no use for input mappings.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct EndEvent;

impl Hooks for EndEvent {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Complete)
    }
}
