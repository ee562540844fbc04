//! An event attached to an activity: entered when it was caught, then passed through; its output mappings can shape what it brought.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct BoundaryEvent;

impl Hooks for BoundaryEvent {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Complete)
    }
}
