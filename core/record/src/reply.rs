//! What a partition answers. Never stored; released only when the entry that it rests on is committed.

use crate::cluster_variable::ClusterVariable;
use crate::ids::{Key, TimestampMs};
use crate::values::StartedInstance;
use crate::wire_enums::{BatchOperationType, DecisionType, JobKind, JobListenerEventType, RejectionType};
use bytes::Bytes;
use std::sync::Arc;

/// A command's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done; there is nothing more to say.
    Done,
    /// A message was published.
    MessagePublished {
        /// The message.
        message_key: Key,
    },
    /// A cluster variable was changed: what it is now, or was last.
    ClusterVariableChanged(Box<ClusterVariable>),
    /// What expressions see of cluster variables, a JSON object.
    ClusterVariables(Bytes),
    /// A message has reached an instance.
    MessageCorrelated {
        /// The message.
        message_key: Key,
        /// The instance: the one that it has started, or the first one that took it.
        process_instance_key: Key,
    },
    /// A signal was broadcast.
    SignalBroadcasted {
        /// The signal.
        signal_key: Key,
    },
    /// Conditions of processes' start events were evaluated.
    ConditionalsEvaluated {
        /// The evaluation.
        key: Key,
        /// The instances that begin.
        started: Vec<StartedInstance>,
    },
    /// Something deployed was deleted, or is about to be.
    ResourceDeleted {
        /// Which one.
        resource_key: Key,
        /// The batch operation that deletes what is known of its instances, and its kind.
        history: Option<(Key, BatchOperationType)>,
    },
    /// A resource that was asked for.
    Resource(Box<FetchedResource>),
    /// Resources were deployed.
    Deployed(DeploymentReply),
    /// An instance was started.
    ProcessInstanceCreated(ProcessInstanceReply),
    /// An awaited instance completed.
    ProcessInstanceResult {
        /// The instance.
        instance: ProcessInstanceReply,
        /// A JSON object of the variables asked for.
        variables: Bytes,
    },
    /// A decision was evaluated, with or without success.
    DecisionEvaluated(Box<DecisionEvaluation>),
    /// An expression was evaluated.
    ExpressionEvaluated(ExpressionEvaluation),
    /// Jobs for a worker; possibly none.
    JobsActivated(JobBatch),
    /// A batch operation was created.
    BatchOperationCreated {
        /// Which one.
        batch_operation_key: Key,
        /// What it does.
        kind: BatchOperationType,
    },
    /// Variables were set; the key of that update.
    VariablesSet {
        /// Key of the update.
        key: Key,
    },
}

/// See [`Reply::Deployed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentReply {
    /// Key of the deployment.
    pub deployment_key: Key,
    /// Owner.
    pub tenant_id: String,
    /// The process definitions, made now or found unchanged.
    pub processes: Vec<DeployedProcess>,
    /// The decisions, made now or found unchanged.
    pub decisions: Vec<DeployedDecision>,
    /// The models of those decisions.
    pub decision_requirements: Vec<DeployedDecisionRequirements>,
    /// The forms, made now or found unchanged.
    pub forms: Vec<DeployedResource>,
    /// The other resources, made now or found unchanged.
    pub resources: Vec<DeployedResource>,
}

/// A form or another resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedResource {
    /// Its id, as it says itself.
    pub resource_id: String,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Key of the resource.
    pub resource_key: Key,
    /// Its file name.
    pub resource_name: String,
}

/// See [`Reply::Resource`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedResource {
    /// What deployments say of it.
    pub deployed: DeployedResource,
    /// Its own label of the version; empty when it has none.
    pub version_tag: String,
    /// Owner.
    pub tenant_id: String,
    /// The content.
    pub content: Bytes,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedDecision {
    /// The decision's id in the model.
    pub decision_id: String,
    /// The decision's name in the model.
    pub decision_name: String,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Key of the decision.
    pub decision_key: Key,
    /// The model's id.
    pub decision_requirements_id: String,
    /// Key of the model.
    pub decision_requirements_key: Key,
}

/// A model of decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedDecisionRequirements {
    /// The model's id.
    pub decision_requirements_id: String,
    /// The model's name.
    pub decision_requirements_name: String,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Key of the model.
    pub decision_requirements_key: Key,
    /// The resource that it stands in.
    pub resource_name: String,
}

/// An evaluation of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionEvaluation {
    /// Key of the evaluation.
    pub key: Key,
    /// The decision's id in the model.
    pub decision_id: Arc<str>,
    /// The decision's name in the model.
    pub decision_name: Arc<str>,
    /// Version of the decision.
    pub decision_version: i32,
    /// Key of the decision.
    pub decision_key: Key,
    /// The model's id.
    pub decision_requirements_id: Arc<str>,
    /// Key of the model.
    pub decision_requirements_key: Key,
    /// Owner.
    pub tenant_id: Arc<str>,
    /// The result as JSON text, or why there is none.
    pub output: Result<Bytes, EvaluationFailure>,
    /// Everything that was evaluated, in the order in which it ended; up to what failed.
    pub evaluated: Vec<EvaluatedDecision>,
}

