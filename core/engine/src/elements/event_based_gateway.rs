//! An event-based gateway: waits for the events behind it. The first that comes is entered in its place.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Flows, Hooks, Next};
use crate::writers::Processing;

pub(crate) struct EventBasedGateway;

impl Hooks for EventBasedGateway {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Wait)
    }

    fn way_out(&self, _at: &At) -> Flows {
        Flows::Branch
    }
}
