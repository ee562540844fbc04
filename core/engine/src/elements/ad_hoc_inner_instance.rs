//! What stands around an element that was chosen in an ad-hoc sub-process. It is entered with that element, never by itself.

use crate::at::At;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct AdHocInnerInstance;

impl Hooks for AdHocInnerInstance {
    fn activate(&self, _p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        Err(at.unexpected(format!("'{}' is entered with what was chosen only", at.model().id)).into())
    }
}
