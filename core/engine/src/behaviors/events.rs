//! The events of a scope: waiting for them, catching them, and what comes of those that were caught. Nothing else knows
//! what interrupting means.
//!
//! A scope is an element instance: an activity with the events attached to it, or what holds event sub-processes. What follows
//! once its children are gone stands in its row, so nothing here calls upwards.

use crate::aspects::mappings;
use crate::at::{At, element_ref};
use crate::behaviors::message_waits::{self, WaitedFor};
use crate::behaviors::{conditions, expressions, signals, timers};
use crate::failure::{Failure, Interruption, Unexpected};
use crate::follow_up::STEP_BYTES;
use crate::lifecycle;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_model::{Caught, EventDefinition, Schedule};
use ringbolt_record::values::{Arrival, Interrupts, ProcessEventRecord};
use ringbolt_record::{
    ElementIndex, FollowUp, Key, ProcessEventIntent, ProcessInstanceIntent, VariableDocument,
};
use ringbolt_tables::{
    Afterwards, ElementInstanceFlags, ElementInstanceRow, ElementInstanceState, EventSubscriptionRow,
    SubscriptionKind,
};

/// Most element instances in a scope that the step which interrupts it tells to end.
const ENDED_AT_ONCE_MAX: usize = 100;

/// Begins to wait for all events of a scope, or for none where an expression fails.
pub(crate) fn subscribe(p: &mut Processing<'_>, at: &At) -> Result<(), Failure> {
    let waits = to_wait_for(p, at, |_| true)?;
    wait_for(p, at, waits);
    Ok(())
}

/// What a scope is going to wait for: of each event that is wanted, by what its expressions give.
pub(crate) fn to_wait_for(
    p: &Processing<'_>,
    at: &At,
    is_wanted: impl Fn(ElementIndex) -> bool,
) -> Result<Vec<(ElementIndex, Wait)>, Failure> {
    let mut waits: Vec<(ElementIndex, Wait)> = Vec::new();
    for event in at.definition.process.waits(at.element.element_index).filter(|event| is_wanted(*event)) {
        if let Some(wait) = evaluate(p, at, event)? {
            waits.push((event, wait));
        }
    }
    // Kind by kind, as in the reference engine.
    waits.sort_by_key(|(_, wait)| wait.place());
    Ok(waits)
}

/// Begins to wait for events of a scope.
pub(crate) fn wait_for(p: &mut Processing<'_>, at: &At, waits: Vec<(ElementIndex, Wait)>) {
    let (instance, tenant_id) = (at.element.instance, &at.definition.tenant_id);
    for (event, wait) in waits {
        match wait {
            Wait::Message(waited_for) => {
                let ends = (event, ends_its_wait(at, event));
                message_waits::create(p, instance, at.key, ends, waited_for, tenant_id);
            }
            Wait::Signal(name) => signals::create(p, instance, at.key, event, &name, tenant_id),
            Wait::Condition => conditions::create(p, at, event, ends_its_wait(at, event)),
            Wait::Timer(schedule) => {
                let due = schedule.first(p.now.0);
                let _ = timers::create(p, instance, at.key, event, due, tenant_id);
            }
        }
    }
}

/// What an event is going to wait for.
pub(crate) enum Wait {
    Message(WaitedFor),
    Timer(Schedule),
    Signal(String),
    Condition,
}

impl Wait {
    fn place(&self) -> u8 {
        match self {
            Self::Message(_) => 0,
            Self::Timer(_) => 1,
            Self::Signal(_) => 2,
            Self::Condition => 3,
        }
    }
}

