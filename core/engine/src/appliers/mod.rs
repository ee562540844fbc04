//! The only hands on the tables: what each event does to them.
//!
//! Invariants
//! - An applier is a total function of its event and the tables. It cannot fail; tables that do not fit the event mean
//!   a foreign or damaged log, and stop the partition.
//! - A released applier never changes: `LOCK` holds a digest of each file, and a test compares them.

mod ad_hoc_sub_process_instruction;
mod batch_operation_chunk;
mod batch_operation_creation;
mod batch_operation_execution;
mod batch_operation_initialization;
mod batch_operation_lifecycle_management;
mod batch_operation_partition_lifecycle;
mod business_id_hold;
mod cluster_variable;
mod command_distribution;
mod compensation_subscription;
mod conditional_evaluation;
mod conditional_subscription;
mod decision;
mod decision_evaluation;
mod decision_requirements;
mod deployment;
mod error;
mod escalation;
mod history_deletion;
mod incident;
mod job;
mod job_batch;
mod message;
mod message_correlation;
mod message_start_event_subscription;
mod message_subscription;
mod multi_instance;
mod partition_message;
mod pending_command;
mod process;
mod process_event;
mod process_instance;
mod process_instance_business_id;
mod process_instance_creation;
mod process_instance_migration;
mod process_instance_modification;
mod process_instance_result;
mod process_message_subscription;
mod resource;
mod resource_deletion;
mod routing;
mod runtime_instruction;
mod signal;
mod signal_subscription;
mod timer;
mod user_task;
mod variable;
mod variable_document;

use crate::contract::ReplayError;
use ringbolt_record::entry::EntryError;
use ringbolt_record::values::{
    AdHocSubProcessInstructionRecord, BatchOperationChunkRecord, BatchOperationCreationRecord,
    BatchOperationExecutionRecord, BatchOperationInitializationRecord,
    BatchOperationLifecycleManagementRecord, BatchOperationPartitionLifecycleRecord, BusinessIdHoldRecord,
    ClusterVariableRecord, CommandDistributionRecord, CompensationSubscriptionRecord,
    ConditionalEvaluationRecord, ConditionalSubscriptionRecord, DecisionEvaluationRecord, DecisionRecord,
    DecisionRequirementsRecord, DeploymentRecord, ErrorRecord, EscalationRecord, FormRecord,
    HistoryDeletionRecord, IncidentRecord, JobBatchRecord, JobRecord, MessageCorrelationRecord,
    MessageRecord, MessageStartEventSubscriptionRecord, MessageSubscriptionRecord, MultiInstanceRecord,
    PartitionMessageRecord, PendingCommandRecord, ProcessEventRecord, ProcessInstanceBusinessIdRecord,
    ProcessInstanceCreationRecord, ProcessInstanceMigrationRecord, ProcessInstanceModificationRecord,
    ProcessInstanceRecord, ProcessInstanceResultRecord, ProcessMessageSubscriptionRecord, ProcessRecord,
    RecordValue, ResourceDeletionRecord, ResourceRecord, RoutingRecord, RuntimeInstructionRecord,
    SignalRecord, SignalSubscriptionRecord, TimerRecord, UserTaskRecord, VariableDocumentRecord,
    VariableRecord,
};
use ringbolt_record::{Intent, Key, RecordRef, ValueType};
use ringbolt_tables::Tables;
use rkyv::api::low::LowValidator;
use rkyv::bytecheck::CheckBytes;
use rkyv::{Portable, rancor};

/// The intent is no event of this value type.
#[derive(Debug)]
pub(crate) struct NoEvent;

/// A value whose events can be applied.
pub(crate) trait Applied: RecordValue {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent>;
}

