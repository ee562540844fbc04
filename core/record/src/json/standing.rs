//! Of which instance a record is, and at which of its elements.

use crate::entry::{EntryError, RecordRef};
use crate::ids::{ElementIndex, Key};
use crate::values::{
    CompensationSubscriptionRecord, ConditionalSubscriptionRecord, DecisionEvaluationRecord,
    ElementInstanceRef, EscalationRecord, IncidentRecord, InstanceRef, JobRecord,
    MessageStartEventSubscriptionRecord, MultiInstanceRecord, ProcessEventRecord,
    ProcessInstanceBusinessIdRecord, ProcessInstanceCreationRecord, ProcessInstanceMigrationRecord,
    ProcessInstanceModificationRecord, ProcessInstanceRecord, ProcessInstanceResultRecord,
    ProcessMessageSubscriptionRecord, RuntimeInstructionRecord, SignalSubscriptionRecord, TimerRecord,
    UserTaskRecord, VariableRecord,
};
use crate::wire_enums::{BpmnElementType, ValueType};

/// Where a record stands in an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The instance and its definition; a record of a definition alone has no instance key.
    pub instance: InstanceRef,
    /// At which element or flow.
    pub at: Option<StandingAt>,
}

/// At which element of an instance, or flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingAt {
    /// Its index among the definition's elements, or its flows.
    pub index: ElementIndex,
    /// It is a flow.
    pub is_flow: bool,
    /// The element's instance; of a flow that is taken, its key.
    pub key: Key,
    /// The scope that the record itself names.
    pub flow_scope_key: Key,
}

/// The definition whose names a record's value needs; none if it needs none.
///
/// # Errors
/// When the record's value is not of its layout.
pub fn definition_of(record: &RecordRef<'_>) -> Result<Option<Key>, EntryError> {
    let key = standing(record)?.map(|standing| standing.instance.process_definition_key);
    Ok(key.filter(|key| !key.is_none()))
}

/// Where a record stands; none if it is of no instance and no definition.
///
/// # Errors
/// When the record's value is not of its layout.
pub fn standing(record: &RecordRef<'_>) -> Result<Option<Standing>, EntryError> {
    if record.header.value_version == 0 { Ok(None) } else { standing_in(record) }
}

/// Of an instance.
macro_rules! of {
    ($record:ident, $layout:ident) => {
        Standing { instance: InstanceRef::of(&$record.value::<$layout<'_>>()?.instance), at: None }
    };
}

/// At an element.
macro_rules! at {
    ($record:ident, $layout:ident) => {{
        let value = $record.value::<$layout<'_>>()?;
        let at = StandingAt {
            index: ElementIndex::of(&value.element_index),
            is_flow: false,
            key: Key::of(&value.element_instance_key),
            flow_scope_key: Key::NONE,
        };
        Standing { instance: InstanceRef::of(&value.instance), at: Some(at) }
    }};
}

fn standing_in(record: &RecordRef<'_>) -> Result<Option<Standing>, EntryError> {
    Ok(Some(match record.header.intent.value_type() {
        ValueType::ProcessInstance => {
            let element = ElementInstanceRef::of(&record.value::<ProcessInstanceRecord<'_>>()?.element);
            let at = StandingAt {
                index: element.element_index,
                is_flow: element.element_type == BpmnElementType::SequenceFlow,
                key: record.header.key,
                flow_scope_key: element.flow_scope_key,
            };
            Standing { instance: element.instance, at: Some(at) }
        }
        ValueType::Job => at!(record, JobRecord),
        ValueType::Incident => at!(record, IncidentRecord),
        ValueType::Timer => at!(record, TimerRecord),
        ValueType::UserTask => at!(record, UserTaskRecord),
        ValueType::DecisionEvaluation => at!(record, DecisionEvaluationRecord),
        ValueType::ProcessMessageSubscription => at!(record, ProcessMessageSubscriptionRecord),
        ValueType::ConditionalSubscription => at!(record, ConditionalSubscriptionRecord),
        ValueType::SignalSubscription => at!(record, SignalSubscriptionRecord),
        ValueType::ProcessEvent => of!(record, ProcessEventRecord),
        ValueType::Escalation => of!(record, EscalationRecord),
        ValueType::Variable => of!(record, VariableRecord),
        ValueType::ProcessInstanceCreation => of!(record, ProcessInstanceCreationRecord),
        ValueType::ProcessInstanceBusinessId => of!(record, ProcessInstanceBusinessIdRecord),
        ValueType::RuntimeInstruction => of!(record, RuntimeInstructionRecord),
        ValueType::ProcessInstanceModification => of!(record, ProcessInstanceModificationRecord),
        ValueType::ProcessInstanceMigration => of!(record, ProcessInstanceMigrationRecord),
        ValueType::ProcessInstanceResult => of!(record, ProcessInstanceResultRecord),
        ValueType::MultiInstance => of!(record, MultiInstanceRecord),
        ValueType::CompensationSubscription => of!(record, CompensationSubscriptionRecord),
        ValueType::MessageStartEventSubscription => of!(record, MessageStartEventSubscriptionRecord),
        ValueType::Deployment
        | ValueType::AdHocSubProcessInstruction
        | ValueType::Message
        | ValueType::MessageCorrelation
        | ValueType::ConditionalEvaluation
        | ValueType::Signal
        | ValueType::ClusterVariable
        | ValueType::MessageSubscription
        | ValueType::JobBatch
        | ValueType::VariableDocument
        | ValueType::Error
        | ValueType::Process
        | ValueType::Decision
        | ValueType::DecisionRequirements
        | ValueType::Form
        | ValueType::Resource
        | ValueType::ResourceDeletion
        | ValueType::CommandDistribution
        | ValueType::PartitionMessage
        | ValueType::Routing
        | ValueType::BatchOperationCreation
        | ValueType::BatchOperationInitialization
        | ValueType::BatchOperationChunk
        | ValueType::BatchOperationExecution
        | ValueType::BatchOperationLifecycleManagement
        | ValueType::BatchOperationPartitionLifecycle
        | ValueType::HistoryDeletion
        | ValueType::BusinessIdHold
        | ValueType::PendingCommand => return Ok(None),
    }))
}
