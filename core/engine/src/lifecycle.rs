//! The life of an element instance: which state follows which, and the steps that move it on.
//!
//! A step checks whether it still applies before it does anything: what it was meant for may have been ended in
//! between. A step that no longer applies is dropped without a trace.

use crate::behaviors::{incidents, mappings};
use crate::definitions::Definition;
use crate::dispatch;
use crate::failure::{Failure, Interruption, Unexpected};
use crate::writers::Processing;
use ringbolt_record::values::{Arrival, ElementInstanceRef, InstanceRef, ProcessInstanceRecord};
use ringbolt_record::{
    BpmnElementType, BpmnEventType, ElementIndex, ErrorType, FollowUp, Key, ProcessInstanceIntent,
    VariableDocument,
};
use ringbolt_tables::{ElementInstanceRow, ElementInstanceState};
use std::sync::Arc;

/// Most sequence flows that one step takes.
const FLOWS_PER_STEP_MAX: usize = 100;
/// What a sequence flow takes in an entry at most, with the step that it leads to, bytes.
const FLOW_BYTES: usize = 512;

/// An element instance that is being worked on.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub(crate) key: Key,
    pub(crate) element: ElementInstanceRef,
    pub(crate) definition: Arc<Definition>,
}

impl At {
    /// Its element in the model.
    pub(crate) fn model(&self) -> &ringbolt_model::Element {
        self.definition.element(self.element.element_index)
    }

    /// The same place for another element instance of the same definition.
    pub(crate) fn other(&self, key: Key, element: ElementInstanceRef) -> Self {
        Self { key, element, definition: self.definition.clone() }
    }

    pub(crate) fn unexpected(&self, message: impl Into<String>) -> Unexpected {
        Unexpected::new(self.element.instance.process_instance_key, message)
    }
}

/// Writes an event of an element instance.
pub(crate) fn transition(p: &mut Processing<'_>, at: &At, intent: ProcessInstanceIntent) {
    write(p, at, intent, Arrival::None, 0);
}

/// Writes that an element is being entered.
pub(crate) fn activating(p: &mut Processing<'_>, at: &At, arrival: Arrival) {
    write(p, at, ProcessInstanceIntent::ElementActivating, arrival, 0);
}

/// Writes that a scope is active, in which so many elements are to be entered.
pub(crate) fn activated(p: &mut Processing<'_>, at: &At, promised: usize) {
    write(p, at, ProcessInstanceIntent::ElementActivated, Arrival::None, promised);
}

/// Writes that an element was left by so many sequence flows.
pub(crate) fn completed(p: &mut Processing<'_>, at: &At, promised: usize) {
    write(p, at, ProcessInstanceIntent::ElementCompleted, Arrival::None, promised);
}

fn write(p: &mut Processing<'_>, at: &At, intent: ProcessInstanceIntent, arrival: Arrival, promised: usize) {
    let value = ProcessInstanceRecord {
        element: at.element,
        parent_process_instance_key: Key::NONE,
        parent_element_instance_key: Key::NONE,
        arrival,
        promised: u32::try_from(promised).expect("a model has fewer elements"),
        tenant_id: &at.definition.tenant_id,
    };
    p.append(intent, at.key, &value);
}

/// Whether elements may be entered and left in this scope.
fn scope_is_active(p: &Processing<'_>, flow_scope_key: Key) -> bool {
    if flow_scope_key.is_none() {
        return true;
    }
    p.tables().element_instance_state(flow_scope_key) == Some(ElementInstanceState::Activated)
}

/// Enters an element.
pub(crate) fn activate(
    p: &mut Processing<'_>,
    key: Key,
    element: ElementInstanceRef,
    arrival: Arrival,
) -> Result<(), Unexpected> {
    let Some(at) = begin_activating(p, key, element, arrival)? else { return Ok(()) };
    let result = dispatch::behavior_of(&at.model().kind).on_activate(p, &at);
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
    settle(p, &at, Err(too_large(&at).into()))
}