/// Evaluates what an event of a scope waits for. What mends a failure belongs where it was evaluated, whichever element the
/// incident is raised at.
fn evaluate(p: &Processing<'_>, at: &At, event: ElementIndex) -> Result<Option<Wait>, Failure> {
    let element = at.definition.element(event);
    if let Some(message) = element.message() {
        // The key of what is attached to an activity is known outside of that.
        let is_attached = matches!(element.when_caught(), Some(Caught::Boundary { .. }));
        let key_scope_key = if is_attached { at.element.flow_scope_key } else { at.key };
        return message_waits::evaluate(p, message, at.key, key_scope_key)
            .map(|wait| Some(Wait::Message(wait)));
    }
    let here = |failure| Failure { variable_scope_key: at.key, ..failure };
    if let Some(signal) = element.event().and_then(EventDefinition::signal) {
        let name = expressions::evaluate_known_name(p, &signal.name, at.key).map_err(here)?;
        return Ok(Some(Wait::Signal(name)));
    }
    if element.event().is_some_and(|event| event.condition().is_some()) {
        return Ok(Some(Wait::Condition));
    }
    let Some(timer) = element.event().and_then(EventDefinition::timer) else { return Ok(None) };
    let schedule = timers::schedule(p, timer, at.key).map_err(here)?;
    Ok(Some(Wait::Timer(schedule)))
}

/// Whether nothing waits for an event any more once it was caught.
pub(crate) fn ends_its_wait(at: &At, event: ElementIndex) -> bool {
    match at.definition.element(event).when_caught() {
        Some(Caught::Boundary { is_interrupting } | Caught::EventSubProcess { is_interrupting, .. }) => {
            is_interrupting
        }
        Some(Caught::Itself | Caught::Branch) | None => true,
    }
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
    for (key, row) in subscriptions(p, scope_key) {
        if !is_wanted(row.element_index) {
            continue;
        }
        close(p, scope_key, (key, row.kind), tenant_id);
    }
}

/// Waits for one event of a scope no more.
pub(crate) fn close(
    p: &mut Processing<'_>,
    scope_key: Key,
    (key, kind): (Key, SubscriptionKind),
    tenant_id: &str,
) {
    match kind {
        SubscriptionKind::Timer => timers::cancel(p, key, tenant_id),
        SubscriptionKind::Message => message_waits::close(p, key),
        SubscriptionKind::Condition => conditions::close(p, scope_key, key, tenant_id),
        SubscriptionKind::Signal => signals::close(p, scope_key, key),
    }
}

/// What a scope waits for: kind by kind, messages and signals by the length of their names, then by these, as in the reference engine.
pub(crate) fn subscriptions(p: &Processing<'_>, scope_key: Key) -> Vec<(Key, EventSubscriptionRow)> {
    let tables = p.tables();
    let mut found: Vec<(Key, EventSubscriptionRow)> = tables.event_subscriptions(scope_key).collect();
    let name = |key, kind| match kind {
        SubscriptionKind::Message => tables.message_wait(key).map(|wait| wait.message_name),
        SubscriptionKind::Signal => tables.named_subscription(scope_key, key).map(|wait| wait.name),
        SubscriptionKind::Timer | SubscriptionKind::Condition => None,
    };
    let rank = |(key, row): &(Key, EventSubscriptionRow)| {
        let name = name(*key, row.kind).unwrap_or_default();
        (row.kind, name.len(), name, *key)
    };
    found.sort_by(|a, b| rank(a).cmp(&rank(b)));
    found
}

/// Whether a scope can catch an event: it does its work, and nothing ends it already.
pub(crate) fn can_catch(
    p: &Processing<'_>,
    at: &At,
    scope: &ElementInstanceRow,
    event: ElementIndex,
) -> bool {
    let is_active = scope.state == ElementInstanceState::Activated
        && !goes_on(p, at, scope)
        && !matches!(scope.afterwards, Afterwards::Boundary(_))
        && lifecycle::may_stand(p, at.element.flow_scope_key, at.element.element_index);
    // What is attached to a scope concerns it as a whole, whatever has happened inside.
    let is_attached = matches!(
        at.definition.element(event).when_caught(),
        Some(Caught::Boundary { .. } | Caught::Itself | Caught::Branch)
    );
    is_active && (is_attached || !scope.flags.has(ElementInstanceFlags::INTERRUPTED))
}

