//! The process itself: the outermost scope. When it completes, a waiting client gets its result.

use super::sub_process;
use crate::at::At;
use crate::behaviors::results;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct Process;

impl Hooks for Process {
    fn activate(&self, _p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        sub_process::none_start(at)
    }

    fn complete(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        results::answer_completed(p, at);
        Ok(())
    }
}
