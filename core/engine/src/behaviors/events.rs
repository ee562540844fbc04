//! The events of a scope: waiting for them, catching them, and what comes of those that were caught. Nothing else knows
//! what interrupting means.
//!
//! A scope is an element instance: an activity with the events attached to it, or what holds event sub-processes. What follows
//! once its children are gone stands in its row, so nothing here calls upwards.

use crate::at::{At, element_ref};
use crate::behaviors::timers;
use crate::behaviors::variables::{self, Owner};
use crate::failure::{Failure, Interruption, Unexpected};
use crate::lifecycle;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_model::{Caught, EventDefinition, Schedule};
use ringbolt_record::values::{Arrival, Interrupts, ProcessEventRecord};
use ringbolt_record::{
    ElementIndex, FollowUp, Key, ProcessEventIntent, ProcessInstanceIntent, VariableDocument,
};
use ringbolt_tables::{
    Afterwards, ElementInstanceFlags, ElementInstanceRow, ElementInstanceState, SubscriptionKind,
};

/// Begins to wait for all events of a scope, or for none where an expression fails.
pub(crate) fn subscribe(p: &mut Processing<'_>, at: &At) -> Result<(), Failure> {
    let mut waits: Vec<(ElementIndex, Schedule)> = Vec::new();
    for element in at.definition.process.waits(at.element.element_index) {
        if let Some(timer) = at.definition.element(element).event().and_then(EventDefinition::timer) {
            let schedule = timers::schedule(p, timer, at.key);
            // What mends it belongs there, whichever element the incident is raised at.
            let schedule = schedule.map_err(|failure| Failure { variable_scope_key: at.key, ..failure })?;
            waits.push((element, schedule));
        }
    }
    for (event, schedule) in waits {
        let due = schedule.first(p.now.0);
        timers::create(p, at.element.instance, at.key, event, due, &at.definition.tenant_id);
    }
    Ok(())
}

/// The same for the scope around an element with which it begins.
pub(crate) fn subscribe_around(p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
    let scope_key = at.element.flow_scope_key;
    match lifecycle::scope_of(p, at)? {
        Some(scope) => Ok(subscribe(p, &at.other(scope_key, scope.element))?),
        None => Ok(()),
    }
}

/// Waits for no event of a scope any more. Rests on the state alone.
pub(crate) fn unsubscribe(p: &mut Processing<'_>, scope_key: Key, tenant_id: &str) {
    unsubscribe_from(p, scope_key, tenant_id, |_| true);
}

fn unsubscribe_from(
    p: &mut Processing<'_>,
    scope_key: Key,
    tenant_id: &str,
    is_wanted: impl Fn(ElementIndex) -> bool,
) {
    let found = p.tables().event_subscriptions(scope_key);
    let found: Vec<(Key, SubscriptionKind)> =
        found.filter(|(_, row)| is_wanted(row.element_index)).map(|(key, row)| (key, row.kind)).collect();
    for (key, kind) in found {
        match kind {
            SubscriptionKind::Timer => timers::cancel(p, key, tenant_id),
        }
    }
}

/// Whether a scope can catch an event: it does its work, and nothing ends it already.
pub(crate) fn can_catch(
    p: &Processing<'_>,
    at: &At,
    scope: &ElementInstanceRow,
    event: ElementIndex,
) -> bool {
    let is_active = scope.state == ElementInstanceState::Activated
        && !matches!(scope.afterwards, Afterwards::Boundary(_))
        && lifecycle::may_stand(p, at.element.flow_scope_key, at.element.element_index);
    // What is attached to a scope concerns it as a whole, whatever has happened inside.
    let is_attached =
        matches!(at.definition.element(event).when_caught(), Some(Caught::Boundary { .. } | Caught::Itself));
    is_active && (is_attached || !scope.flags.has(ElementInstanceFlags::INTERRUPTED))
}

