//! Follow-ups within an entry, first in first out, and what becomes of those beyond its bounds: they are put off, by
//! instance, and taken up in the instance's turn.

use crate::aspects::{ad_hoc, multi_instance};
use crate::behaviors::{
    bans, broadcasts, caught_conditions, compensated, compensations, correlations, results_of_items,
    suspended, suspensions,
};
use crate::commands::batch_operation::execute;
use crate::drive;
use crate::ending;
use crate::failure::Unexpected;
use crate::follow_up::Step;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_record::values::PendingCommandRecord;
use ringbolt_record::{FollowUp, Key, PendingCommandIntent};

/// Takes the steps in turn until none is left or a bound is reached; what is left is put off.
pub(crate) fn run(p: &mut Processing<'_>) -> Result<(), Unexpected> {
    while p.has_turn() {
        let Some(step) = p.next_step() else { return Ok(()) };
        if !take(p, step, Room::Shared)? {
            p.put_back(step);
            break;
        }
    }
    put_off(p);
    assert!(!p.has_overflowed(), "the room for steps that are put off is reserved");
    Ok(())
}

/// Takes up what an instance put off, oldest first, until nothing is left or a bound is reached.
pub(crate) fn take_up(p: &mut Processing<'_>, process_instance_key: Key) -> Result<(), Unexpected> {
    let mut taken: Option<(Key, Key)> = None;
    let mut next = p.tables().first_follow_up(process_instance_key);
    while let Some((key, follow_up)) = next {
        let room = if taken.is_none() { Room::Alone } else { Room::Shared };
        let step = Step { process_instance_key, follow_up };
        p.take_up(key);
        if !p.has_turn() || !take_or_ban(p, step, room)? {
            p.take_no_more();
            break;
        }
        taken = Some((taken.map_or(key, |(first, _)| first), key));
        next = p.tables().next_follow_up(process_instance_key, key);
    }
    if let Some((first, last)) = taken {
        let record = PendingCommandRecord { process_instance_key, last, follow_ups: Vec::new() };
        p.use_tail();
        p.append(PendingCommandIntent::Continued, first, &record);
    }
    Ok(())
}

/// What else is in the entry that a step is taken in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// What came before it: a step that does not fit is to be taken in another entry.
    Shared,
    /// Nothing: a step that does not fit here fits nowhere.
    Alone,
}

/// Takes a step. One that does not fit beside the rest of the entry leaves no trace, and the answer is false; one that
/// does not even fit alone raises an incident.
fn take(p: &mut Processing<'_>, step: Step, room: Room) -> Result<bool, Unexpected> {
    let mark = p.begin();
    let units_before = p.expression_units();
    let result = run_one(p, step);
    // With all units of an entry of its own it may well do.
    let is_starved = units_before > 0 && room == Room::Shared && p.expressions_are_exhausted();
    let is_too_large = p.has_overflowed() || is_starved;
    if result.is_ok() && !is_too_large {
        p.keep_step();
        p.count_turn();
        return Ok(true);
    }
    p.roll_back(mark);
    if is_too_large {
        p.note_undone();
    }
    match room {
        _ if !is_too_large => result.map(|()| true),
        Room::Shared => Ok(false),
        Room::Alone => {
            give_up(p, step)?;
            p.count_turn();
            Ok(true)
        }
    }
}

/// Takes a step that was put off. It must not stay there for ever: where something unexpected happens its instance is
/// banned here and now, and of a banned instance only what ends it is taken.
fn take_or_ban(p: &mut Processing<'_>, step: Step, room: Room) -> Result<bool, Unexpected> {
    if p.tables().is_banned(step.process_instance_key) && !is_ending(&step) {
        if let FollowUp::Activate { key, element, arrival } = step.follow_up {
            drive::give_up_on(p, key, element, arrival);
        }
        p.count_turn();
        return Ok(true);
    }
    match take(p, step, room) {
        Ok(is_taken) => Ok(is_taken),
        Err(unexpected) => {
            let process_instance_key = step.process_instance_key;
            if !p.tables().is_banned(process_instance_key) {
                bans::ban(p, process_instance_key, &unexpected.message);
            }
            p.count_turn();
            Ok(true)
        }
    }
}

fn is_ending(step: &Step) -> bool {
    !suspended::is_moving(&step.follow_up)
}

