//! The closed sets of Zeebe's protocol: record types, value types, intents, rejection and error types.
//!
//! Numbers and names are those of Zeebe's public protocol, so that exporters can hand them on as they are.
//! Only what Ringbolt writes or reads is listed; an unknown number read from a log is an error, not a guess.

use rkyv::{Archive, Deserialize, Serialize};

macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $number:literal $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Archive, Serialize, Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[rkyv(derive(Clone, Copy, PartialEq, Eq, Debug))]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_meta])* #[doc = $text] $variant = $number,)* }

        impl $name {
            /// All values, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
            /// The number on the wire.
            pub const fn number(self) -> u8 {
                self as u8
            }
            /// The value with this number, if Ringbolt knows it.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }
            /// Reads the archived form.
            pub fn of(archived: &<Self as Archive>::Archived) -> Self {
                match archived { $(<Self as Archive>::Archived::$variant => Self::$variant,)* }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

mod batch_operations;
mod cluster_variables;
mod deployed;
mod instances;
mod kinds;
mod subscriptions;

pub use batch_operations::{
    BatchOperationChunkIntent, BatchOperationCreationIntent, BatchOperationErrorType,
    BatchOperationExecutionIntent, BatchOperationInitializationIntent,
    BatchOperationLifecycleManagementIntent, BatchOperationPartitionLifecycleIntent, BatchOperationType,
    HistoryDeletionIntent, HistoryDeletionType,
};
pub use cluster_variables::{ClusterVariableIntent, ClusterVariableScope};
pub use deployed::{
    CommandDistributionIntent, DecisionIntent, DecisionRequirementsIntent, DeploymentIntent, FormIntent,
    ProcessIntent, ResourceDeletionIntent, ResourceIntent,
};
pub use instances::{
    BusinessIdHoldIntent, ProcessInstanceBusinessIdIntent, ProcessInstanceMigrationIntent,
    ProcessInstanceModificationIntent, RuntimeInstructionIntent,
};
pub use kinds::{
    BpmnElementType, BpmnEventType, DecisionType, ErrorType, JobKind, JobListenerEventType, RejectionType,
};
pub use subscriptions::{
    CompensationSubscriptionIntent, ConditionalEvaluationIntent, ConditionalSubscriptionIntent,
    EscalationIntent, MessageStartEventSubscriptionIntent, MessageSubscriptionIntent,
    ProcessMessageSubscriptionIntent, SignalSubscriptionIntent,
};

wire_enum! {
    /// Whether a record asks, tells or refuses.
    RecordType { Event = 0 "EVENT", Command = 1 "COMMAND", CommandRejection = 2 "COMMAND_REJECTION", }
}

wire_enum! {
    /// What a record is about.
    ValueType {
        Job = 0 "JOB",
        Deployment = 4 "DEPLOYMENT",
        ProcessInstance = 5 "PROCESS_INSTANCE",
        Incident = 6 "INCIDENT",
        Message = 10 "MESSAGE",
        MessageSubscription = 11 "MESSAGE_SUBSCRIPTION",
        ProcessMessageSubscription = 12 "PROCESS_MESSAGE_SUBSCRIPTION",
        JobBatch = 14 "JOB_BATCH",
        Timer = 15 "TIMER",
        MessageStartEventSubscription = 16 "MESSAGE_START_EVENT_SUBSCRIPTION",
        Variable = 17 "VARIABLE",
        VariableDocument = 18 "VARIABLE_DOCUMENT",
        ProcessInstanceCreation = 19 "PROCESS_INSTANCE_CREATION",
        Error = 20 "ERROR",
        ProcessInstanceResult = 21 "PROCESS_INSTANCE_RESULT",
        Process = 22 "PROCESS",
        ProcessEvent = 24 "PROCESS_EVENT",
        Decision = 25 "DECISION",
        DecisionRequirements = 26 "DECISION_REQUIREMENTS",
        DecisionEvaluation = 27 "DECISION_EVALUATION",
        ProcessInstanceModification = 28 "PROCESS_INSTANCE_MODIFICATION",
        Escalation = 29 "ESCALATION",
        SignalSubscription = 30 "SIGNAL_SUBSCRIPTION",
        Signal = 31 "SIGNAL",
        ResourceDeletion = 32 "RESOURCE_DELETION",
        CommandDistribution = 33 "COMMAND_DISTRIBUTION",
        Form = 36 "FORM",
        UserTask = 37 "USER_TASK",
        ProcessInstanceMigration = 38 "PROCESS_INSTANCE_MIGRATION",
        CompensationSubscription = 39 "COMPENSATION_SUBSCRIPTION",
        MessageCorrelation = 40 "MESSAGE_CORRELATION",
        Resource = 44 "RESOURCE",
        BatchOperationCreation = 50 "BATCH_OPERATION_CREATION",
        BatchOperationExecution = 51 "BATCH_OPERATION_EXECUTION",
        BatchOperationChunk = 52 "BATCH_OPERATION_CHUNK",
        AdHocSubProcessInstruction = 53 "AD_HOC_SUB_PROCESS_INSTRUCTION",
        BatchOperationLifecycleManagement = 54 "BATCH_OPERATION_LIFECYCLE_MANAGEMENT",
        BatchOperationPartitionLifecycle = 55 "BATCH_OPERATION_PARTITION_LIFECYCLE",
        RuntimeInstruction = 59 "RUNTIME_INSTRUCTION",
        BatchOperationInitialization = 60 "BATCH_OPERATION_INITIALIZATION",
        ClusterVariable = 61 "CLUSTER_VARIABLE",
        HistoryDeletion = 62 "HISTORY_DELETION",
        ConditionalSubscription = 63 "CONDITIONAL_SUBSCRIPTION",
        ConditionalEvaluation = 64 "CONDITIONAL_EVALUATION",
        ProcessInstanceBusinessId = 65 "PROCESS_INSTANCE_BUSINESS_ID",
        // Ringbolt's own: a follow-up command beyond the batch's bound, kept for the next entry.
        PendingCommand = 240 "PENDING_COMMAND",
        // Ringbolt's own: what partitions send to each other, and which there are; what repeated activities work through; who has business ids elsewhere.
        PartitionMessage = 241 "PARTITION_MESSAGE",
        Routing = 242 "ROUTING",
        MultiInstance = 243 "MULTI_INSTANCE",
        BusinessIdHold = 244 "BUSINESS_ID_HOLD",
    }
}

wire_enum! {
    /// What happens to an evaluation of a decision.
    DecisionEvaluationIntent { Evaluated = 0 "EVALUATED", Failed = 1 "FAILED", Evaluate = 2 "EVALUATE", }
}
wire_enum! {
    /// What happens to what an ad-hoc sub-process is told.
    AdHocSubProcessInstructionIntent {
        Activate = 0 "ACTIVATE", Activated = 1 "ACTIVATED", Complete = 2 "COMPLETE", Completed = 3 "COMPLETED",
    }
}
wire_enum! {
    /// What happens to an element instance; the process instance is the one of the root element.
    ProcessInstanceIntent {
        Cancel = 0 "CANCEL",
        SequenceFlowTaken = 1 "SEQUENCE_FLOW_TAKEN",
        ElementActivating = 2 "ELEMENT_ACTIVATING",
        ElementActivated = 3 "ELEMENT_ACTIVATED",
        ElementCompleting = 4 "ELEMENT_COMPLETING",
        ElementCompleted = 5 "ELEMENT_COMPLETED",
        ElementTerminating = 6 "ELEMENT_TERMINATING",
        ElementTerminated = 7 "ELEMENT_TERMINATED",
        ActivateElement = 8 "ACTIVATE_ELEMENT",
        CompleteElement = 9 "COMPLETE_ELEMENT",
        TerminateElement = 10 "TERMINATE_ELEMENT",
        ElementMigrated = 11 "ELEMENT_MIGRATED",
        AncestorMigrated = 13 "ANCESTOR_MIGRATED",
        SequenceFlowDeleted = 15 "SEQUENCE_FLOW_DELETED",
        Canceling = 16 "CANCELING",
        Suspend = 17 "SUSPEND",
        Suspended = 18 "SUSPENDED",
        Resume = 19 "RESUME",
        Resumed = 20 "RESUMED",
        Resuming = 21 "RESUMING",
    }
}
wire_enum! {
    /// What happens to a job.
    JobIntent {
        Created = 0 "CREATED",
        Complete = 1 "COMPLETE",
        Completed = 2 "COMPLETED",
        TimeOut = 3 "TIME_OUT",
        TimedOut = 4 "TIMED_OUT",
        Fail = 5 "FAIL",
        Failed = 6 "FAILED",
        UpdateRetries = 7 "UPDATE_RETRIES",
        RetriesUpdated = 8 "RETRIES_UPDATED",
        Canceled = 10 "CANCELED",
        ThrowError = 11 "THROW_ERROR",
        ErrorThrown = 12 "ERROR_THROWN",
        RecurAfterBackoff = 13 "RECUR_AFTER_BACKOFF",
        RecurredAfterBackoff = 14 "RECURRED_AFTER_BACKOFF",
        Yield = 15 "YIELD",
        Yielded = 16 "YIELDED",
        UpdateTimeout = 17 "UPDATE_TIMEOUT",
        TimeoutUpdated = 18 "TIMEOUT_UPDATED",
        Migrated = 19 "MIGRATED",
        Update = 20 "UPDATE",
        Updated = 21 "UPDATED",
        PriorityUpdated = 22 "PRIORITY_UPDATED",
        // Their numbers are Ringbolt's own.
        Suspended = 240 "SUSPENDED", Resumed = 241 "RESUMED",
    }
}
wire_enum! {
    /// What happens to a message.
    MessageIntent { Publish = 0 "PUBLISH", Published = 1 "PUBLISHED", Expire = 2 "EXPIRE", Expired = 3 "EXPIRED", }
}
wire_enum! {
    /// What happens to a message whose publisher waits for whom it reaches.
    MessageCorrelationIntent {
        Correlate = 1 "CORRELATE", Correlating = 2 "CORRELATING", Correlated = 3 "CORRELATED", NotCorrelated = 4 "NOT_CORRELATED",
    }
}
wire_enum! {
    /// What happens to a signal.
    SignalIntent {
        Broadcast = 0 "BROADCAST", Broadcasted = 1 "BROADCASTED",
        // Ringbolt's own: what is kept of one that reaches too many for one entry is done with, and what was kept of one that was thrown;
        // an event has thrown one, which is broadcast in a later step.
        Ended = 240 "ENDED", Thrown = 241 "THROWN",
    }
}
wire_enum! {
    /// What happens to a batch of jobs.
    JobBatchIntent { Activate = 0 "ACTIVATE", Activated = 1 "ACTIVATED", }
}
wire_enum! {
    /// What happens to a timer.
    TimerIntent {
        Created = 0 "CREATED", Trigger = 1 "TRIGGER", Triggered = 2 "TRIGGERED", Canceled = 4 "CANCELED", Migrated = 5 "MIGRATED",
        // Their numbers are Ringbolt's own.
        Suspended = 240 "SUSPENDED", Resumed = 241 "RESUMED",
    }
}
wire_enum! {
    /// What happens to an event that was caught.
    ProcessEventIntent { Triggering = 0 "TRIGGERING", Triggered = 1 "TRIGGERED", }
}
wire_enum! {
    /// What happens to an incident.
    IncidentIntent { Created = 0 "CREATED", Resolve = 1 "RESOLVE", Resolved = 2 "RESOLVED", Migrated = 3 "MIGRATED", }
}
wire_enum! {
    /// What happens to a variable.
    VariableIntent { Created = 0 "CREATED", Updated = 1 "UPDATED", Migrated = 2 "MIGRATED", }
}
wire_enum! {
    /// What happens to a document of variables.
    VariableDocumentIntent {
        Update = 0 "UPDATE", Updated = 1 "UPDATED", Updating = 2 "UPDATING", UpdateDenied = 3 "UPDATE_DENIED",
        // Ringbolt's own: the element that it was for is never entered.
        Deleted = 240 "DELETED",
    }
}
wire_enum! {
    /// What happens to the creation of a process instance.
    ProcessInstanceCreationIntent {
        Create = 0 "CREATE",
        Created = 1 "CREATED",
        CreateWithAwaitingResult = 2 "CREATE_WITH_AWAITING_RESULT",
    }
}
wire_enum! {
    /// What happens to the awaited result of a process instance.
    ProcessInstanceResultIntent { Completed = 0 "COMPLETED", }
}
wire_enum! {
    /// An instance that processing gave up on. Ringbolt's own: where it was never entered, nothing of it stays.
    ErrorIntent { Created = 0 "CREATED", Released = 240 "RELEASED", }
}
wire_enum! {
    /// What happens to a user task.
    UserTaskIntent {
        Creating = 0 "CREATING",
        Created = 1 "CREATED",
        Complete = 2 "COMPLETE",
        Completing = 3 "COMPLETING",
        Completed = 4 "COMPLETED",
        Canceling = 5 "CANCELING",
        Canceled = 6 "CANCELED",
        Assign = 7 "ASSIGN",
        Assigning = 8 "ASSIGNING",
        Assigned = 9 "ASSIGNED",
        Claim = 10 "CLAIM",
        Update = 11 "UPDATE",
        Updating = 12 "UPDATING",
        Updated = 13 "UPDATED",
        Migrated = 14 "MIGRATED",
        CompletionDenied = 16 "COMPLETION_DENIED", Corrected = 17 "CORRECTED",
        AssignmentDenied = 18 "ASSIGNMENT_DENIED", UpdateDenied = 19 "UPDATE_DENIED", Claiming = 20 "CLAIMING",
    }
}
wire_enum! {
    /// A follow-up command kept for the next entry, or while its instance is suspended, or taken from there.
    PendingCommandIntent { Created = 0 "CREATED", Continued = 1 "CONTINUED", Buffered = 2 "BUFFERED", Drained = 3 "DRAINED", }
}
wire_enum! {
    /// What happens to messages between partitions.
    PartitionMessageIntent {
        Sent = 0 "SENT", Deliver = 1 "DELIVER", Received = 2 "RECEIVED", Acknowledge = 3 "ACKNOWLEDGE", Acknowledged = 4 "ACKNOWLEDGED",
    }
}
wire_enum! {
    /// What happens to the partitions that a partition knows of.
    RoutingIntent { Changed = 0 "CHANGED", }
}
wire_enum! {
    /// What happens to a multi-instance body.
    MultiInstanceIntent { Created = 0 "CREATED", Collected = 1 "COLLECTED", Satisfied = 2 "SATISFIED", Forgotten = 3 "FORGOTTEN", }
}

/// A value type together with what happens to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Intent {
    /// Of a job.
    Job(JobIntent),
    /// Of a deployment.
    Deployment(DeploymentIntent),
    /// Of an element instance.
    ProcessInstance(ProcessInstanceIntent),
    /// Of an incident.
    Incident(IncidentIntent),
    /// Of a message.
    Message(MessageIntent),
    /// Of a subscription of messages.
    MessageSubscription(MessageSubscriptionIntent),
    /// Of a subscription of messages, on the instance's side.
    ProcessMessageSubscription(ProcessMessageSubscriptionIntent),
    /// Of a start event that waits for messages.
    MessageStartEventSubscription(MessageStartEventSubscriptionIntent),
    /// Of a message whose publisher waits for whom it reaches.
    MessageCorrelation(MessageCorrelationIntent),
    /// Of somebody who waits for a signal.
    SignalSubscription(SignalSubscriptionIntent),
    /// Of a signal.
    Signal(SignalIntent),
    /// Of an activity that can be compensated.
    CompensationSubscription(CompensationSubscriptionIntent),
    /// Of somebody who waits for a condition.
    ConditionalSubscription(ConditionalSubscriptionIntent),
    /// Of an evaluation of conditions that start processes.
    ConditionalEvaluation(ConditionalEvaluationIntent),
    /// Of a batch of jobs.
    JobBatch(JobBatchIntent),
    /// Of a timer.
    Timer(TimerIntent),
    /// Of an event that was caught.
    ProcessEvent(ProcessEventIntent),
    /// [`ValueType::Escalation`]
    Escalation(EscalationIntent),
    /// Of a variable.
    Variable(VariableIntent),
    /// Of a document of variables.
    VariableDocument(VariableDocumentIntent),
    /// Of a cluster variable.
    ClusterVariable(ClusterVariableIntent),
    /// Of a creation.
    ProcessInstanceCreation(ProcessInstanceCreationIntent),
    /// Of a change of where an instance stands.
    ProcessInstanceModification(ProcessInstanceModificationIntent),
    /// Of what an ad-hoc sub-process is told.
    AdHocSubProcessInstruction(AdHocSubProcessInstructionIntent),
    /// Of a change of which definition an instance runs.
    ProcessInstanceMigration(ProcessInstanceMigrationIntent),
    /// Of a business id that an instance is given later.
    ProcessInstanceBusinessId(ProcessInstanceBusinessIdIntent),
    /// Of what an instance was told for its run.
    RuntimeInstruction(RuntimeInstructionIntent),
    /// Of a processing error.
    Error(ErrorIntent),
    /// Of an awaited result.
    ProcessInstanceResult(ProcessInstanceResultIntent),
    /// Of a process definition.
    Process(ProcessIntent),
    /// Of a command that every partition is to process.
    CommandDistribution(CommandDistributionIntent),
    /// Of a decision.
    Decision(DecisionIntent),
    /// Of a model of decisions.
    DecisionRequirements(DecisionRequirementsIntent),
    /// Of an evaluation of a decision.
    DecisionEvaluation(DecisionEvaluationIntent),
    /// Of a form.
    Form(FormIntent),
    /// Of another resource.
    Resource(ResourceIntent),
    /// Of a deletion.
    ResourceDeletion(ResourceDeletionIntent),
    /// Of the creation of a batch operation.
    BatchOperationCreation(BatchOperationCreationIntent),
    /// Of the selection of a batch operation's items.
    BatchOperationInitialization(BatchOperationInitializationIntent),
    /// Of items of a batch operation.
    BatchOperationChunk(BatchOperationChunkIntent),
    /// Of an item of a batch operation.
    BatchOperationExecution(BatchOperationExecutionIntent),
    /// Of a batch operation as a whole.
    BatchOperationLifecycleManagement(BatchOperationLifecycleManagementIntent),
    /// Of a partition's part of a batch operation.
    BatchOperationPartitionLifecycle(BatchOperationPartitionLifecycleIntent),
    /// Of what is known of something that has ended.
    HistoryDeletion(HistoryDeletionIntent),
    /// Of a user task.
    UserTask(UserTaskIntent),
    /// Of a follow-up command beyond the batch's bound.
    PendingCommand(PendingCommandIntent),
    /// Of messages between partitions.
    PartitionMessage(PartitionMessageIntent),
    /// Of the partitions that there are.
    Routing(RoutingIntent),
    /// Of a multi-instance body.
    MultiInstance(MultiInstanceIntent),
    /// Of a business id that instances elsewhere have.
    BusinessIdHold(BusinessIdHoldIntent),
}

macro_rules! intent_dispatch {
    ($($variant:ident => $kind:ident,)*) => {
        impl Intent {
            /// What the record is about.
            pub const fn value_type(self) -> ValueType {
                match self { $(Self::$variant(_) => ValueType::$variant,)* }
            }
            /// The intent's number on the wire.
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant(intent) => intent.number(),)* }
            }
            /// The intent's name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant(intent) => intent.name(),)* }
            }
            /// The intent with these numbers, if Ringbolt knows it.
            pub fn from_numbers(value_type: ValueType, number: u8) -> Option<Self> {
                match value_type { $(ValueType::$variant => $kind::from_number(number).map(Self::$variant),)* }
            }
        }
        $(impl From<$kind> for Intent {
            fn from(intent: $kind) -> Self {
                Self::$variant(intent)
            }
        })*
    };
}
intent_dispatch! {
    Job => JobIntent,
    Deployment => DeploymentIntent,
    ProcessInstance => ProcessInstanceIntent,
    Incident => IncidentIntent,
    Message => MessageIntent,
    MessageSubscription => MessageSubscriptionIntent,
    ProcessMessageSubscription => ProcessMessageSubscriptionIntent,
    MessageStartEventSubscription => MessageStartEventSubscriptionIntent,
    MessageCorrelation => MessageCorrelationIntent,
    SignalSubscription => SignalSubscriptionIntent,
    Signal => SignalIntent,
    CompensationSubscription => CompensationSubscriptionIntent,
    ConditionalSubscription => ConditionalSubscriptionIntent,
    ConditionalEvaluation => ConditionalEvaluationIntent,
    JobBatch => JobBatchIntent,
    Timer => TimerIntent,
    ProcessEvent => ProcessEventIntent,
    Escalation => EscalationIntent,
    Variable => VariableIntent,
    VariableDocument => VariableDocumentIntent,
    ClusterVariable => ClusterVariableIntent,
    ProcessInstanceCreation => ProcessInstanceCreationIntent,
    ProcessInstanceModification => ProcessInstanceModificationIntent,
    AdHocSubProcessInstruction => AdHocSubProcessInstructionIntent,
    ProcessInstanceMigration => ProcessInstanceMigrationIntent,
    ProcessInstanceBusinessId => ProcessInstanceBusinessIdIntent,
    RuntimeInstruction => RuntimeInstructionIntent,
    Error => ErrorIntent,
    ProcessInstanceResult => ProcessInstanceResultIntent,
    Process => ProcessIntent,
    CommandDistribution => CommandDistributionIntent,
    Decision => DecisionIntent,
    DecisionRequirements => DecisionRequirementsIntent,
    DecisionEvaluation => DecisionEvaluationIntent,
    Form => FormIntent,
    Resource => ResourceIntent,
    ResourceDeletion => ResourceDeletionIntent,
    BatchOperationCreation => BatchOperationCreationIntent,
    BatchOperationInitialization => BatchOperationInitializationIntent,
    BatchOperationChunk => BatchOperationChunkIntent,
    BatchOperationExecution => BatchOperationExecutionIntent,
    BatchOperationLifecycleManagement => BatchOperationLifecycleManagementIntent,
    BatchOperationPartitionLifecycle => BatchOperationPartitionLifecycleIntent,
    HistoryDeletion => HistoryDeletionIntent,
    UserTask => UserTaskIntent,
    PendingCommand => PendingCommandIntent,
    PartitionMessage => PartitionMessageIntent,
    Routing => RoutingIntent,
    MultiInstance => MultiInstanceIntent,
    BusinessIdHold => BusinessIdHoldIntent,
}

#[cfg(test)]
mod tests;
