//! What waits for an event of its own: an event on a path, or a task that receives a message.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct WaitingEvent;

impl Hooks for WaitingEvent {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Wait)
    }
}
