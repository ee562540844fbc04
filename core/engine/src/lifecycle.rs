//! The events in the life of an element instance, and how a path goes on from one element to the next.

use crate::at::{At, element_ref};
use crate::behaviors::{last_instances, runtime_instructions};
use crate::failure::Unexpected;
use crate::hook::Flows;
use crate::writers::Processing;
use ringbolt_model::{Flags, FlowIndex};
use ringbolt_record::values::{Arrival, ElementInstanceRef, InstanceRef, ProcessInstanceRecord};
use ringbolt_record::{
    BpmnElementType, BpmnEventType, DEFAULT_TENANT, ElementIndex, FollowUp, Key, ProcessInstanceIntent,
};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceRow, ElementInstanceState};

/// Most sequence flows that one step takes.
const FLOWS_PER_STEP_MAX: usize = 100;
/// What a sequence flow takes in an entry at most, with the step that it leads to, bytes.
const FLOW_BYTES: usize = 512;

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

/// Writes that a process is being entered by a call activity.
pub(crate) fn called(p: &mut Processing<'_>, at: &At, caller: Caller) {
    let value = ProcessInstanceRecord {
        parent_process_instance_key: caller.process_instance_key,
        parent_element_instance_key: caller.element_instance_key,
        ..record(p, at.element, &at.definition.tenant_id)
    };
    p.append(ProcessInstanceIntent::ElementActivating, at.key, &value);
}

fn write(p: &mut Processing<'_>, at: &At, intent: ProcessInstanceIntent, arrival: Arrival, promised: usize) {
    let value = ProcessInstanceRecord {
        arrival,
        promised: u32::try_from(promised).expect("a model has fewer elements"),
        ..record(p, at.element, &at.definition.tenant_id)
    };
    p.append(intent, at.key, &value);
}

/// What all events of an element instance have in common.
pub(crate) fn record<'a>(
    p: &Processing<'_>,
    element: ElementInstanceRef,
    tenant_id: &'a str,
) -> ProcessInstanceRecord<'a> {
    let caller = caller(p, element.instance);
    ProcessInstanceRecord {
        element,
        parent_process_instance_key: caller.process_instance_key,
        parent_element_instance_key: caller.element_instance_key,
        arrival: Arrival::None,
        promised: 0,
        tenant_id,
    }
}

/// Who called an instance; none at the top.
#[derive(Clone, Copy, Default)]
pub(crate) struct Caller {
    pub(crate) process_instance_key: Key,
    pub(crate) element_instance_key: Key,
}

/// Who called an instance.
pub(crate) fn caller(p: &Processing<'_>, instance: InstanceRef) -> Caller {
    let row = match instance.is_called() {
        true => p.tables().element_instance(instance.process_instance_key),
        false => None,
    };
    row.map_or_else(Caller::default, |row| Caller {
        process_instance_key: row.parent_process_instance_key,
        element_instance_key: row.parent_element_instance_key,
    })
}

/// Takes a sequence flow, as was promised; the element behind it is entered in a later step.
fn take_flow(p: &mut Processing<'_>, at: &At, flow: FlowIndex) {
    let target = ElementIndex(at.definition.flow(flow).target.0);
    let next = element_ref(&at.definition, at.element.instance, target, at.element.flow_scope_key);
    let flow = ElementIndex(flow.0);
    // Where a flow has to wait for others it says so itself, so that the tables need not know the model.
    let joins = at.definition.element(target).flags.has(Flags::JOINS).then_some(Arrival::Join(target));
    let element = ElementInstanceRef {
        element_index: flow,
        element_type: BpmnElementType::SequenceFlow,
        event_type: BpmnEventType::Unspecified,
        ..next
    };
    let value = ProcessInstanceRecord {
        arrival: joins.unwrap_or(Arrival::None),
        ..record(p, element, &at.definition.tenant_id)
    };
    let flow_key = p.next_key();
    p.append(ProcessInstanceIntent::SequenceFlowTaken, flow_key, &value);
    let key = p.next_key();
    let arrival = joins.unwrap_or(Arrival::Flow(flow));
    p.follow_up(next.instance.process_instance_key, FollowUp::Activate { key, element: next, arrival });
}

/// Leaves an element; where no flow leaves it, the path ends.
pub(crate) fn leave(p: &mut Processing<'_>, at: &At, flows: Flows) -> Result<(), Unexpected> {
    let is_last = runtime_instructions::is_last(p, at);
    let count = match flows {
        Flows::All => at.model().outgoing.len(),
        Flows::Chosen(flow) => usize::from(flow.is_some()),
        Flows::Jump(_) | Flows::Again(_) => 1,
        Flows::EndOthers | Flows::Branch | Flows::Stay => 0,
    };
    // Of the scopes around only the process itself may complete with it.
    if is_last && (count > 0 || at.element.flow_scope_key != at.process_instance_key()) {
        leave_last(p, at);
        return Ok(());
    }
    write(p, at, ProcessInstanceIntent::ElementCompleted, Arrival::None, count);
    match flows {
        Flows::All if count > 0 => take_flows(p, at, 0),
        Flows::Chosen(Some(flow)) => take_flow(p, at, flow),
        Flows::Jump(end) => enter_directly(p, at, ElementIndex(end.0), at.element.flow_scope_key),
        Flows::Again(number) => {
            let (key, element, arrival) = (p.next_key(), at.element, Arrival::Item(number));
            p.follow_up(at.process_instance_key(), FollowUp::Activate { key, element, arrival });
        }
        Flows::EndOthers => end_others(p, at)?,
        Flows::Branch | Flows::Stay => {}
        Flows::All | Flows::Chosen(None) => on_path_ended(p, at)?,
    }
    if is_last {
        runtime_instructions::end(p, &at.element, &at.definition.tenant_id);
    }
    Ok(())
}