/// Whether a scope has caught the event that it waited for itself, so that it only has to be left.
fn goes_on(p: &Processing<'_>, at: &At, scope: &ElementInstanceRow) -> bool {
    let ends = |event: ElementIndex| {
        matches!(at.definition.element(event).when_caught(), Some(Caught::Itself | Caught::Branch))
    };
    scope.flags.has(ElementInstanceFlags::TRIGGERS)
        && p.tables().event_triggers(at.key).any(|(_, trigger)| ends(trigger.element_index))
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
        Some(Caught::Itself | Caught::Branch) => {
            triggering(p, at, &event, Interrupts::Nothing, Key::NONE);
            p.follow_up(process_instance_key, FollowUp::Complete { key: at.key });
        }
        Some(Caught::Boundary { is_interrupting: true }) => {
            triggering(p, at, &event, Interrupts::Element, Key::NONE);
            p.follow_up(process_instance_key, FollowUp::Terminate { key: at.key });
        }
        Some(Caught::Boundary { is_interrupting: false }) => {
            triggering(p, at, &event, Interrupts::Nothing, Key::NONE);
            enter_caught(p, at, &event);
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
            end_children(p, at);
            Ok(())
        }
    }
}

/// Tells what stands in a scope to end: as much of it at once as a step may and the entry has room for, as in the reference engine.
fn end_children(p: &mut Processing<'_>, at: &At) {
    let process_instance_key = at.process_instance_key();
    let children = p.tables().children_after(at.key, Key::NONE);
    let children: Vec<Key> = children.take(ENDED_AT_ONCE_MAX + 1).collect();
    let mut after = Key::NONE;
    for (number, key) in children.into_iter().enumerate() {
        if number > 0 && (number == ENDED_AT_ONCE_MAX || !p.has_room(STEP_BYTES)) {
            p.follow_up(process_instance_key, FollowUp::TerminateChildren { scope_key: at.key, after });
            return;
        }
        p.follow_up(process_instance_key, FollowUp::Terminate { key });
        after = key;
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
        Some(Caught::Boundary { .. } | Caught::Branch) | None => return None,
    };
    let element = at.element.element_index;
    // One that was started at by hand does not take what is meant for the one that is to come once all else has ended.
    let scope = p.tables().element_instance(caught_by).filter(|scope| scope.arriving > 0);
    let is_to_come =
        |key| scope.as_ref().is_some_and(|row| row.afterwards == Afterwards::EventSubProcess(key));
    let mut triggers = p.tables().event_triggers(caught_by);
    let found = triggers.find(|(key, trigger)| trigger.element_index == element && !is_to_come(*key));
    let (key, variables) = found.map(|(key, trigger)| (key, document(trigger.variables)))?;
    drop(triggers);
    p.append(ProcessEventIntent::Triggered, key, &ProcessEventRecord { caught_by, ..record(at, element) });
    (!variables.is_empty()).then_some(variables)
}

/// Keeps what an element brings until it is left: what a script or a decision gave, or what has come back to a call activity.
pub(crate) fn keep_result(p: &mut Processing<'_>, at: &At, variables: Option<&VariableDocument>) {
    let text = variables.map(VariableDocument::to_json).unwrap_or_default();
    let event =
        CaughtEvent { key: p.next_key(), element: at.element.element_index, variables: brought(&text) };
    triggering(p, at, &event, Interrupts::Nothing, Key::NONE);
}

/// What was kept of what an element brings.
pub(crate) fn take_result(p: &mut Processing<'_>, at: &At) -> Option<VariableDocument> {
    let model = at.model();
    if model.call().is_none() && model.script().is_none() && model.decision().is_none() {
        return None;
    }
    let found = p
        .tables()
        .event_triggers(at.key)
        .find(|(_, trigger)| trigger.element_index == at.element.element_index);
    let (key, variables) = found.map(|(key, trigger)| (key, document(trigger.variables)))?;
    let record = record(at, at.element.element_index);
    p.append(ProcessEventIntent::Triggered, key, &record);
    Some(variables)
}

