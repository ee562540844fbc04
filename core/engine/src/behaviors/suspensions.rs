//! Suspended instances: what they keep until they go on, and how what they wait for rests.
//!
//! From its first event on a suspended instance does nothing by itself: the steps that would move it are kept, in the order in which they
//! came, and taken up first when it goes on. What ends something is done at once. Jobs and waits for messages are let rest element
//! instance by element instance, in slices, each in the entry that comes to it; a timer rests when its time comes; a signal is lost.
//!
//! So is it in Camunda 8.10 (its documentation, "Process instance suspension"; `ProcessInstanceSuspendProcessor`, `SuspensionBehavior`).

use crate::aspects::task_listeners;
use crate::behaviors::{jobs, message_waits, timers};
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_record::values::PendingCommandRecord;
use ringbolt_record::{
    BpmnElementType, FollowUp, JobIntent, Key, PendingCommandIntent, ProcessInstanceIntent,
};
use ringbolt_tables::{
    ElementInstanceFlags, ElementInstanceRow, ElementInstanceState, JobState, SubscriptionKind, Suspension,
};

/// Most element instances that one step sees to.
const SEEN_MAX: usize = 100;
/// The room that the next one must have in an entry, bytes.
const SEEN_BYTES: usize = 16 << 10;
/// Most kept follow-ups that one step takes up.
const DRAINED_MAX: usize = 50;

/// Suspends an instance.
pub(crate) fn begin(p: &mut Processing<'_>, key: Key, row: &ElementInstanceRow) {
    write(p, key, row, ProcessInstanceIntent::Suspended);
    see_to_all(p, key, false);
}

/// Lets an instance go on.
pub(crate) fn end(p: &mut Processing<'_>, key: Key, row: &ElementInstanceRow) {
    write(p, key, row, ProcessInstanceIntent::Resuming);
    p.follow_up(key, FollowUp::Drain { process_instance_key: key });
}

/// An instance is going to end that was suspended: what it has kept comes to nothing.
pub(crate) fn ends_with(p: &mut Processing<'_>, key: Key) {
    if p.tables().held_follow_ups(key, Key::NONE).next().is_some() {
        p.follow_up(key, FollowUp::Drain { process_instance_key: key });
    }
}

fn write(p: &mut Processing<'_>, key: Key, row: &ElementInstanceRow, intent: ProcessInstanceIntent) {
    let tenant_id = lifecycle::tenant_of(p, row.element.instance);
    let record = lifecycle::record(p, row.element, &tenant_id);
    p.append(intent, key, &record);
}

/// Takes up what an instance has kept, the oldest first, and comes back for the rest; then it sees to what rests.
pub(crate) fn drain(p: &mut Processing<'_>, process_instance_key: Key) {
    let held = p.tables().held_follow_ups(process_instance_key, Key::NONE).take(DRAINED_MAX);
    let held: Vec<(Key, FollowUp)> = held.collect();
    let (Some((first, _)), Some((last, _))) = (held.first(), held.last()) else {
        if p.tables().suspension(process_instance_key) == Some(Suspension::Resuming) {
            see_to_all(p, process_instance_key, true);
        }
        return;
    };
    let record = PendingCommandRecord { process_instance_key, last: *last, follow_ups: Vec::new() };
    p.append(PendingCommandIntent::Drained, *first, &record);
    for (_, follow_up) in held {
        p.follow_up(process_instance_key, follow_up);
    }
    p.follow_up(process_instance_key, FollowUp::Drain { process_instance_key });
}

/// Where a walk over the element instances of an instance is, parents first.
#[derive(Clone, Copy)]
struct Place {
    at: Key,
    within: Key,
}

/// Sees to all that is there now.
fn see_to_all(p: &mut Processing<'_>, process_instance_key: Key, ends: bool) {
    let last = p.next_key();
    p.follow_up(process_instance_key, FollowUp::Rest { at: Key::NONE, within: Key::NONE, last, ends });
}

/// Lets what the next element instances wait for rest, or wait again, and comes back for the others.
pub(crate) fn see_to_more(
    p: &mut Processing<'_>,
    process_instance_key: Key,
    (at, within, last): (Key, Key, Key),
    ends: bool,
) {
    let wanted = if ends { Suspension::Resuming } else { Suspension::Suspended };
    if p.tables().suspension(process_instance_key) != Some(wanted) {
        return;
    }
    let mut place = Place { at, within };
    for seen in 0..SEEN_MAX {
        if seen > 0 && !p.has_room(SEEN_BYTES) {
            break;
        }
        let Some(next) = after(p, process_instance_key, place, last) else {
            if ends && let Some(row) = p.tables().element_instance(process_instance_key) {
                write(p, process_instance_key, &row, ProcessInstanceIntent::Resumed);
            }
            return;
        };
        place = next;
        see_to(p, place.at, ends);
    }
    let Place { at, within } = place;
    p.follow_up(process_instance_key, FollowUp::Rest { at, within, last, ends });
}

/// The element instance that comes after another. Where the place is lost, because what was around it has ended, the walk begins again:
/// seeing to something twice does nothing.
fn after(p: &Processing<'_>, process_instance_key: Key, place: Place, last: Key) -> Option<Place> {
    let first = Place { at: process_instance_key, within: Key::NONE };
    let Place { mut at, mut within } = place;
    if at.is_none() {
        return Some(first);
    }
    let child = |scope_key, after| {
        let found = p.tables().children_after(scope_key, after).next().filter(|key| *key <= last);
        found.map(|at| Place { at, within: scope_key })
    };
    if let Some(inner) = child(at, Key::NONE) {
        return Some(inner);
    }
    while within.is_some() {
        if let Some(next) = child(within, at) {
            return Some(next);
        }
        at = within;
        match p.tables().element_instance_scope(at) {
            Some((outer, _)) => within = outer,
            None => return Some(first),
        }
    }
    None
}

/// Lets what an element instance waits for rest, or wait again. What is being ended waits for what it asks.
fn see_to(p: &mut Processing<'_>, key: Key, ends: bool) {
    let Some(row) = p.tables().element_instance(key) else { return };
    if row.state == ElementInstanceState::Terminating {
        return;
    }
    let is_user_task = row.element.element_type == BpmnElementType::UserTask;
    let listener = if is_user_task { task_listeners::job_of(p, &row) } else { Key::NONE };
    see_to_job(p, if listener.is_some() { listener } else { row.waits_for }, ends);
    if !row.flags.has(ElementInstanceFlags::SUBSCRIPTIONS) {
        return;
    }
    let subscriptions = p.tables().event_subscriptions(key).map(|(key, row)| (key, row.kind));
    let subscriptions: Vec<(Key, SubscriptionKind)> = subscriptions.collect();
    for (key, kind) in subscriptions {
        match (kind, ends) {
            (SubscriptionKind::Message, false) => message_waits::park(p, key),
            (SubscriptionKind::Message, true) => message_waits::reopen(p, key),
            (SubscriptionKind::Timer, true) => timers::resume(p, key),
            (SubscriptionKind::Timer, false)
            | (SubscriptionKind::Signal | SubscriptionKind::Condition, _) => {}
        }
    }
}

fn see_to_job(p: &mut Processing<'_>, key: Key, ends: bool) {
    let Some(job) = p.tables().job(key) else { return };
    match (job.state, ends) {
        (JobState::Activatable, false) => jobs::rest(p, key, &job),
        (JobState::Suspended, true) => {
            jobs::append(p, JobIntent::Resumed, key, &job, job.tenant_id(), jobs::Change::default());
            jobs::offer_again(p, key, &job);
        }
        _ => {}
    }
}
