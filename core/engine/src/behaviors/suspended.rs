//! What an instance that is suspended does not do: which steps it keeps, and what rests in it. How that comes about is in `suspensions`.

use crate::follow_up::Step;
use crate::writers::Processing;
use ringbolt_record::values::PendingCommandRecord;
use ringbolt_record::{FollowUp, Key, MessageStep, PendingCommandIntent};
use ringbolt_tables::ElementInstanceState;

/// Follow-ups that an instance may keep before it refuses what would lead to more.
pub(crate) const HELD_MAX: u32 = 10_000;

/// Whether a step would move its instance, rather than end something in it or speak for it.
pub(crate) fn is_moving(follow_up: &FollowUp) -> bool {
    match follow_up {
        FollowUp::Activate { .. }
        | FollowUp::TakeFlows { .. }
        | FollowUp::Complete { .. }
        | FollowUp::Compensate { .. }
        | FollowUp::Condition { .. }
        | FollowUp::Spawn { .. } => true,
        // The messages' side goes on, whatever becomes of the instance, which takes no message then.
        FollowUp::Messages(step) => matches!(step, MessageStep::Open { .. }),
        FollowUp::Terminate { .. }
        | FollowUp::TerminateChildren { .. }
        | FollowUp::TerminateRange { .. }
        | FollowUp::Forget { .. }
        | FollowUp::Signal { .. }
        | FollowUp::Broadcast { .. }
        | FollowUp::BatchOperation { .. }
        | FollowUp::ForgetCompensations { .. }
        | FollowUp::Rest { .. }
        | FollowUp::Drain { .. }
        | FollowUp::ReleaseBanned { .. } => false,
    }
}

/// Whether what moves it has to be kept; no look at anything where no instance is suspended.
pub(crate) fn is_held(p: &Processing<'_>, step: &Step) -> bool {
    p.tables().has_suspended()
        && is_moving(&step.follow_up)
        && p.tables().is_suspended(step.process_instance_key)
}

/// Keeps a step until the instance goes on.
pub(crate) fn hold(p: &mut Processing<'_>, step: Step) {
    let key = p.next_key();
    let bytes = step.follow_up.to_bytes();
    let Step { process_instance_key, .. } = step;
    let record = PendingCommandRecord { process_instance_key, last: key, follow_ups: vec![&bytes] };
    p.append(PendingCommandIntent::Buffered, key, &record);
}

/// Whether an instance keeps as much as it may.
pub(crate) fn is_full(p: &Processing<'_>, process_instance_key: Key) -> bool {
    p.tables().is_suspended(process_instance_key) && p.tables().held_count(process_instance_key) >= HELD_MAX
}

/// Whether what an element instance waits for has to rest. What is being ended waits for what it asks to the end.
pub(crate) fn rests(p: &Processing<'_>, process_instance_key: Key, element_instance_key: Key) -> bool {
    p.tables().is_suspended(process_instance_key)
        && p.tables().element_instance_state(element_instance_key) != Some(ElementInstanceState::Terminating)
}