/// A scope has caught an event.
pub(crate) fn trigger(
    p: &mut Processing<'_>,
    at: &At,
    element: ElementIndex,
    variables: &[u8],
) -> Result<(), Unexpected> {
    let event = CaughtEvent { key: p.next_key(), element, variables };
    let process_instance_key = at.process_instance_key();
    match at.definition.element(element).when_caught() {
        Some(Caught::Itself) => {
            triggering(p, at, &event, Interrupts::Nothing, Key::NONE);
            p.follow_up(process_instance_key, FollowUp::Complete { key: at.key });
        }
        Some(Caught::Boundary { is_interrupting: true }) => {
            triggering(p, at, &event, Interrupts::Element, Key::NONE);
            p.follow_up(process_instance_key, FollowUp::Terminate { key: at.key });
        }
        Some(Caught::Boundary { is_interrupting: false }) => {
            triggering(p, at, &event, Interrupts::Nothing, Key::NONE);
            enter_boundary(p, at, &event);
        }
        Some(Caught::EventSubProcess { element, is_interrupting: false }) => {
            triggering(p, at, &event, Interrupts::Nothing, at.key);
            enter_event_sub_process(p, at, element);
        }
        Some(Caught::EventSubProcess { element, is_interrupting: true }) => {
            triggering(p, at, &event, Interrupts::Scope(element), at.key);
            interrupt(p, at)?;
        }
        None => {
            return Err(at.unexpected(format!("'{}' catches no event", at.definition.element(element).id)));
        }
    }
    Ok(())
}

/// Ends what stands in a scope, so that an event sub-process takes its place.
fn interrupt(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    let starts = |event: ElementIndex| {
        matches!(at.definition.element(event).when_caught(), Some(Caught::EventSubProcess { .. }))
    };
    unsubscribe_from(p, at.key, &at.definition.tenant_id, starts);
    match p.tables().element_instance(at.key) {
        Some(scope) if scope.active_children == 0 => go_on_interrupted(p, at.key, &scope),
        Some(_) | None => {
            let children = FollowUp::TerminateChildren { scope_key: at.key, after: Key::NONE };
            p.follow_up(at.process_instance_key(), children);
            Ok(())
        }
    }
}

fn enter_event_sub_process(p: &mut Processing<'_>, scope: &At, element: ElementIndex) {
    let element = element_ref(&scope.definition, scope.element.instance, element, scope.key);
    let key = p.next_key();
    p.follow_up(scope.process_instance_key(), FollowUp::Activate { key, element, arrival: Arrival::Event });
}

/// An event that was caught.
struct CaughtEvent<'a> {
    key: Key,
    element: ElementIndex,
    variables: &'a [u8],
}

/// Writes that an event was caught.
fn triggering(
    p: &mut Processing<'_>,
    at: &At,
    event: &CaughtEvent<'_>,
    interrupts: Interrupts,
    entered_in: Key,
) {
    let value = ProcessEventRecord {
        interrupts,
        entered_in,
        variables: event.variables,
        ..record(at, event.element)
    };
    p.append(ProcessEventIntent::Triggering, event.key, &value);
}

/// What the records of an event have in common, of the element instance that waited for it.
fn record(at: &At, element: ElementIndex) -> ProcessEventRecord<'_> {
    ProcessEventRecord {
        instance: at.element.instance,
        scope_key: at.key,
        caught_by: at.key,
        element_index: element,
        interrupts: Interrupts::Nothing,
        entered_in: Key::NONE,
        variables: &[],
        tenant_id: &at.definition.tenant_id,
    }
}

/// An element is being left that an event has started or ended: what the event brought. None where it was taken up before.
pub(crate) fn take_up(p: &mut Processing<'_>, at: &At) -> Option<VariableDocument> {
    let caught_by = match at.model().when_caught() {
        Some(Caught::Itself) => at.key,
        Some(Caught::EventSubProcess { .. }) => {
            p.tables().element_instance_scope(at.element.flow_scope_key).map_or(Key::NONE, |(scope, _)| scope)
        }
        Some(Caught::Boundary { .. }) | None => return None,
    };
    let element = at.element.element_index;
    let mut triggers = p.tables().event_triggers(caught_by);
    let found = triggers.find(|(_, trigger)| trigger.element_index == element);
    let (key, variables) = found.map(|(key, trigger)| (key, document(trigger.variables)))?;
    drop(triggers);
    p.append(ProcessEventIntent::Triggered, key, &ProcessEventRecord { caught_by, ..record(at, element) });
    Some(variables)
}

