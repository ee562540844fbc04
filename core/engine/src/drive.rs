//! The one driver of phases: it writes the events of an element's life, applies its aspects, asks its hooks, and does
//! what they answer. No hook calls onward, and nothing here recurses through scopes.
//!
//! A step checks whether it still applies before it does anything: what it was meant for may have been ended in
//! between. A step that no longer applies is dropped without a trace.

use crate::aspects::{ad_hoc, listeners, mappings, multi_instance};
use crate::at::At;
use crate::behaviors::{
    broadcasts, business_ids, calls, compensated, compensations, events, freed_business_ids, incidents, jobs,
    joins, message_starts, starts, thrown,
};
use crate::elements;
use crate::failure::{Failure, Interruption, Unexpected};
use crate::hook::{Flows, Hooks, Next};
use crate::lifecycle::{self, Takes};
use crate::writers::Processing;
use ringbolt_model::{Flags, ListenerPhase};
use ringbolt_record::values::{Arrival, ElementInstanceRef, VariableDocumentRecord};
use ringbolt_record::{
    ElementIndex, FollowUp, Key, ProcessInstanceIntent, VariableDocument, VariableDocumentIntent,
};
use ringbolt_tables::{ElementInstanceState, JobRow};

/// Enters an element.
pub(crate) fn activate(
    p: &mut Processing<'_>,
    key: Key,
    element: ElementInstanceRef,
    arrival: Arrival,
) -> Result<(), Unexpected> {
    let Some(at) = begin_activating(p, key, element, arrival)? else { return Ok(()) };
    let result = enter(p, &at);
    settle(p, &at, result)
}

/// Enters an element as far as the incident that its work does not fit into an entry.
pub(crate) fn activate_too_large(
    p: &mut Processing<'_>,
    key: Key,
    element: ElementInstanceRef,
    arrival: Arrival,
) -> Result<(), Unexpected> {
    let Some(at) = begin_activating(p, key, element, arrival)? else { return Ok(()) };
    settle(p, &at, Err(incidents::too_large(&at).into()))
}

/// Brings an element instance to the state in which its work begins; none where the step does not apply.
fn begin_activating(
    p: &mut Processing<'_>,
    key: Key,
    element: ElementInstanceRef,
    arrival: Arrival,
) -> Result<Option<At>, Unexpected> {
    let takes = lifecycle::takes(p, element.flow_scope_key, element.element_index);
    if takes == Takes::Nothing {
        give_up_on(p, key, element, arrival);
        return Ok(None);
    }
    let at = At::find(p, key, element)?;
    match p.tables().element_instance_state(key) {
        // It has ended before it went on.
        None if arrival == Arrival::Again => return Ok(None),
        None => {
            // What was promised before the event came is not any more, even where it is the same element.
            if takes == Takes::ByEvent && arrival != Arrival::Event {
                give_up_on(p, key, element, arrival);
                return Ok(None);
            }
            if matches!(arrival, Arrival::Join(_)) && !can_join(p, &at) {
                return Ok(None);
            }
            lifecycle::activating(p, &at, arrival);
        }
        Some(ElementInstanceState::Activating) => {}
        Some(
            ElementInstanceState::Activated
            | ElementInstanceState::Completing
            | ElementInstanceState::Terminating,
        ) => return Ok(None),
    }
    Ok(Some(at))
}

/// An element is never entered: what a modification has set for it goes.
pub(crate) fn give_up_on(p: &mut Processing<'_>, key: Key, element: ElementInstanceRef, arrival: Arrival) {
    let is_there = |p: &Processing<'_>| p.tables().element_instance_state(key).is_some();
    if arrival != Arrival::Modification || is_there(p) || p.tables().variables(key).next().is_none() {
        return;
    }
    let tenant_id = lifecycle::tenant_of(p, element.instance);
    let record = VariableDocumentRecord { scope_key: key, is_local: true, tenant_id: &tenant_id };
    let document_key = p.next_key();
    p.append(VariableDocumentIntent::Deleted, document_key, &record);
}

