//! Which event of an element instance may come in which of its states. Frozen with the appliers, which hold every log
//! against it.

use ringbolt_record::ProcessInstanceIntent;
use ringbolt_tables::ElementInstanceState;

/// Whether an event may come in a state. None is an element instance that is not there yet.
pub(super) fn may_follow(state: Option<ElementInstanceState>, intent: ProcessInstanceIntent) -> bool {
    use ElementInstanceState as State;
    match intent {
        ProcessInstanceIntent::ElementActivating => state.is_none(),
        ProcessInstanceIntent::ElementActivated => state == Some(State::Activating),
        ProcessInstanceIntent::ElementCompleting => state == Some(State::Activated),
        ProcessInstanceIntent::ElementCompleted => state == Some(State::Completing),
        ProcessInstanceIntent::ElementTerminating => {
            matches!(state, Some(State::Activating | State::Activated | State::Completing))
        }
        ProcessInstanceIntent::ElementTerminated => state == Some(State::Terminating),
        ProcessInstanceIntent::Cancel
        | ProcessInstanceIntent::SequenceFlowTaken
        | ProcessInstanceIntent::ActivateElement
        | ProcessInstanceIntent::CompleteElement
        | ProcessInstanceIntent::TerminateElement
        | ProcessInstanceIntent::SequenceFlowDeleted
        | ProcessInstanceIntent::ElementMigrated
        | ProcessInstanceIntent::AncestorMigrated
        | ProcessInstanceIntent::Canceling
        | ProcessInstanceIntent::Suspend
        | ProcessInstanceIntent::Suspended
        | ProcessInstanceIntent::Resume
        | ProcessInstanceIntent::Resumed
        | ProcessInstanceIntent::Resuming => false,
    }
}
