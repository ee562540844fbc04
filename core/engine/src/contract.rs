//! What the engine's caller gives it and gets from it.

use ringbolt_record::entry::EntryError;
use ringbolt_record::{
    ActivatedJob, Command, DurationMs, Intent, JOB_BYTES_MAX, JobIntent, Key, PartitionId,
    ProcessInstanceIntent, Rejection, Reply, RequestId, StreamId,
};
use std::sync::Arc;

/// Most steps (commands and their follow-ups) of one entry.
pub const BATCH_STEPS_MAX: u32 = 100;
/// When an entry has this many bytes, its remaining follow-ups wait for the next.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most bytes of one entry; the log takes 16 MiB with its own header.
pub const ENTRY_BYTES_MAX: usize = 16 * 1024 * 1024 - 4096;
/// The least that [`EngineSettings::entry_bytes_max`] may be: what any step's incident needs.
pub const ENTRY_BYTES_MIN: usize = 16 * 1024;
/// Longest text of an incident, a job's error or a rejection, bytes; less where an entry holds little.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Units of work of all expressions and decisions of one entry: about two milliseconds.
pub const EXPRESSION_UNITS_MAX: u64 = 2_000_000;
/// Most compiled definitions kept.
pub const DEFINITIONS_MAX: usize = 1000;

/// Most instances that call each other in a chain, the first one included.
pub const CALL_DEPTH_MAX: u32 = 1000;

/// Most messages that a partition keeps for those who do not wait for them yet.
pub const MESSAGES_MAX: u64 = 10_000_000;
/// Bytes of kept messages beyond which a partition refuses more.
pub const MESSAGE_BYTES_MAX: u64 = 4 << 30;

/// Timers, subscriptions and user tasks of a partition beyond which it begins no more instances for clients.
pub const WAITS_MAX: u64 = 100_000_000;

/// Most batch operations that have not ended yet; more are refused.
pub const BATCH_OPERATIONS_MAX: usize = 1_000;
/// Most items of a batch operation on one partition; where more are selected its part fails.
pub const BATCH_ITEMS_MAX: u64 = 1_000_000;

/// What an engine is set up with.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// The partition whose keys it generates.
    pub partition_id: PartitionId,
    /// How many partitions the cluster has, numbered from 1. What is different from the state becomes an event there.
    pub partition_count: u16,
    /// Most steps of one entry; at least 1.
    pub batch_steps_max: u32,
    /// When an entry has this many bytes, its remaining follow-ups wait for the next.
    pub batch_bytes_max: usize,
    /// Most bytes of one entry, its header included; at least [`ENTRY_BYTES_MIN`]. A step that would go beyond it is
    /// undone and put off, and is an incident if it does not even fit alone.
    pub entry_bytes_max: usize,
    /// Units of work (about a nanosecond each) of all expressions and decisions of one entry. A step that needs more
    /// than is left is undone and put off, and is an incident if it needs more than all of them.
    pub expression_units_max: u64,
    /// Most instances that call each other in a chain, the first one included; at least 1. A call beyond it is an incident.
    pub call_depth_max: u32,
    /// Most messages that are kept for those who do not wait for them yet; more are refused.
    pub messages_max: u64,
    /// Bytes of kept messages beyond which more are refused.
    pub message_bytes_max: u64,
    /// Timers, subscriptions and user tasks beyond which clients' new instances are refused.
    pub waits_max: u64,
    /// Most bytes of a job that is given to a worker, roughly; one that has more is an incident.
    pub job_bytes_max: u32,
    /// Most compiled definitions kept in memory; at least 1.
    pub definitions_max: usize,
    /// Of each process and owner only one instance that was not called has a business id at a time: what would start another is refused, or
    /// waits as a message. As in Camunda 8.9 (`camunda.process-instance-creation.business-id-uniqueness-enabled`). Only processing reads
    /// it: who has which id is known either way, so it may be another at each start.
    pub business_ids_are_unique: bool,
    /// Bounds of deployed processes.
    pub model_limits: ringbolt_model::Limits,
    /// Bounds of deployed decisions.
    pub decision_limits: ringbolt_dmn::Limits,
}

impl EngineSettings {
    /// The defaults, for the only partition of its cluster.
    pub fn new(partition_id: PartitionId) -> Self {
        Self {
            partition_id,
            partition_count: 1,
            batch_steps_max: BATCH_STEPS_MAX,
            batch_bytes_max: BATCH_BYTES_MAX,
            entry_bytes_max: ENTRY_BYTES_MAX,
            expression_units_max: EXPRESSION_UNITS_MAX,
            call_depth_max: CALL_DEPTH_MAX,
            messages_max: MESSAGES_MAX,
            message_bytes_max: MESSAGE_BYTES_MAX,
            waits_max: WAITS_MAX,
            job_bytes_max: JOB_BYTES_MAX,
            definitions_max: DEFINITIONS_MAX,
            business_ids_are_unique: false,
            model_limits: ringbolt_model::Limits::default(),
            decision_limits: ringbolt_dmn::Limits::default(),
        }
    }
}

impl EngineSettings {
    /// Longest text of an incident, a job's error or a rejection, bytes.
    pub(crate) fn text_bytes_max(&self) -> usize {
        TEXT_BYTES_MAX.min(self.entry_bytes_max / 16)
    }
}

/// Whether the entry is to be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The entry holds the command and its events.
    Events,
    /// Nothing was changed and the entry holds nothing: a rejection, or an answer without an event.
    RejectionOnly,
}