/// Brings an element instance to the state in which its work begins; none where the step does not apply.
fn begin_activating(
    p: &mut Processing<'_>,
    key: Key,
    element: ElementInstanceRef,
    arrival: Arrival,
) -> Result<Option<At>, Unexpected> {
    if !scope_is_active(p, element.flow_scope_key) {
        return Ok(None);
    }
    let at = locate(p, key, element)?;
    match p.tables().element_instance_state(key) {
        None => {
            if matches!(arrival, Arrival::Join(_)) && !can_join(p, &at) {
                return Ok(None);
            }
            activating(p, &at, arrival);
        }
        // An incident was resolved.
        Some(ElementInstanceState::Activating) => {}
        Some(
            ElementInstanceState::Activated
            | ElementInstanceState::Completing
            | ElementInstanceState::Terminating,
        ) => return Ok(None),
    }
    Ok(Some(at))
}

/// A parallel gateway is entered once each of its incoming flows was taken.
fn can_join(p: &Processing<'_>, at: &At) -> bool {
    let incoming = at.model().incoming.len();
    incoming == p.tables().distinct_taken_flows(at.element.flow_scope_key, at.element.element_index)
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
    let result = dispatch::behavior_of(&at.model().kind).on_complete(p, &at, variables);
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
    settle(p, &at, Err(too_large(&at).into()))
}

/// Brings an element instance to the state in which it is left; none where the step does not apply.
fn begin_completing(p: &mut Processing<'_>, key: Key) -> Result<Option<At>, Unexpected> {
    let Some(row) = p.tables().element_instance(key) else { return Ok(None) };
    if !scope_is_active(p, row.element.flow_scope_key) {
        return Ok(None);
    }
    let at = locate(p, key, row.element)?;
    match row.state {
        // Something is in it again, or still to come: its end will bring this step back.
        ElementInstanceState::Activated if row.active_children > 0 || row.arriving > 0 => return Ok(None),
        ElementInstanceState::Activated => transition(p, &at, ProcessInstanceIntent::ElementCompleting),
        // An incident was resolved.
        ElementInstanceState::Completing => {}
        ElementInstanceState::Activating | ElementInstanceState::Terminating => return Ok(None),
    }
    Ok(Some(at))
}

/// What an element instance does is more than an entry of the log holds.
fn too_large(at: &At) -> Failure {
    let message = format!(
        "Expected to process element '{}', but exceeded MAX_MESSAGE_SIZE limitation. If you have large or many \
         variables consider reducing these.",
        at.model().id
    );
    Failure::new(ErrorType::MessageSizeExceeded, message)
}

/// Ends an element instance from outside, from the leaves up.
pub(crate) fn terminate(p: &mut Processing<'_>, key: Key) -> Result<(), Unexpected> {
    let Some(row) = p.tables().element_instance(key) else { return Ok(()) };
    if row.state == ElementInstanceState::Terminating {
        return Ok(());
    }
    let at = locate(p, key, row.element)?;
    transition(p, &at, ProcessInstanceIntent::ElementTerminating);
    if row.active_children > 0 {
        terminate_children(p, key, Key::NONE);
        return Ok(());
    }
    let result = dispatch::behavior_of(&at.model().kind).on_terminate(p, &at);
    settle(p, &at, result)
}

