//! An embedded sub-process: a scope of its own that starts at its none start event.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct SubProcess;

impl Hooks for SubProcess {
    fn activate(&self, _p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        none_start(at)
    }
}

/// A scope begins at its none start event.
pub(super) fn none_start(at: &At) -> Result<Next, Interruption> {
    match at.model().none_start {
        Some(start) => Ok(Next::Start(start)),
        None => Err(at.unexpected(format!("'{}' has no none start event", at.model().id)).into()),
    }
}
