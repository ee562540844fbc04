//! An event that is caught on the way. The end of a link waits for nothing: whoever jumps there goes on at once, without
//! input mappings, as in the reference engine.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct IntermediateCatchEvent;

impl Hooks for IntermediateCatchEvent {
    fn activate(&self, _p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        if at.model().event().is_some_and(|event| event.link().is_some()) {
            return Ok(Next::Complete);
        }
        Err(at.unexpected(format!("'{}' waits for an event that nothing brings", at.model().id)).into())
    }
}