/// Ends the next child that is not ending yet, and comes back for the one after it.
pub(crate) fn terminate_children(p: &mut Processing<'_>, scope_key: Key, after: Key) {
    let Some(scope) = p.tables().element_instance(scope_key) else { return };
    let mut left = p.tables().children_after(scope_key, after).filter(|key| {
        p.tables().element_instance_state(*key).is_some_and(|s| s != ElementInstanceState::Terminating)
    });
    let (next, has_more) = (left.next(), left.next().is_some());
    drop(left);
    let Some(key) = next else { return };
    let process_instance_key = scope.element.instance.process_instance_key;
    p.follow_up(process_instance_key, FollowUp::Terminate { key });
    if has_more {
        p.follow_up(process_instance_key, FollowUp::TerminateChildren { scope_key, after: key });
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

/// An element instance with its definition.
pub(crate) fn locate(
    p: &mut Processing<'_>,
    key: Key,
    element: ElementInstanceRef,
) -> Result<At, Unexpected> {
    let instance = element.instance;
    let definition = p.definition_of(instance.process_definition_key, instance.process_instance_key)?;
    Ok(At { key, element, definition })
}

/// The reference of an element of a definition in a scope.
pub(crate) fn element_ref(
    definition: &Definition,
    instance: InstanceRef,
    index: ElementIndex,
    flow_scope_key: Key,
) -> ElementInstanceRef {
    let facts = definition.facts(index);
    ElementInstanceRef {
        instance,
        flow_scope_key,
        element_index: index,
        element_type: facts.element_type,
        event_type: facts.event_type,
    }
}

/// Takes a sequence flow, as was promised; the element behind it is entered in a later step.
pub(crate) fn take_flow(p: &mut Processing<'_>, at: &At, flow: ringbolt_model::FlowIndex) {
    let target = ElementIndex(at.definition.flow(flow).target.0);
    let next = element_ref(&at.definition, at.element.instance, target, at.element.flow_scope_key);
    let flow = ElementIndex(flow.0);
    // Where a flow has to wait for others it says so itself, so that the tables need not know the model.
    let joins = (next.element_type == BpmnElementType::ParallelGateway).then_some(Arrival::Join(target));
    let value = ProcessInstanceRecord {
        element: ElementInstanceRef {
            element_index: flow,
            element_type: BpmnElementType::SequenceFlow,
            event_type: BpmnEventType::Unspecified,
            ..next
        },
        parent_process_instance_key: Key::NONE,
        parent_element_instance_key: Key::NONE,
        arrival: joins.unwrap_or(Arrival::None),
        promised: 0,
        tenant_id: &at.definition.tenant_id,
    };
    let flow_key = p.next_key();
    p.append(ProcessInstanceIntent::SequenceFlowTaken, flow_key, &value);
    let key = p.next_key();
    let arrival = joins.unwrap_or(Arrival::Flow(flow));
    p.follow_up(next.instance.process_instance_key, FollowUp::Activate { key, element: next, arrival });
}

/// Leaves an element by all outgoing flows; where there are none, the path ends.
pub(crate) fn leave(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    let outgoing = at.model().outgoing.len();
    completed(p, at, outgoing);
    if outgoing == 0 {
        return on_path_ended(p, at);
    }
    take_flows(p, at, 0);
    Ok(())
}

/// Goes on with the flows that leave an element.
pub(crate) fn take_more_flows(
    p: &mut Processing<'_>,
    key: Key,
    element: ElementInstanceRef,
    taken: u32,
) -> Result<(), Unexpected> {
    if scope_is_active(p, element.flow_scope_key) {
        let at = locate(p, key, element)?;
        take_flows(p, &at, taken as usize);
    }
    Ok(())
}

/// Takes outgoing flows, as many as a step may and the entry has room for, and comes back for the others.
fn take_flows(p: &mut Processing<'_>, at: &At, taken: usize) {
    // The last flow of the document first, as in the reference engine.
    for (number, flow) in at.model().outgoing.iter().rev().enumerate().skip(taken) {
        if number > taken && (number - taken >= FLOWS_PER_STEP_MAX || !p.has_room(FLOW_BYTES)) {
            let taken = u32::try_from(number).expect("a model has fewer flows");
            let more = FollowUp::TakeFlows { key: at.key, element: at.element, taken };
            p.follow_up(at.element.instance.process_instance_key, more);
            return;
        }
        take_flow(p, at, *flow);
    }
}

/// A path ended in a scope: the scope completes when nothing is left in it.
pub(crate) fn on_path_ended(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    let Some(scope) = scope_of(p, at)? else { return Ok(()) };
    if scope.active_children == 0 && scope.arriving == 0 && scope.state == ElementInstanceState::Activated {
        let process_instance_key = scope.element.instance.process_instance_key;
        p.follow_up(process_instance_key, FollowUp::Complete { key: at.element.flow_scope_key });
    }
    Ok(())
}

/// A child was ended: its scope ends with the last one.
pub(crate) fn on_child_terminated(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    let Some(scope) = scope_of(p, at)? else { return Ok(()) };
    if scope.active_children == 0 && scope.state == ElementInstanceState::Terminating {
        let parent = at.other(at.element.flow_scope_key, scope.element);
        let result = dispatch::behavior_of(&parent.model().kind).on_terminate(p, &parent);
        return settle(p, &parent, result);
    }
    Ok(())
}

fn scope_of(p: &Processing<'_>, at: &At) -> Result<Option<ElementInstanceRow>, Unexpected> {
    let key = at.element.flow_scope_key;
    if key.is_none() {
        return Ok(None);
    }
    match p.tables().element_instance(key) {
        Some(row) => Ok(Some(row)),
        None => {
            Err(at.unexpected(format!("element instance {} stands in {key}, which is not there", at.key)))
        }
    }
}
