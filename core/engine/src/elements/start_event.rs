//! A none start event: passed through; its output mappings can shape the instance's variables.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct StartEvent;

impl Hooks for StartEvent {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Complete)
    }
}