/// What is to be done once the entry is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Answer a request.
    Reply {
        /// Which one.
        request: RequestId,
        /// With what.
        result: Result<Reply, Rejection>,
    },
    /// Hand a job to a stream, whose credit was taken.
    PushJob {
        /// Which one.
        stream: StreamId,
        /// The job.
        job: ActivatedJob,
    },
    /// Jobs of a type wait for a worker; at most once per type and entry.
    JobsAvailable {
        /// The type.
        job_type: Arc<str>,
        /// Owner.
        tenant_id: Arc<str>,
    },
    /// Hand a command to another partition; it is sent again until it is acknowledged.
    Send {
        /// To which one.
        partition: PartitionId,
        /// The command.
        command: Command,
    },
}

/// What an event means to the partition that appends it. Told while the entry is written, so that nobody reads it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A job is in nobody's hands any more: it ended, failed or was taken back.
    JobReleased(Key),
    /// A process instance came to be.
    InstanceCreated(Key),
    /// An element instance completed, be it a process's or another.
    ElementCompleted(Key),
}

impl Note {
    /// What an event says of the key that it is about, where that is all there is to know.
    pub(crate) fn of(intent: Intent, key: Key) -> Option<Self> {
        match intent {
            Intent::Job(intent) => leaves_hands(intent).then_some(Self::JobReleased(key)),
            Intent::ProcessInstance(ProcessInstanceIntent::ElementCompleted) => {
                Some(Self::ElementCompleted(key))
            }
            Intent::ProcessInstance(_)
            | Intent::Deployment(_)
            | Intent::CommandDistribution(_)
            | Intent::PartitionMessage(_)
            | Intent::Message(_)
            | Intent::MessageSubscription(_)
            | Intent::ProcessMessageSubscription(_)
            | Intent::MessageCorrelation(_)
            | Intent::Signal(_)
            | Intent::ClusterVariable(_)
            | Intent::SignalSubscription(_)
            | Intent::CompensationSubscription(_)
            | Intent::ConditionalSubscription(_)
            | Intent::ConditionalEvaluation(_)
            | Intent::MessageStartEventSubscription(_)
            | Intent::Routing(_)
            | Intent::Decision(_)
            | Intent::DecisionRequirements(_)
            | Intent::DecisionEvaluation(_)
            | Intent::Incident(_)
            | Intent::JobBatch(_)
            | Intent::Variable(_)
            | Intent::VariableDocument(_)
            | Intent::ProcessInstanceCreation(_)
            | Intent::ProcessInstanceModification(_)
            | Intent::AdHocSubProcessInstruction(_)
            | Intent::ProcessInstanceMigration(_)
            | Intent::ProcessInstanceBusinessId(_)
            | Intent::RuntimeInstruction(_)
            | Intent::Error(_)
            | Intent::ProcessInstanceResult(_)
            | Intent::Process(_)
            | Intent::Timer(_)
            | Intent::ProcessEvent(_)
            | Intent::Escalation(_)
            | Intent::Form(_)
            | Intent::Resource(_)
            | Intent::ResourceDeletion(_)
            | Intent::BatchOperationCreation(_)
            | Intent::BatchOperationInitialization(_)
            | Intent::BatchOperationChunk(_)
            | Intent::BatchOperationExecution(_)
            | Intent::BatchOperationLifecycleManagement(_)
            | Intent::BatchOperationPartitionLifecycle(_)
            | Intent::HistoryDeletion(_)
            | Intent::UserTask(_)
            | Intent::MultiInstance(_)
            | Intent::BusinessIdHold(_)
            | Intent::PendingCommand(_) => None,
        }
    }
}

/// A job that ended, failed or was taken back is in nobody's hands any more.
fn leaves_hands(intent: JobIntent) -> bool {
    match intent {
        JobIntent::Completed
        | JobIntent::Failed
        | JobIntent::TimedOut
        | JobIntent::Canceled
        | JobIntent::ErrorThrown
        | JobIntent::Yielded => true,
        JobIntent::Created
        | JobIntent::Complete
        | JobIntent::TimeOut
        | JobIntent::Fail
        | JobIntent::UpdateRetries
        | JobIntent::RetriesUpdated
        | JobIntent::ThrowError
        | JobIntent::RecurAfterBackoff
        | JobIntent::RecurredAfterBackoff
        | JobIntent::Yield
        | JobIntent::UpdateTimeout
        | JobIntent::TimeoutUpdated
        | JobIntent::Update
        | JobIntent::Migrated
        | JobIntent::PriorityUpdated
        | JobIntent::Updated
        | JobIntent::Suspended
        | JobIntent::Resumed => false,
    }
}

/// A stream that takes a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamGrant {
    /// The stream.
    pub stream: StreamId,
    /// Who gets the job.
    pub worker: Arc<str>,
    /// How long the worker has it.
    pub timeout: DurationMs,
    /// Whether the job comes with a lease.
    pub with_leases: bool,
    /// Names of variables; all that are visible when empty.
    pub fetch_variables: Arc<[String]>,
}

/// The open job streams of this partition.
pub trait JobStreams {
    /// Reserves one unit of credit of a stream for jobs of a type and tenant.
    fn take_credit(&mut self, job_type: &str, tenant_id: &str) -> Option<StreamGrant>;

    /// Gives a unit back: the command was rolled back, or the job could not be pushed after all.
    fn return_credit(&mut self, stream: StreamId);
}

/// No streams at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStreams;

impl JobStreams for NoStreams {
    fn take_credit(&mut self, _job_type: &str, _tenant_id: &str) -> Option<StreamGrant> {
        None
    }

    fn return_credit(&mut self, _stream: StreamId) {}
}

/// Why an entry cannot be replayed. The partition must stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Its bytes are damaged or foreign.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// An event that this version of Ringbolt cannot apply.
    #[error("event {value_type} {intent} cannot be applied by this version of Ringbolt")]
    UnknownEvent {
        /// Its value type.
        value_type: &'static str,
        /// Its intent.
        intent: &'static str,
    },
}