/// What an event brought.
fn document(text: &[u8]) -> VariableDocument {
    VariableDocument::parse(Bytes::copy_from_slice(text)).unwrap_or_default()
}

/// Enters a boundary event of an activity that stands beside it or has just ended; it is left in a later step.
fn enter_boundary(p: &mut Processing<'_>, activity: &At, event: &CaughtEvent<'_>) {
    let scope_key = activity.element.flow_scope_key;
    let value = ProcessEventRecord { entered_in: scope_key, ..record(activity, event.element) };
    p.append(ProcessEventIntent::Triggered, event.key, &value);
    let key = p.next_key();
    let element = element_ref(&activity.definition, activity.element.instance, event.element, scope_key);
    let at = activity.other(key, element);
    lifecycle::activating(p, &at, Arrival::Event);
    lifecycle::transition(p, &at, ProcessInstanceIntent::ElementActivated);
    keep_variables(p, &at, event.variables);
    p.follow_up(at.process_instance_key(), FollowUp::Complete { key });
}

/// Keeps what an event brought in its own scope, where its output mappings find it.
fn keep_variables(p: &mut Processing<'_>, at: &At, text: &[u8]) {
    let document = document(text);
    let owner = Owner { instance: at.element.instance, tenant_id: &at.definition.tenant_id };
    for (name, value) in document.iter() {
        variables::set_local(p, owner, at.key, name, value);
    }
}

/// The boundary event that is to be entered when an element instance that is ending has ended.
pub(crate) struct Interrupter {
    key: Key,
    element: ElementIndex,
    variables: Vec<u8>,
}

/// The boundary event that interrupted an element instance, if what it stands in still takes it.
pub(crate) fn interrupter(p: &Processing<'_>, key: Key, row: &ElementInstanceRow) -> Option<Interrupter> {
    let Afterwards::Boundary(event_key) = row.afterwards else { return None };
    let trigger = p.tables().event_trigger(key, event_key)?;
    let element = trigger.element_index;
    let is_taken = lifecycle::may_stand(p, row.element.flow_scope_key, element);
    is_taken.then(|| Interrupter { key: event_key, element, variables: trigger.variables.to_vec() })
}

/// Enters the boundary event that interrupted an element instance, which has ended.
pub(crate) fn enter_interrupter(
    p: &mut Processing<'_>,
    key: Key,
    row: &ElementInstanceRow,
    interrupter: &Interrupter,
) -> Result<(), Unexpected> {
    let at = At::find(p, key, row.element)?;
    let Interrupter { key, element, variables } = interrupter;
    enter_boundary(p, &at, &CaughtEvent { key: *key, element: *element, variables });
    Ok(())
}

/// Nothing stands any more in a scope that was interrupted: what follows. Nothing does in one that was not.
pub(crate) fn go_on_interrupted(
    p: &mut Processing<'_>,
    scope_key: Key,
    scope: &ElementInstanceRow,
) -> Result<(), Unexpected> {
    if !scope.flags.has(ElementInstanceFlags::INTERRUPTED) {
        return Ok(());
    }
    match scope.afterwards {
        Afterwards::Completed => {
            let process_instance_key = scope.element.instance.process_instance_key;
            p.follow_up(process_instance_key, FollowUp::Complete { key: scope_key });
        }
        Afterwards::EventSubProcess(event) if p.tables().event_trigger(scope_key, event).is_some() => {
            let at = At::find(p, scope_key, scope.element)?;
            enter_event_sub_process(p, &at, scope.interrupter);
        }
        Afterwards::Usual | Afterwards::Boundary(_) | Afterwards::EventSubProcess(_) => {}
    }
    Ok(())
}
