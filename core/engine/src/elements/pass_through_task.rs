//! Manual and undefined tasks: nothing to do for the engine, so they are passed through. Like the reference engine
//! they have no use for mappings.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct PassThroughTask;

impl Hooks for PassThroughTask {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Complete)
    }
}
