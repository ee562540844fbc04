//! A call activity: it runs an instance of a process, and is left when that has completed.

use crate::at::At;
use crate::behaviors::calls;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct CallActivity;

impl Hooks for CallActivity {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        Ok(Next::Call(calls::prepare(p, at)?))
    }
}
