//! What the appliers of element instances share. Frozen with them.

use crate::lifecycle::may_follow;
use ringbolt_record::values::{ArchivedProcessInstanceRecord, ElementInstanceRef};
use ringbolt_record::{BpmnElementType, Key, ProcessInstanceIntent};
use ringbolt_tables::{ElementInstanceState, Tables};

/// An event must fit the state of the element instance that it is about.
pub(super) fn check_state(tables: &Tables, key: Key, intent: ProcessInstanceIntent) {
    let state = tables.element_instance_state(key);
    assert!(may_follow(state, intent), "{intent} of {key} in state {state:?}");
}

/// Moves an element instance to another state.
pub(super) fn set_state(
    tables: &mut Tables,
    key: Key,
    intent: ProcessInstanceIntent,
    state: ElementInstanceState,
) {
    check_state(tables, key, intent);
    tables.set_element_instance_state(key, state);
}

/// Removes an element instance with all that belongs to it alone.
pub(super) fn remove(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
    intent: ProcessInstanceIntent,
) {
    let element = ElementInstanceRef::of(&value.element);
    check_state(tables, key, intent);
    tables.delete_variables(key);
    match element.element_type {
        BpmnElementType::Process => {
            tables.delete_taken_flows(key);
            tables.delete_instance_metadata(key);
            tables.delete_banned(key);
        }
        BpmnElementType::SubProcess => tables.delete_taken_flows(key),
        BpmnElementType::Unspecified
        | BpmnElementType::EventSubProcess
        | BpmnElementType::AdHocSubProcess
        | BpmnElementType::StartEvent
        | BpmnElementType::IntermediateCatchEvent
        | BpmnElementType::IntermediateThrowEvent
        | BpmnElementType::BoundaryEvent
        | BpmnElementType::EndEvent
        | BpmnElementType::ServiceTask
        | BpmnElementType::ReceiveTask
        | BpmnElementType::UserTask
        | BpmnElementType::ManualTask
        | BpmnElementType::Task
        | BpmnElementType::ExclusiveGateway
        | BpmnElementType::ParallelGateway
        | BpmnElementType::EventBasedGateway
        | BpmnElementType::InclusiveGateway
        | BpmnElementType::SequenceFlow
        | BpmnElementType::MultiInstanceBody
        | BpmnElementType::CallActivity
        | BpmnElementType::BusinessRuleTask
        | BpmnElementType::ScriptTask
        | BpmnElementType::SendTask => {}
    }
    tables.delete_element_instance(key, element.flow_scope_key);
    if element.flow_scope_key.is_some() {
        tables.change_element_instance_counts(element.flow_scope_key, |children, _| {
            *children = children.checked_sub(1).expect("a child was counted");
        });
    }
}
