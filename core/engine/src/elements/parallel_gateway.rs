//! A parallel gateway: entered once every incoming flow was taken, then all outgoing flows are. In one step.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Flows, Hooks, Next};
use crate::writers::Processing;

pub(crate) struct ParallelGateway;

impl Hooks for ParallelGateway {
    fn activate(&self, _p: &mut Processing<'_>, _at: &At) -> Result<Next, Interruption> {
        Ok(Next::Pass(Flows::All))
    }
}