/// Leaves an element by some of its flows.
pub(crate) fn leave_by(p: &mut Processing<'_>, at: &At, flows: &[FlowIndex]) -> Result<(), Unexpected> {
    if runtime_instructions::is_last(p, at) {
        leave_last(p, at);
        return Ok(());
    }
    write(p, at, ProcessInstanceIntent::ElementCompleted, Arrival::None, flows.len());
    for flow in flows {
        take_flow(p, at, *flow);
    }
    if flows.is_empty() { on_path_ended(p, at) } else { Ok(()) }
}

/// Leaves the element after which its instance ends: no flow is taken.
fn leave_last(p: &mut Processing<'_>, at: &At) {
    transition(p, at, ProcessInstanceIntent::ElementCompleted);
    runtime_instructions::end(p, &at.element, &at.definition.tenant_id);
}

/// Makes a scope active that begins with one of its elements.
pub(crate) fn start(p: &mut Processing<'_>, at: &At, first: ElementIndex) {
    activated(p, at, 1);
    enter_directly(p, at, first, at.key);
}

/// Enters an element to which no sequence flow leads, as was promised to the scope; in a later step.
fn enter_directly(p: &mut Processing<'_>, at: &At, element: ElementIndex, scope_key: Key) {
    let element = element_ref(&at.definition, at.element.instance, element, scope_key);
    let key = p.next_key();
    let arrival = Arrival::Direct;
    p.follow_up(at.process_instance_key(), FollowUp::Activate { key, element, arrival });
}

/// Goes on with the flows that leave an element.
pub(crate) fn take_more_flows(
    p: &mut Processing<'_>,
    key: Key,
    element: ElementInstanceRef,
    taken: u32,
) -> Result<(), Unexpected> {
    if may_stand(p, element.flow_scope_key, element.element_index) {
        let at = At::find(p, key, element)?;
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
            p.follow_up(at.process_instance_key(), more);
            return;
        }
        take_flow(p, at, *flow);
    }
}

/// Ends what else is in the scope of an element that was left; the scope completes then.
fn end_others(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    if scope_of(p, at)?.is_some_and(|scope| scope.active_children > 0) {
        let rest = FollowUp::TerminateChildren { scope_key: at.element.flow_scope_key, after: Key::NONE };
        p.follow_up(at.process_instance_key(), rest);
        return Ok(());
    }
    on_path_ended(p, at)
}

/// A path ended in a scope: the scope completes when nothing is left in it.
fn on_path_ended(p: &mut Processing<'_>, at: &At) -> Result<(), Unexpected> {
    let Some(scope) = scope_of(p, at)? else {
        if at.definition.is_deleting {
            last_instances::on_instance_ended(p, at.definition.key);
        }
        return Ok(());
    };
    if scope.active_children == 0 && scope.arriving == 0 && scope.state == ElementInstanceState::Activated {
        let process_instance_key = scope.element.instance.process_instance_key;
        p.follow_up(process_instance_key, FollowUp::Complete { key: at.element.flow_scope_key });
    }
    Ok(())
}

/// The scope around an element instance; none around a process.
pub(crate) fn scope_of(p: &Processing<'_>, at: &At) -> Result<Option<ElementInstanceRow>, Unexpected> {
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

/// The owner, as the definition's row has it: reading it needs no compiled definition.
pub(crate) fn tenant_of(p: &Processing<'_>, instance: InstanceRef) -> String {
    let process = p.tables().process(instance.process_definition_key);
    process.map_or(DEFAULT_TENANT, |row| row.tenant_id).to_owned()
}

/// Whether an element may be entered and left in a scope: the scope is active, and nothing else has interrupted it.
pub(crate) fn may_stand(p: &Processing<'_>, flow_scope_key: Key, element: ElementIndex) -> bool {
    takes(p, flow_scope_key, element) != Takes::Nothing
}

/// What a scope takes of an element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// It is not there, it is not active, or something else has interrupted it.
    Nothing,
    /// The element has interrupted it: only the event that did so leads to it.
    ByEvent,
    /// Everything.
    All,
}

/// What a scope takes of an element; around a process there is none that could refuse it.
pub(crate) fn takes(p: &Processing<'_>, flow_scope_key: Key, element: ElementIndex) -> Takes {
    if flow_scope_key.is_none() {
        return Takes::All;
    }
    match p.tables().element_instance(flow_scope_key) {
        Some(scope) if scope.state != ElementInstanceState::Activated => Takes::Nothing,
        Some(scope) if !scope.flags.has(ElementInstanceFlags::INTERRUPTED) => Takes::All,
        Some(scope) if scope.interrupter == element => Takes::ByEvent,
        Some(_) | None => Takes::Nothing,
    }
}
