//! Events in the life of element instances.

mod element_activated_v1;
mod element_activating_v1;
mod element_completed_v1;
mod element_completing_v1;
mod element_terminated_v1;
mod element_terminating_v1;
mod sequence_flow_taken_v1;

use super::{Applied, NoEvent};
use crate::lifecycle::may_follow;
use ringbolt_record::BpmnElementType;
use ringbolt_record::values::ProcessInstanceRecord;
use ringbolt_record::values::{ArchivedProcessInstanceRecord, ElementInstanceRef};
use ringbolt_record::{Intent, Key, ProcessInstanceIntent};
use ringbolt_tables::Tables;
use ringbolt_tables::{ElementInstanceRow, ElementInstanceState};

impl Applied for ProcessInstanceRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::ProcessInstance(intent) = intent else { return Err(NoEvent) };
        match intent {
            ProcessInstanceIntent::SequenceFlowTaken => {
                sequence_flow_taken_v1::apply_sequence_flow_taken(tables, key, value)
            }
            ProcessInstanceIntent::ElementActivating => {
                element_activating_v1::apply_element_activating(tables, key, value)
            }
            ProcessInstanceIntent::ElementActivated => {
                element_activated_v1::apply_element_activated(tables, key, value)
            }
            ProcessInstanceIntent::ElementCompleting => {
                element_completing_v1::apply_element_completing(tables, key, value)
            }
            ProcessInstanceIntent::ElementCompleted => {
                element_completed_v1::apply_element_completed(tables, key, value)
            }
            ProcessInstanceIntent::ElementTerminating => {
                element_terminating_v1::apply_element_terminating(tables, key, value)
            }
            ProcessInstanceIntent::ElementTerminated => {
                element_terminated_v1::apply_element_terminated(tables, key, value)
            }
            ProcessInstanceIntent::Cancel
            | ProcessInstanceIntent::ActivateElement
            | ProcessInstanceIntent::CompleteElement
            | ProcessInstanceIntent::TerminateElement
            | ProcessInstanceIntent::SequenceFlowDeleted
            | ProcessInstanceIntent::Canceling => return Err(NoEvent),
        }
        Ok(())
    }
}

/// The row that an event is about.
fn row_of(tables: &Tables, key: Key, intent: ProcessInstanceIntent) -> ElementInstanceRow {
    let row = tables.element_instance(key).expect("an event is about an element instance that is there");
    assert!(may_follow(Some(row.state), intent), "{intent} of {key} in state {:?}", row.state);
    row
}

/// Moves an element instance to another state.
fn set_state(tables: &mut Tables, key: Key, intent: ProcessInstanceIntent, state: ElementInstanceState) {
    let mut row = row_of(tables, key, intent);
    row.state = state;
    tables.put_element_instance(key, &row);
}

/// Removes an element instance with all that belongs to it alone.
fn remove(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
    intent: ProcessInstanceIntent,
) {
    let element = ElementInstanceRef::of(&value.element);
    row_of(tables, key, intent);
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
        let mut scope = scope_of(tables, element.flow_scope_key);
        scope.active_children = scope.active_children.checked_sub(1).expect("a child was counted");
        tables.put_element_instance(element.flow_scope_key, &scope);
    }
}

/// The scope that an element instance stands in.
fn scope_of(tables: &Tables, flow_scope_key: Key) -> ElementInstanceRow {
    tables.element_instance(flow_scope_key).expect("an element instance stands in one that is there")
}
