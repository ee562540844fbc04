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
use ringbolt_tables::ElementInstanceState;
use ringbolt_tables::Tables;

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

/// An event must fit the state of the element instance that it is about.
fn check_state(tables: &Tables, key: Key, intent: ProcessInstanceIntent) {
    let state = tables.element_instance_state(key);
    assert!(may_follow(state, intent), "{intent} of {key} in state {state:?}");
}

/// Moves an element instance to another state.
fn set_state(tables: &mut Tables, key: Key, intent: ProcessInstanceIntent, state: ElementInstanceState) {
    check_state(tables, key, intent);
    tables.set_element_instance_state(key, state);
}

/// Removes an element instance with all that belongs to it alone.
fn remove(
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
