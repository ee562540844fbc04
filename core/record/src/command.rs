//! What the outside, or a checker, asks of a partition. Never stored as it is: its effects are events.
//!
//! Commands are plain owned data and `Send`, so that one can cross to the core that owns its partition.
//! Bounds on their size are the gateway's; rules about their content are the engine's.

mod recorded;

use crate::ad_hoc::{CompleteAdHocJob, InstructAdHocSubProcess};
use crate::batch_operation::BatchOperationCommand;
use crate::cluster_variable::ChangeClusterVariable;
use crate::ids::{DurationMs, Key, PartitionId, RequestId};
use crate::migration::MigrateProcessInstance;
use crate::modification::ModifyProcessInstance;
use crate::reply::Activation;
use crate::user_task::{TaskListenerResult, UserTaskCommand};
use crate::variables::VariableDocument;
use bytes::Bytes;

/// Who asks, and what goes with it into the entry's header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestContext {
    /// The request to answer; none for a checker's command.
    pub request: Option<RequestId>,
    /// The client's own reference of the operation; 0 when it gave none.
    pub operation_reference: u64,
    /// The batch operation that this is part of; 0 when it is of none.
    pub batch_operation_reference: u64,
    /// Trace of the request; 0 when it has none.
    pub trace_id: u128,
    /// Who asked, as the gateway established it; empty while authorization is off.
    pub claims: Vec<u8>,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Deploys resources together: all of them or none.
    CreateDeployment(CreateDeployment),
    /// Deletes a process, a model of decisions, a form or another resource.
    DeleteResource {
        /// Which one.
        resource_key: Key,
        /// Whether what is known of its instances goes too: of a process, or of the decisions of a model. Others have none.
        delete_history: bool,
    },
    /// Asks for a deployed form or another resource that is no model. Never written: it has no events.
    FetchResource {
        /// Which one.
        resource_key: Key,
        /// What it has to be.
        resource_type: ResourceType,
    },
    /// Starts a process instance.
    CreateProcessInstance(CreateProcessInstance),
    /// Evaluates a decision.
    EvaluateDecision(EvaluateDecision),
    /// Evaluates an expression. Never written: it has no events.
    EvaluateExpression(EvaluateExpression),
    /// Cancels a process instance.
    CancelProcessInstance {
        /// The instance.
        process_instance_key: Key,
    },
    /// Gives a process instance that has no business id one.
    AssignBusinessId {
        /// The instance.
        process_instance_key: Key,
        /// Its business id; 1 to 256 characters.
        business_id: String,
    },
    /// Lets a process instance rest until it is resumed.
    SuspendProcessInstance {
        /// The instance.
        process_instance_key: Key,
    },
    /// Lets a suspended process instance go on.
    ResumeProcessInstance {
        /// The instance.
        process_instance_key: Key,
    },
    /// Enters elements of a process instance and ends others.
    ModifyProcessInstance(ModifyProcessInstance),
    /// Enters elements of an ad-hoc sub-process, and ends what stands in it if that is asked for.
    InstructAdHocSubProcess(Box<InstructAdHocSubProcess>),
    /// Lets a process instance run another definition.
    MigrateProcessInstance(MigrateProcessInstance),
    /// Hands activatable jobs to a worker.
    ActivateJobs(ActivateJobs),
    /// Ends a job well.
    CompleteJob {
        /// The job.
        job_key: Key,
        /// The worker's results.
        variables: VariableDocument,
    },
    /// Ends a job well, with a result that is no variables.
    CompleteListener(Box<CompleteListener>),
    /// Ends the job of an ad-hoc sub-process well, with what that does next.
    CompleteAdHocJob(Box<CompleteAdHocJob>),
    /// Ends a job well, and gives its instance a business id before: both or nothing.
    WithBusinessId(Box<WithBusinessId>),
    /// Ends an attempt at a job.
    FailJob(FailJob),
    /// Ends a job with a business error.
    ThrowJobError {
        /// The job.
        job_key: Key,
        /// Matched against the model's error events.
        error_code: String,
        /// For the person who looks at it.
        error_message: String,
        /// Merged where the error is caught.
        variables: VariableDocument,
    },
    /// Something about a job, by who has it under a lease.
    WithLease(Box<WithLease>),
    /// Changes a job: retries (at least 1), the time until it is taken back, and its priority.
    UpdateJob {
        /// The job.
        job_key: Key,
        /// New retries, if they change.
        retries: Option<i32>,
        /// New span from now until the job times out, if it changes.
        timeout: Option<DurationMs>,
        /// New priority, if it changes.
        priority: Option<i32>,
        /// Which of the three commands of the protocol it came as; decides the events' intent.
        kind: JobUpdateKind,
    },
    /// Takes a job back from a worker that never got it.
    YieldJob {
        /// The hand-out that came to nothing.
        activation: Activation,
    },
    /// A checker found a job past its deadline.
    TimeOutJob {
        /// The job.
        job_key: Key,
    },
    /// A checker found a timer due.
    TriggerTimer {
        /// The timer.
        timer_key: Key,
    },
    /// A checker found a failed job rested.
    RecurJob {
        /// The job.
        job_key: Key,
    },
    /// Merges variables into the scope of an element instance.
    SetVariables {
        /// The element instance, or the process instance.
        element_instance_key: Key,
        /// What to merge.
        variables: VariableDocument,
        /// Where they go.
        semantics: UpdateSemantics,
    },
    /// Does something with a user task.
    UserTask(UserTaskCommand),
    /// Goes on after an incident.
    ResolveIncident {
        /// The incident.
        incident_key: Key,
    },
    /// Goes on with what an instance put off.
    ContinuePending {
        /// The instance whose turn it is.
        process_instance_key: Key,
    },
    /// Publishes a message, on the partition of its correlation key.
    PublishMessage(PublishMessage),
    /// Publishes a message that is not kept, on the partition of its correlation key, and waits for whom it reaches first.
    CorrelateMessage(CorrelateMessage),
    /// Broadcasts a signal, on every partition.
    BroadcastSignal(BroadcastSignal),
    /// Evaluates the conditions of processes' start events, and starts an instance for each that holds.
    EvaluateConditionals(EvaluateConditionals),
    /// Changes a cluster variable, on the partition that keeps deployments.
    ChangeClusterVariable(Box<ChangeClusterVariable>),
    /// Asks for what expressions see of cluster variables. Never written: it has no events.
    FetchClusterVariables,
    /// A checker found a message past its deadline.
    ExpireMessage {
        /// The message.
        message_key: Key,
    },
    /// What passes between partitions.
    Partition(PartitionCommand),
    /// Asks something of a batch operation.
    BatchOperation(Box<BatchOperationCommand>),
}