/// Does what entering an element means.
fn enter(p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
    let flags = at.model().flags;
    let listens = flags.has(Flags::HAS_LISTENERS);
    if !(listens && listeners::has_begun(p, at, ListenerPhase::Start)) {
        if flags.has(Flags::IS_REPEATED) {
            multi_instance::enter_item(p, at)?;
        }
        if flags.has(Flags::IS_AD_HOC) {
            ad_hoc::begin(p, at)?;
        }
        if flags.has(Flags::HAS_INPUTS) {
            mappings::apply_inputs(p, at)?;
        }
    }
    if listens && listeners::wait(p, at, ListenerPhase::Start)? {
        return Ok(());
    }
    work(p, at)
}

/// Lets what has done its work complete, in a step of its own.
fn complete_if(p: &mut Processing<'_>, at: &At, is_done: bool) {
    if is_done {
        p.follow_up(at.process_instance_key(), FollowUp::Complete { key: at.key });
    }
}

/// Begins the work of an element.
fn work(p: &mut Processing<'_>, at: &At) -> Result<(), Interruption> {
    let hooks = elements::hooks_of(&at.model().kind);
    let activated = ProcessInstanceIntent::ElementActivated;
    match hooks.activate(p, at)? {
        Next::Wait => {
            subscribe(p, at)?;
            stand(p, at, hooks)?;
        }
        Next::Stand => stand(p, at, hooks)?,
        Next::Job(job) => {
            subscribe(p, at)?;
            jobs::create(p, at, &job);
            lifecycle::transition(p, at, activated);
        }
        Next::Call(definition) => {
            subscribe(p, at)?;
            lifecycle::transition(p, at, activated);
            calls::begin(p, at, definition);
        }
        Next::Repeat(items) => {
            subscribe(p, at)?;
            multi_instance::begin(p, at, &items)?;
        }
        Next::Choose(elements) => {
            subscribe(p, at)?;
            lifecycle::transition(p, at, activated);
            ad_hoc::enter_all(p, at, elements)?;
        }
        Next::Complete => {
            lifecycle::transition(p, at, activated);
            complete_if(p, at, true);
        }
        Next::CompleteWith(variables) => {
            events::keep_result(p, at, Some(&variables));
            lifecycle::transition(p, at, activated);
            complete_if(p, at, true);
        }
        Next::Pass(flows) => {
            pass(p, at);
            lifecycle::leave(p, at, flows)?;
        }
        Next::Escalate(code) => {
            lifecycle::transition(p, at, activated);
            let goes_on = thrown::escalate(p, at, &code)? == thrown::Escalated::GoesOn;
            complete_if(p, at, goes_on);
        }
        Next::Compensate => {
            lifecycle::transition(p, at, activated);
            let waits = compensations::trigger(p, at)?;
            complete_if(p, at, !waits);
        }
        Next::Broadcast(name, variables) => {
            lifecycle::transition(p, at, activated);
            broadcasts::throw(p, at, &name, &variables.to_json());
            complete_if(p, at, true);
        }
        Next::PassBy(flows) => {
            pass(p, at);
            lifecycle::leave_by(p, at, &flows)?;
        }
        Next::StartBy(caught) => starts::enter(p, at, &caught),
        Next::Throw(catcher) => {
            lifecycle::transition(p, at, activated);
            thrown::catch_if_there(p, &catcher)?;
        }
        Next::Start(first) => lifecycle::start(p, at, ElementIndex(first.0)),
    }
    Ok(())
}

/// An element that does nothing is left in the step that enters it.
fn pass(p: &mut Processing<'_>, at: &At) {
    lifecycle::transition(p, at, ProcessInstanceIntent::ElementActivated);
    lifecycle::transition(p, at, ProcessInstanceIntent::ElementCompleting);
}

/// An element that waits has become active.
fn stand(p: &mut Processing<'_>, at: &At, hooks: &dyn Hooks) -> Result<(), Unexpected> {
    lifecycle::transition(p, at, ProcessInstanceIntent::ElementActivated);
    hooks.activated(p, at)
}

/// Begins to wait for the events of an element that does its work now; a scope with a start event does so when that is left.
fn subscribe(p: &mut Processing<'_>, at: &At) -> Result<(), Failure> {
    if at.model().flags.has(Flags::HAS_EVENTS) { events::subscribe(p, at) } else { Ok(()) }
}

/// A parallel gateway is entered once each of its incoming flows was taken, an inclusive one once no more can be.
fn can_join(p: &Processing<'_>, at: &At) -> bool {
    if let Some(gateway) = at.model().inclusive() {
        return joins::any_has_come(p, at) && !joins::more_can_come(p, at, gateway);
    }
    joins::all_have_come(p, at)
}

