//! The vocabulary of Ringbolt: everything that flows between gateway, engine, log and exporters.
//!
//! Code map
//! - `ids`: newtypes for keys, positions, partitions and times.
//! - `wire_enums`: record types, value types, intents, rejection and error types, as on Zeebe's wire.
//! - `values`: what a record says, one rkyv layout per value type, versioned and frozen.
//! - `entry`: a command with all its events as one unit of the log, byte by byte.
//! - `follow_up`: what an instance still has to do, as bytes of a version of its own.
//! - `partition_message`: what partitions tell each other, as bytes of a version of its own.
//! - `json`: records as JSON, for people and tools.
//! - `command`, `reply`: what the gateway asks of a partition and what it gets back; never stored.
//! - `ad_hoc`: what an ad-hoc sub-process is told.
//! - `batch_operation`: what is asked of many at once.
//! - `migration`: what is asked of a process instance that is to run another definition.
//! - `modification`: what is asked of a process instance whose tokens are to stand elsewhere.
//! - `user_task`: what is asked of user tasks, and which of their attributes changed.
//! - `variables`: a JSON document split once into its top-level variables.
//!
//! Invariants
//! - Nothing in here does I/O, reads a clock or allocates a key.
//! - A stored layout never changes: a change is a new version beside the old one (`docs/formats/record.md`).
//! - All archived layouts have alignment 1, so records may lie anywhere in a buffer or a memory map.

pub mod ad_hoc;
pub mod batch_operation;
mod cluster_variable;
pub mod command;
pub mod entry;
pub mod follow_up;
pub mod ids;
pub mod json;
mod lease;
pub mod migration;
pub mod modification;
pub mod partition_message;
pub mod reply;
pub mod user_task;
pub mod values;
pub mod variables;
pub mod wire_enums;

pub use ad_hoc::{AdHocActivation, AdHocInstruction, CompleteAdHocJob, InstructAdHocSubProcess};
pub use batch_operation::{BatchItem, BatchOperationCommand, BatchPlan};
pub use cluster_variable::{ChangeClusterVariable, ClusterVariable, ClusterVariableChange};
pub use command::{Command, JOB_BYTES_MAX, RequestContext};
pub use entry::{EntryBuilder, EntryMeta, EntryRef, RecordHeader, RecordRef};
pub use follow_up::{FollowUp, MessageStep};
pub use ids::{
    DurationMs, ElementIndex, ID_BYTES_MAX, Key, PartitionId, Position, RequestId, StreamId, TimestampMs,
};
pub use lease::lease_token;
pub use migration::MigrateProcessInstance;
pub use modification::ModifyProcessInstance;
pub use partition_message::PartitionMessage;
pub use reply::{ActivatedJob, Activation, Rejection, Reply};
pub use user_task::{ChangedAttributes, TaskListenerResult, UserTaskChanges, UserTaskCommand};
pub use variables::{CheckedText, VariableDocument, VariableDocumentError};
pub use wire_enums::{
    AdHocSubProcessInstructionIntent, BatchOperationChunkIntent, BatchOperationCreationIntent,
    BatchOperationErrorType, BatchOperationExecutionIntent, BatchOperationInitializationIntent,
    BatchOperationLifecycleManagementIntent, BatchOperationPartitionLifecycleIntent, BatchOperationType,
    BpmnElementType, BpmnEventType, BusinessIdHoldIntent, ClusterVariableIntent, ClusterVariableScope,
    CommandDistributionIntent, CompensationSubscriptionIntent, ConditionalEvaluationIntent,
    ConditionalSubscriptionIntent, DecisionEvaluationIntent, DecisionIntent, DecisionRequirementsIntent,
    DecisionType, DeploymentIntent, ErrorIntent, ErrorType, EscalationIntent, FormIntent,
    HistoryDeletionIntent, HistoryDeletionType, IncidentIntent, Intent, JobBatchIntent, JobIntent, JobKind,
    JobListenerEventType, MessageCorrelationIntent, MessageIntent, MessageStartEventSubscriptionIntent,
    MessageSubscriptionIntent, MultiInstanceIntent, PartitionMessageIntent, PendingCommandIntent,
    ProcessEventIntent, ProcessInstanceBusinessIdIntent, ProcessInstanceCreationIntent,
    ProcessInstanceIntent, ProcessInstanceMigrationIntent, ProcessInstanceModificationIntent,
    ProcessInstanceResultIntent, ProcessIntent, ProcessMessageSubscriptionIntent, RecordType, RejectionType,
    ResourceDeletionIntent, ResourceIntent, RoutingIntent, RuntimeInstructionIntent, SignalIntent,
    SignalSubscriptionIntent, TimerIntent, UserTaskIntent, ValueType, VariableDocumentIntent, VariableIntent,
};

/// The tenant of everything while multi-tenancy is off, as Camunda names it.
pub const DEFAULT_TENANT: &str = "<default>";

/// The type of the jobs of user tasks that the engine does not keep itself. They have headers of their own.
pub const USER_TASK_JOB_TYPE: &str = "io.camunda.zeebe:userTask";