/// See [`Command::CompleteListener`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteListener {
    /// The job.
    pub job_key: Key,
    /// Variables that the worker sends.
    pub variables: VariableDocument,
    /// What it answers.
    pub result: TaskListenerResult,
}

/// See [`Command::PublishMessage`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishMessage {
    /// What kind of message it is.
    pub name: String,
    /// Whom it is for; empty when it is only for start events.
    pub correlation_key: String,
    /// How long it is kept for those who do not wait for it yet; nothing is kept at or below 0.
    pub time_to_live: DurationMs,
    /// The client's own id of it, by which a second one is refused while the first is kept; empty when it has none.
    pub message_id: String,
    /// It is only for instances of this business id, and what it starts has it; empty for all.
    pub business_id: String,
    /// What it brings.
    pub variables: VariableDocument,
    /// Owner.
    pub tenant_id: String,
}

/// See [`Command::BroadcastSignal`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroadcastSignal {
    /// Whoever waits for a signal of this name catches it.
    pub name: String,
    /// What it brings.
    pub variables: VariableDocument,
    /// Owner.
    pub tenant_id: String,
}

/// See [`Command::EvaluateConditionals`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluateConditionals {
    /// Of this definition alone; none for all.
    pub process_definition_key: Key,
    /// What the conditions see, and what the instances begin with.
    pub variables: VariableDocument,
    /// Owner.
    pub tenant_id: String,
}

/// See [`Command::CorrelateMessage`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrelateMessage {
    /// What kind of message it is.
    pub name: String,
    /// Whom it is for; empty when it is only for start events.
    pub correlation_key: String,
    /// It is only for instances of this business id, and what it starts has it; empty for all.
    pub business_id: String,
    /// What it brings.
    pub variables: VariableDocument,
    /// Owner.
    pub tenant_id: String,
}

/// What passes between partitions. Each may come late, twice or not at all: it is sent again, and the second does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartitionCommand {
    /// A message of another partition.
    Deliver {
        /// Who sends it.
        source: PartitionId,
        /// Its place among all messages from there to here, counted from 1.
        sequence: u64,
        /// The message, as [`crate::PartitionMessage::to_bytes`] gives it.
        message: Bytes,
    },
    /// Another partition has taken all messages up to one.
    Acknowledge {
        /// Who has taken them.
        partition: PartitionId,
        /// The last of them.
        sequence: u64,
    },
    /// A checker found messages that a partition has not acknowledged. Writes nothing.
    Resend {
        /// Who has not acknowledged them.
        partition: PartitionId,
    },
}