/// Leaves an element instance.
pub(crate) fn complete(p: &mut Processing<'_>, key: Key) -> Result<(), Unexpected> {
    complete_with(p, key, None)
}

/// Leaves an element instance with variables that come with the event.
pub(crate) fn complete_with(
    p: &mut Processing<'_>,
    key: Key,
    variables: Option<&VariableDocument>,
) -> Result<(), Unexpected> {
    let Some(at) = begin_completing(p, key)? else { return Ok(()) };
    let result = leave(p, &at, variables);
    settle(p, &at, result)
}

/// The same as a part of a command that has to succeed whole: where leaving does not fit into the entry, the element
/// instance keeps the variables and gets an incident. Where not even they fit, the command does not.
pub(crate) fn complete_or_raise(
    p: &mut Processing<'_>,
    key: Key,
    variables: Option<&VariableDocument>,
) -> Result<(), Unexpected> {
    let mark = p.begin();
    let result = complete_with(p, key, variables);
    if !p.has_overflowed() {
        p.keep_step();
        return result;
    }
    p.roll_back(mark);
    complete_too_large(p, key, variables)
}

/// Leaves an element instance as far as the incident that the rest does not fit into an entry.
pub(crate) fn complete_too_large(
    p: &mut Processing<'_>,
    key: Key,
    variables: Option<&VariableDocument>,
) -> Result<(), Unexpected> {
    let Some(at) = begin_completing(p, key)? else { return Ok(()) };
    mappings::keep_brought(p, &at, variables);
    settle(p, &at, Err(incidents::too_large(&at).into()))
}

/// Brings an element instance to the state in which it is left; none where the step does not apply.
fn begin_completing(p: &mut Processing<'_>, key: Key) -> Result<Option<At>, Unexpected> {
    let Some(row) = p.tables().element_instance(key) else { return Ok(None) };
    if !lifecycle::may_stand(p, row.element.flow_scope_key, row.element.element_index) {
        return Ok(None);
    }
    let at = At::find(p, key, row.element)?;
    match row.state {
        // Something is in it again, or still to come: its end will bring this step back.
        ElementInstanceState::Activated if row.active_children > 0 || row.arriving > 0 => return Ok(None),
        ElementInstanceState::Activated => {
            lifecycle::transition(p, &at, ProcessInstanceIntent::ElementCompleting)
        }
        // An incident was resolved.
        ElementInstanceState::Completing => {}
        ElementInstanceState::Activating | ElementInstanceState::Terminating => return Ok(None),
    }
    Ok(Some(at))
}

/// Does what leaving an element means.
fn leave(p: &mut Processing<'_>, at: &At, variables: Option<&VariableDocument>) -> Result<(), Interruption> {
    let flags = at.model().flags;
    let listens = flags.has(Flags::HAS_LISTENERS);
    if !(listens && listeners::has_begun(p, at, ListenerPhase::End)) {
        end_work(p, at, variables)?;
    }
    if listens && listeners::wait(p, at, ListenerPhase::End)? {
        return Ok(());
    }
    if flags.has(Flags::OPENS_SCOPE) {
        events::subscribe_around(p, at)?;
    }
    let hooks = elements::hooks_of(&at.model().kind);
    hooks.complete(p, at)?;
    let returned = calls::result(p, at)?;
    let (flows, then) = match flags {
        flags if flags.has(Flags::IS_REPEATED) => (multi_instance::leave_item(p, at)?, ad_hoc::Then::Usual),
        flags if flags.has(Flags::IN_AD_HOC) => ad_hoc::leave_child(p, at)?,
        _ => (hooks.way_out(at), ad_hoc::Then::Usual),
    };
    let branch = match flows {
        Flows::Branch => Some(events::caught_by_gateway(p, at)?),
        Flows::All | Flows::Chosen(_) | Flows::Jump(_) | Flows::Again(_) | Flows::EndOthers | Flows::Stay => {
            None
        }
    };
    let lock = if flags.has(Flags::MESSAGE_STARTS) { p.tables().message_lock_of(at.key) } else { None };
    let carries = at.element.flow_scope_key.is_none() && p.tables().carries_metadata(at.key);
    let business_id = if carries { business_ids::of_instance(p, at.key) } else { None };
    let may_compensate = flags.has(Flags::COMPENSATION) && flags.has(Flags::IS_ACTIVITY);
    if may_compensate {
        compensations::note_completed(p, at);
    }
    lifecycle::leave(p, at, flows)?;
    hooks.left(p, at)?;
    if may_compensate {
        compensations::note_compensated(p, at);
    }
    ad_hoc::go_on(p, then);
    if let Some(lock) = lock {
        message_starts::start_next(p, &lock);
    }
    if business_id.is_some() && p.tables().element_instance_state(at.key).is_none() {
        freed_business_ids::on_freed(p, at.key, business_id);
    }
    if let Some(branch) = branch {
        events::enter(p, at, &branch);
    }
    match returned {
        Some(returned) => Ok(come_back(p, &returned)?),
        None => Ok(()),
    }
}

