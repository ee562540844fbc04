//! The process itself: the outermost scope. When it completes, a waiting client gets its result.

use super::{Behavior, sub_process};
use crate::behaviors::{incidents, results};
use crate::failure::Interruption;
use crate::lifecycle::{At, transition};
use crate::writers::Processing;
use ringbolt_record::{ProcessInstanceIntent, VariableDocument};

pub(crate) struct Process;

impl Behavior for Process {
    fn on_activate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        sub_process::start(p, at)
    }

    fn on_complete(
        &self,
        p: &mut Processing<'_>,
        at: &At,
        _variables: Option<&VariableDocument>,
    ) -> Result<(), Interruption> {
        // The result is read before the instance's variables go with it.
        results::answer_completed(p, at);
        transition(p, at, ProcessInstanceIntent::ElementCompleted);
        Ok(())
    }

    fn on_terminate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        incidents::resolve_all_of(p, at);
        transition(p, at, ProcessInstanceIntent::ElementTerminated);
        results::answer_terminated(p, at);
        Ok(())
    }
}