/// What an event brings that has these variables: nothing where there are none.
pub(crate) fn brought(variables: &[u8]) -> &[u8] {
    if variables == b"{}" { &[] } else { variables }
}

/// What an event brought.
fn document(text: &[u8]) -> VariableDocument {
    VariableDocument::parse(Bytes::copy_from_slice(text)).unwrap_or_default()
}

/// Enters an event that something has caught which stands beside it or has just ended; it is left in a later step.
fn enter_caught(p: &mut Processing<'_>, activity: &At, event: &CaughtEvent<'_>) {
    let scope_key = activity.element.flow_scope_key;
    let value = ProcessEventRecord { entered_in: scope_key, ..record(activity, event.element) };
    p.append(ProcessEventIntent::Triggered, event.key, &value);
    enter_in(p, activity, event.element, scope_key, event.variables);
}

/// Enters an event in a scope with what it brought; it is left in a later step. `outer` is an element instance of its process.
pub(super) fn enter_in(
    p: &mut Processing<'_>,
    outer: &At,
    event: ElementIndex,
    scope_key: Key,
    variables: &[u8],
) {
    let key = p.next_key();
    let element = element_ref(&outer.definition, outer.element.instance, event, scope_key);
    let at = outer.other(key, element);
    lifecycle::activating(p, &at, Arrival::Event);
    lifecycle::transition(p, &at, ProcessInstanceIntent::ElementActivated);
    mappings::keep_brought(p, &at, Some(&document(variables)));
    p.follow_up(at.process_instance_key(), FollowUp::Complete { key });
}

/// The event that is to be entered when an element instance that is ending has ended.
pub(crate) struct Interrupter {
    key: Key,
    element: ElementIndex,
    variables: Vec<u8>,
}

/// The event that an event-based gateway has caught, which is being left.
pub(crate) fn caught_by_gateway(p: &Processing<'_>, at: &At) -> Result<Interrupter, Unexpected> {
    let caught = p.tables().event_triggers(at.key).next();
    let caught = caught.map(|(key, trigger)| Interrupter {
        key,
        element: trigger.element_index,
        variables: trigger.variables.to_vec(),
    });
    caught.ok_or_else(|| at.unexpected(format!("'{}' goes on without an event", at.model().id)))
}

/// The boundary event that interrupted an element instance, if what it stands in still takes it.
pub(crate) fn interrupter(p: &Processing<'_>, key: Key, row: &ElementInstanceRow) -> Option<Interrupter> {
    let Afterwards::Boundary(event_key) = row.afterwards else { return None };
    let trigger = p.tables().event_trigger(key, event_key)?;
    let element = trigger.element_index;
    let is_taken = lifecycle::may_stand(p, row.element.flow_scope_key, element);
    is_taken.then(|| Interrupter { key: event_key, element, variables: trigger.variables.to_vec() })
}

/// Enters the event that has interrupted an element instance, or that it has waited for; it has ended.
pub(crate) fn enter_interrupter(
    p: &mut Processing<'_>,
    key: Key,
    row: &ElementInstanceRow,
    interrupter: &Interrupter,
) -> Result<(), Unexpected> {
    let at = At::find(p, key, row.element)?;
    enter(p, &at, interrupter);
    Ok(())
}

/// The same where the definition is at hand.
pub(crate) fn enter(p: &mut Processing<'_>, at: &At, Interrupter { key, element, variables }: &Interrupter) {
    enter_caught(p, at, &CaughtEvent { key: *key, element: *element, variables });
}

/// An element was left: where it was the last that stood in a scope that was interrupted, what follows.
pub(crate) fn make_room(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    match lifecycle::scope_of(p, at)? {
        Some(scope) if scope.active_children == 0 && scope.arriving > 0 => {
            go_on_interrupted(p, at.element.flow_scope_key, &scope)
        }
        Some(_) | None => Ok(()),
    }
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