/// Ends the work of an element: what it brings goes outside, and it waits for its events no more.
fn end_work(
    p: &mut Processing<'_>,
    at: &At,
    variables: Option<&VariableDocument>,
) -> Result<(), Interruption> {
    let flags = at.model().flags;
    if flags.has(Flags::IS_AD_HOC) {
        ad_hoc::end(p, at)?;
    }
    let caught = if flags.has(Flags::CATCHES) { events::take_up(p, at) } else { None };
    if flags.has(Flags::USES_OUTPUTS) {
        let kept = if variables.is_none() { events::take_result(p, at) } else { None };
        mappings::apply_outputs(p, at, variables.or(caught.as_ref()).or(kept.as_ref()))?;
    }
    if flags.has(Flags::HAS_EVENTS) {
        events::unsubscribe(p, at.key, &at.definition.tenant_id);
    }
    if flags.has(Flags::COMPENSATION) && at.element.flow_scope_key.is_none() {
        compensated::forget(p, at.key, &at.element, &at.definition.tenant_id);
    }
    Ok(())
}

/// Goes on with an element instance after one of its listeners, with the variables that it sent. Where what follows does not fit
/// into the entry, the element instance keeps them and gets an incident.
pub(crate) fn go_on_listening(
    p: &mut Processing<'_>,
    job: &JobRow,
    variables: &VariableDocument,
) -> Result<(), Unexpected> {
    let key = job.element_instance_key;
    let Some(row) = p.tables().element_instance(key) else { return Ok(()) };
    let at = At::find(p, key, row.element)?;
    listeners::keep_result(p, &at, job.listener_event_type, variables)?;
    let mark = p.begin();
    let result = match row.state {
        ElementInstanceState::Activating => activate(p, key, row.element, Arrival::Again),
        ElementInstanceState::Completing => complete_with(p, key, None),
        ElementInstanceState::Activated => Ok(()),
        ElementInstanceState::Terminating => {
            p.follow_up(at.process_instance_key(), FollowUp::Terminate { key });
            Ok(())
        }
    };
    if !p.has_overflowed() {
        p.keep_step();
        return result;
    }
    p.roll_back(mark);
    settle(p, &at, Err(incidents::too_large(&at).into()))
}

/// Goes on with a call activity whose called instance has completed, in a later step.
fn come_back(p: &mut Processing<'_>, returned: &calls::Returned) -> Result<(), Unexpected> {
    match p.tables().element_instance(returned.caller) {
        // It was told to end, and has waited for this.
        Some(row) if row.state == ElementInstanceState::Terminating => {
            let process_instance_key = row.element.instance.process_instance_key;
            p.follow_up(process_instance_key, FollowUp::Terminate { key: returned.caller });
            Ok(())
        }
        Some(row) => {
            let at = At::find(p, returned.caller, row.element)?;
            if returned.variables.is_some() {
                events::keep_result(p, &at, returned.variables.as_ref());
            }
            p.follow_up(at.process_instance_key(), FollowUp::Complete { key: returned.caller });
            Ok(())
        }
        None => Ok(()),
    }
}

/// Raises an incident where a hook could not go on.
fn settle(p: &mut Processing<'_>, at: &At, result: Result<(), Interruption>) -> Result<(), Unexpected> {
    match result {
        Ok(()) => Ok(()),
        Err(Interruption::Incident(failure)) => {
            incidents::raise(p, at, Key::NONE, &failure);
            Ok(())
        }
        Err(Interruption::Unexpected(unexpected)) => Err(unexpected),
    }
}