/// Why a decision has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationFailure {
    /// The decision that failed: the one asked for, or one that it requires.
    pub decision_id: Arc<str>,
    /// What happened, for a person.
    pub message: String,
}

/// A decision, or something that it calls, that was evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluatedDecision {
    /// Its id in the model.
    pub decision_id: Arc<str>,
    /// Its name in the model.
    pub decision_name: Arc<str>,
    /// The decision; none for what is no decision.
    pub decision_key: Key,
    /// Its version; -1 for what is no decision.
    pub decision_version: i32,
    /// The kind of its logic.
    pub decision_type: DecisionType,
    /// Its result as JSON text.
    pub output: Bytes,
    /// The inputs of a decision table.
    pub inputs: Vec<EvaluatedValue>,
    /// The rules of a decision table that matched.
    pub matched_rules: Vec<MatchedRule>,
}

/// An input of a decision table, or an output of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluatedValue {
    /// Its id in the model; empty when it has none.
    pub id: Arc<str>,
    /// Its label, or what stands for it.
    pub name: Arc<str>,
    /// The value as JSON text.
    pub value: Bytes,
}

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedRule {
    /// Its id in the model.
    pub rule_id: Arc<str>,
    /// Its place in the table, counted from 1.
    pub rule_index: u32,
    /// What it gave.
    pub outputs: Vec<EvaluatedValue>,
}

/// An evaluation of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionEvaluation {
    /// As it came.
    pub expression: String,
    /// The result as JSON text.
    pub result: Bytes,
    /// What went wrong without failing it, for a person.
    pub warnings: Vec<String>,
}

/// A process definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedProcess {
    /// The process's id in the model.
    pub bpmn_process_id: String,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Key of the definition.
    pub process_definition_key: Key,
    /// The resource that it stands in.
    pub resource_name: String,
}

/// A process instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInstanceReply {
    /// The process's id in the model.
    pub bpmn_process_id: Arc<str>,
    /// Version of the definition.
    pub version: i32,
    /// Key of the definition.
    pub process_definition_key: Key,
    /// Key of the instance.
    pub process_instance_key: Key,
    /// Owner.
    pub tenant_id: String,
    /// The client's labels.
    pub tags: Vec<String>,
    /// The client's own id of the instance; empty when it has none.
    pub business_id: String,
}

/// See [`Reply::JobsActivated`].
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct JobBatch {
    /// The jobs, oldest first.
    pub jobs: Vec<ActivatedJob>,
    /// Whether who asks again at once may get more: the next job did not fit beside these, or what stood first was taken out of the way.
    pub truncated: bool,
}

/// One time that a job was handed out: each time it gets a later deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The job.
    pub job_key: Key,
    /// When it would be taken back.
    pub deadline: TimestampMs,
}

impl ActivatedJob {
    /// Which hand-out this is.
    pub fn activation(&self) -> Activation {
        Activation { job_key: self.key, deadline: self.deadline }
    }
}

/// A job in a worker's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivatedJob {
    /// Key of the job.
    pub key: Key,
    /// Its type.
    pub job_type: Arc<str>,
    /// What made it.
    pub kind: JobKind,
    /// What its listener listens to; unspecified for other jobs.
    pub listener_event_type: JobListenerEventType,
    /// The instance.
    pub process_instance_key: Key,
    /// The instance at the top of the call hierarchy.
    pub root_process_instance_key: Key,
    /// The process's id in the model.
    pub bpmn_process_id: Arc<str>,
    /// Version of the definition.
    pub process_definition_version: i32,
    /// Key of the definition.
    pub process_definition_key: Key,
    /// The element's id in the model.
    pub element_id: Arc<str>,
    /// The element instance that waits for it.
    pub element_instance_key: Key,
    /// The custom headers as a JSON object.
    pub custom_headers: Arc<str>,
    /// Who has it.
    pub worker: Arc<str>,
    /// How often it may still fail.
    pub retries: i32,
    /// Of jobs that wait, those with more come first.
    pub priority: i32,
    /// What its worker has to show to end it; none where it was given out without a lease.
    pub lease_token: Option<Box<str>>,
    /// When it is taken back.
    pub deadline: TimestampMs,
    /// A JSON object of the variables asked for.
    pub variables: Bytes,
    /// Owner.
    pub tenant_id: Arc<str>,
    /// Labels of the instance.
    pub tags: Arc<[String]>,
    /// The client's own id of the instance; empty when it has none.
    pub business_id: Arc<str>,
}

/// A refusal: nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What kind of refusal.
    pub kind: RejectionType,
    /// What and why, in the words that users of Camunda know.
    pub reason: String,
}

impl Rejection {
    /// A refusal of a kind with its reason.
    pub fn new(kind: RejectionType, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }
}
