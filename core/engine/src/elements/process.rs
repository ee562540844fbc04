//! The process itself: the outermost scope. When it completes, a waiting client gets its result.

use super::sub_process;
use crate::at::At;
use crate::behaviors::{results, starts};
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct Process;

impl Hooks for Process {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        let is_plain = at.model().starts.len() == 1 && at.model().none_start.is_some();
        let caught = if is_plain { None } else { starts::caught(p, at) };
        caught.map_or_else(|| sub_process::none_start(at), |caught| Ok(Next::StartBy(caught)))
    }

    fn complete(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        results::answer_completed(p, at);
        Ok(())
    }
}