/// Applies a record of a log.
pub(crate) fn apply_record(tables: &mut Tables, record: &RecordRef<'_>) -> Result<(), ReplayError> {
    match record.header.intent.value_type() {
        ValueType::Job => apply::<JobRecord<'_>>(tables, record),
        ValueType::Deployment => apply::<DeploymentRecord<'_>>(tables, record),
        ValueType::ProcessInstance => apply::<ProcessInstanceRecord<'_>>(tables, record),
        ValueType::Incident => apply::<IncidentRecord<'_>>(tables, record),
        ValueType::Message => apply::<MessageRecord<'_>>(tables, record),
        ValueType::MessageSubscription => apply::<MessageSubscriptionRecord<'_>>(tables, record),
        ValueType::ProcessMessageSubscription => {
            apply::<ProcessMessageSubscriptionRecord<'_>>(tables, record)
        }
        ValueType::ClusterVariable => apply::<ClusterVariableRecord<'_>>(tables, record),
        ValueType::Signal => apply::<SignalRecord<'_>>(tables, record),
        ValueType::SignalSubscription => apply::<SignalSubscriptionRecord<'_>>(tables, record),
        ValueType::CompensationSubscription => apply::<CompensationSubscriptionRecord<'_>>(tables, record),
        ValueType::ConditionalSubscription => apply::<ConditionalSubscriptionRecord<'_>>(tables, record),
        ValueType::ConditionalEvaluation => apply::<ConditionalEvaluationRecord<'_>>(tables, record),
        ValueType::MessageCorrelation => apply::<MessageCorrelationRecord<'_>>(tables, record),
        ValueType::MessageStartEventSubscription => {
            apply::<MessageStartEventSubscriptionRecord<'_>>(tables, record)
        }
        ValueType::JobBatch => apply::<JobBatchRecord<'_>>(tables, record),
        ValueType::Timer => apply::<TimerRecord<'_>>(tables, record),
        ValueType::ProcessEvent => apply::<ProcessEventRecord<'_>>(tables, record),
        ValueType::Variable => apply::<VariableRecord<'_>>(tables, record),
        ValueType::VariableDocument => apply::<VariableDocumentRecord<'_>>(tables, record),
        ValueType::ProcessInstanceCreation => apply::<ProcessInstanceCreationRecord<'_>>(tables, record),
        ValueType::ProcessInstanceModification => {
            apply::<ProcessInstanceModificationRecord<'_>>(tables, record)
        }
        ValueType::AdHocSubProcessInstruction => {
            apply::<AdHocSubProcessInstructionRecord<'_>>(tables, record)
        }
        ValueType::ProcessInstanceMigration => apply::<ProcessInstanceMigrationRecord<'_>>(tables, record),
        ValueType::ProcessInstanceBusinessId => apply::<ProcessInstanceBusinessIdRecord<'_>>(tables, record),
        ValueType::RuntimeInstruction => apply::<RuntimeInstructionRecord<'_>>(tables, record),
        ValueType::Error => apply::<ErrorRecord<'_>>(tables, record),
        ValueType::Escalation => apply::<EscalationRecord<'_>>(tables, record),
        ValueType::ProcessInstanceResult => apply::<ProcessInstanceResultRecord<'_>>(tables, record),
        ValueType::Process => apply::<ProcessRecord<'_>>(tables, record),
        ValueType::CommandDistribution => apply::<CommandDistributionRecord>(tables, record),
        ValueType::PartitionMessage => apply::<PartitionMessageRecord<'_>>(tables, record),
        ValueType::Routing => apply::<RoutingRecord>(tables, record),
        ValueType::Decision => apply::<DecisionRecord<'_>>(tables, record),
        ValueType::DecisionRequirements => apply::<DecisionRequirementsRecord<'_>>(tables, record),
        ValueType::DecisionEvaluation => apply::<DecisionEvaluationRecord<'_>>(tables, record),
        ValueType::Form => apply::<FormRecord<'_>>(tables, record),
        ValueType::Resource => apply::<ResourceRecord<'_>>(tables, record),
        ValueType::ResourceDeletion => apply::<ResourceDeletionRecord<'_>>(tables, record),
        ValueType::BatchOperationCreation => apply::<BatchOperationCreationRecord<'_>>(tables, record),
        ValueType::BatchOperationInitialization => {
            apply::<BatchOperationInitializationRecord>(tables, record)
        }
        ValueType::BatchOperationChunk => apply::<BatchOperationChunkRecord>(tables, record),
        ValueType::BatchOperationExecution => apply::<BatchOperationExecutionRecord<'_>>(tables, record),
        ValueType::BatchOperationLifecycleManagement => {
            apply::<BatchOperationLifecycleManagementRecord<'_>>(tables, record)
        }
        ValueType::BatchOperationPartitionLifecycle => {
            apply::<BatchOperationPartitionLifecycleRecord<'_>>(tables, record)
        }
        ValueType::HistoryDeletion => apply::<HistoryDeletionRecord>(tables, record),
        ValueType::UserTask => apply::<UserTaskRecord<'_>>(tables, record),
        ValueType::PendingCommand => apply::<PendingCommandRecord<'_>>(tables, record),
        ValueType::MultiInstance => apply::<MultiInstanceRecord<'_>>(tables, record),
        ValueType::BusinessIdHold => apply::<BusinessIdHoldRecord<'_>>(tables, record),
    }
}

fn apply<V>(tables: &mut Tables, record: &RecordRef<'_>) -> Result<(), ReplayError>
where
    V: Applied,
    V::Archived: Portable + for<'b> CheckBytes<LowValidator<'b, rancor::Error>>,
{
    let value = record.value::<V>().map_err(|error: EntryError| ReplayError::Entry(error))?;
    V::apply(tables, record.header.intent, record.header.key, value).map_err(|NoEvent| {
        let intent = record.header.intent;
        ReplayError::UnknownEvent { value_type: intent.value_type().name(), intent: intent.name() }
    })
}