fn run_one(p: &mut Processing<'_>, step: Step) -> Result<(), Unexpected> {
    if suspended::is_held(p, &step) {
        suspended::hold(p, step);
        return Ok(());
    }
    match step.follow_up {
        FollowUp::Activate { key, element, arrival } => drive::activate(p, key, element, arrival),
        FollowUp::TakeFlows { key, element, taken } => lifecycle::take_more_flows(p, key, element, taken),
        FollowUp::Complete { key } => drive::complete(p, key),
        FollowUp::Terminate { key } => ending::terminate(p, key),
        FollowUp::TerminateChildren { scope_key, after } => {
            ending::terminate_children(p, scope_key, after);
            Ok(())
        }
        FollowUp::TerminateRange { scope_key, after, last } => {
            ad_hoc::end_range(p, step.process_instance_key, scope_key, after, last);
            Ok(())
        }
        FollowUp::Forget { body_key } => {
            results_of_items::forget(p, step.process_instance_key, body_key);
            Ok(())
        }
        FollowUp::Spawn { body_key, next } => multi_instance::spawn(p, body_key, next),
        FollowUp::Condition { scope_key, key } => caught_conditions::take(p, scope_key, key),
        FollowUp::Compensate { throw_event_key, next, before } => {
            compensations::go_on(p, throw_event_key, next, before)
        }
        FollowUp::ForgetCompensations { scope_key } => {
            compensated::forget_more(p, step.process_instance_key, scope_key);
            Ok(())
        }
        FollowUp::Broadcast { key } => broadcasts::broadcast_thrown(p, key),
        FollowUp::Signal { key, after } => broadcasts::go_on(p, key, after),
        FollowUp::BatchOperation { key } => {
            execute::go_on(p, key);
            Ok(())
        }
        FollowUp::Rest { at, within, last, ends } => {
            suspensions::see_to_more(p, step.process_instance_key, (at, within, last), ends);
            Ok(())
        }
        FollowUp::Drain { process_instance_key } => {
            suspensions::drain(p, process_instance_key);
            Ok(())
        }
        FollowUp::ReleaseBanned { process_instance_key } => {
            bans::release(p, process_instance_key);
            Ok(())
        }
        FollowUp::Messages(message) => correlations::take(p, message, step.process_instance_key),
    }
}

/// Brings an element instance to where the step would have begun, and raises an incident there.
fn give_up(p: &mut Processing<'_>, step: Step) -> Result<(), Unexpected> {
    match step.follow_up {
        FollowUp::Activate { key, element, arrival } => drive::activate_too_large(p, key, element, arrival),
        FollowUp::Complete { key } => drive::complete_too_large(p, key, None),
        FollowUp::BatchOperation { key } => {
            execute::give_up(p, key);
            Ok(())
        }
        FollowUp::TakeFlows { .. }
        | FollowUp::Terminate { .. }
        | FollowUp::TerminateChildren { .. }
        | FollowUp::TerminateRange { .. }
        | FollowUp::Spawn { .. }
        | FollowUp::Forget { .. }
        | FollowUp::Signal { .. }
        | FollowUp::Broadcast { .. }
        | FollowUp::Compensate { .. }
        | FollowUp::Condition { .. }
        | FollowUp::ForgetCompensations { .. }
        | FollowUp::Rest { .. }
        | FollowUp::Drain { .. }
        | FollowUp::ReleaseBanned { .. }
        | FollowUp::Messages(_) => {
            let message = "A step that is always small does not fit into an entry of the log";
            Err(Unexpected::new(step.process_instance_key, message))
        }
    }
}

/// Puts off everything that is left in the queue: one record for each instance.
pub(crate) fn put_off(p: &mut Processing<'_>) {
    while let Some((process_instance_key, follow_ups)) = p.next_left() {
        let bytes: Vec<Box<[u8]>> = follow_ups.iter().map(FollowUp::to_bytes).collect();
        let first = p.next_keys(follow_ups.len());
        let record = PendingCommandRecord {
            process_instance_key,
            last: Key(first.0 + follow_ups.len() as u64 - 1),
            follow_ups: bytes.iter().map(|bytes| &**bytes).collect(),
        };
        p.note_put_off(process_instance_key);
        p.append(PendingCommandIntent::Created, first, &record);
    }
}
