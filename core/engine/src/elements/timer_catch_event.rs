//! An event on a path that waits for a time.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct TimerCatchEvent;

impl Hooks for TimerCatchEvent {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Wait)
    }
}