/// What a resource that is no model can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceType {
    /// A form.
    Form,
    /// Anything else.
    Other,
}

/// Where set variables go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateSemantics {
    /// All of them into the scope itself.
    Local,
    /// Each to the nearest scope that has it, else to the outermost.
    Propagate,
}

/// The commands of the protocol that change a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobUpdateKind {
    /// `UPDATE_RETRIES`.
    Retries,
    /// `UPDATE_TIMEOUT`.
    Timeout,
    /// `UPDATE`, with any of them.
    Both,
}

/// See [`Command::CreateDeployment`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateDeployment {
    /// What is deployed, in order.
    pub resources: Vec<Resource>,
    /// Owner.
    pub tenant_id: String,
}

/// A named resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// File name; its ending tells the kind.
    pub name: String,
    /// The file.
    pub content: Bytes,
}

/// Which definition to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionSelector {
    /// The newest of an id.
    Latest {
        /// The process's id in the model.
        bpmn_process_id: String,
    },
    /// One version of an id.
    Version {
        /// The process's id in the model.
        bpmn_process_id: String,
        /// Counted from 1.
        version: i32,
    },
    /// One definition.
    Key(Key),
}

/// See [`Command::CreateProcessInstance`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateProcessInstance {
    /// What to start.
    pub definition: DefinitionSelector,
    /// The instance's variables.
    pub variables: VariableDocument,
    /// Elements to start at; the none start event when empty.
    pub start_element_ids: Vec<String>,
    /// Elements after which the instance is terminated.
    pub terminate_after_element_ids: Vec<String>,
    /// Owner.
    pub tenant_id: String,
    /// The client's labels.
    pub tags: Vec<String>,
    /// The client's own id of the instance; empty when it has none.
    pub business_id: String,
    /// When the client waits for the end of the instance: which variables it wants.
    pub await_result: Option<AwaitResult>,
}

/// Which decision to evaluate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecisionSelector {
    /// The newest of an id.
    Latest {
        /// The decision's id in the model.
        decision_id: String,
    },
    /// One decision.
    Key(Key),
}

/// See [`Command::EvaluateDecision`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluateDecision {
    /// What to evaluate.
    pub decision: DecisionSelector,
    /// What it is evaluated with.
    pub variables: VariableDocument,
    /// Owner.
    pub tenant_id: String,
}

/// See [`Command::EvaluateExpression`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluateExpression {
    /// As models have it: after `=` comes FEEL, anything else is its own value.
    pub expression: String,
    /// What it is evaluated with.
    pub variables: VariableDocument,
}

/// What an awaiting client wants.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AwaitResult {
    /// Names of variables; all when empty.
    pub fetch_variables: Vec<String>,
}

/// Most bytes that jobs given at once may have: what clients of gRPC take in one message.
pub const JOB_BYTES_MAX: u32 = 4 * 1024 * 1024;

/// See [`Command::ActivateJobs`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivateJobs {
    /// Type of the jobs.
    pub job_type: String,
    /// Who gets them.
    pub worker: String,
    /// How long the worker has them; at least 1 ms.
    pub timeout: DurationMs,
    /// At most this many jobs; at least 1.
    pub jobs_max: u32,
    /// Stop before the jobs' variables exceed this, bytes.
    pub bytes_max: u32,
    /// Names of variables; all that are visible when empty.
    pub fetch_variables: Vec<String>,
    /// Whose jobs; the default tenant when empty.
    pub tenant_ids: Vec<String>,
    /// Whether each job comes with a lease: a token without which nobody ends it any more. Only such an activation gets jobs
    /// that had a lease before.
    pub with_leases: bool,
}

/// See [`Command::WithLease`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithLease {
    /// The token that the worker got.
    pub token: String,
    /// What is to be done.
    pub command: Command,
}

/// See [`Command::WithBusinessId`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithBusinessId {
    /// The business id; 1 to 256 characters.
    pub business_id: String,
    /// Completes a job.
    pub command: Command,
}

/// See [`Command::FailJob`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailJob {
    /// The job.
    pub job_key: Key,
    /// How often it may still fail; at or below 0 raises an incident.
    pub retries: i32,
    /// How long it rests before it is offered again.
    pub retry_backoff: DurationMs,
    /// What went wrong.
    pub error_message: String,
    /// Merged into the scope of the job's element instance.
    pub variables: VariableDocument,
}
