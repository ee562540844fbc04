//! What no deployment brings: kinds that the model reads and checks, and this engine does not run yet.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct NotRun;

impl Hooks for NotRun {
    fn activate(&self, _p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        Err(at.unexpected(format!("'{}' cannot be run by this version", at.model().id)).into())
    }
}
