//! An element is being entered: its instance is there, and the flows that led to it are used up.

use super::rows_v1::check_state;
use ringbolt_record::values::{ArchivedProcessInstanceRecord, ElementInstanceRef};
use ringbolt_record::{BpmnElementType, Key, ProcessInstanceIntent};
use ringbolt_tables::{ElementInstanceRow, ElementInstanceState, Tables};

pub(super) fn apply_element_activating(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    check_state(tables, key, ProcessInstanceIntent::ElementActivating);
    let element = ElementInstanceRef::of(&value.element);
    let row = ElementInstanceRow {
        element,
        parent_process_instance_key: Key::of(&value.parent_process_instance_key),
        parent_element_instance_key: Key::of(&value.parent_element_instance_key),
        state: ElementInstanceState::Activating,
        active_children: 0,
        active_flows: 0,
        job_key: Key::NONE,
    };
    tables.put_element_instance(key, &row);
    let scope_key = element.flow_scope_key;
    if scope_key.is_none() {
        return;
    }
    tables.put_child(scope_key, key);
    let used = match element.element_type {
        BpmnElementType::ParallelGateway => tables.use_taken_flows(scope_key, element.element_index),
        // No flow leads to it; what flows in its scope leads elsewhere.
        BpmnElementType::StartEvent => 0,
        BpmnElementType::Unspecified
        | BpmnElementType::Process
        | BpmnElementType::SubProcess
        | BpmnElementType::EventSubProcess
        | BpmnElementType::AdHocSubProcess
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
        | BpmnElementType::EventBasedGateway
        | BpmnElementType::InclusiveGateway
        | BpmnElementType::SequenceFlow
        | BpmnElementType::MultiInstanceBody
        | BpmnElementType::CallActivity
        | BpmnElementType::BusinessRuleTask
        | BpmnElementType::ScriptTask
        | BpmnElementType::SendTask => 1,
    };
    tables.change_element_instance_counts(scope_key, |children, flows| {
        *children += 1;
        // An element that was asked for directly is entered while nothing flows yet.
        *flows = flows.saturating_sub(used);
    });
}
