//! What each kind of element does when it is entered, left or ended. One file per kind; see
//! `docs/dev/adding-an-element.md`.

pub(crate) mod called_decision;
pub(crate) mod end_event;
pub(crate) mod exclusive_gateway;
pub(crate) mod job_worker_task;
pub(crate) mod parallel_gateway;
pub(crate) mod pass_through_task;
pub(crate) mod process;
pub(crate) mod start_event;
pub(crate) mod sub_process;

use crate::behaviors::incidents;
use crate::failure::Interruption;
use crate::lifecycle::{self, At, transition};
use crate::writers::Processing;
use ringbolt_record::{FollowUp, ProcessInstanceIntent, VariableDocument};

/// The hooks of a kind of element. The event that begins a phase (activating, completing, terminating) is written
/// before the hook is called; the one that ends it is the hook's to write.
pub(crate) trait Behavior {
    /// The element is entered. May be called again after an incident.
    fn on_activate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption>;

    /// The element is left, with variables if its event brought some. May be called again after an incident.
    fn on_complete(
        &self,
        p: &mut Processing<'_>,
        at: &At,
        variables: Option<&VariableDocument>,
    ) -> Result<(), Interruption>;

    /// The element is ended; nothing stands in it any more.
    fn on_terminate(&self, p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
        incidents::resolve_all_of(p, at);
        transition(p, at, ProcessInstanceIntent::ElementTerminated);
        Ok(lifecycle::on_child_terminated(p, at)?)
    }
}

/// Leaves an element in a later step.
pub(crate) fn complete_later(p: &mut Processing<'_>, at: &At) {
    p.follow_up(at.element.instance.process_instance_key, FollowUp::Complete { key: at.key });
}
