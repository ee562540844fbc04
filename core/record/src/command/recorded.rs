//! What a command is as a record: its intent, and what it is about.

use super::{Command, JobUpdateKind, PartitionCommand};
use crate::ids::Key;
use crate::wire_enums::{
    AdHocSubProcessInstructionIntent, ConditionalEvaluationIntent, DecisionEvaluationIntent,
    DeploymentIntent, IncidentIntent, Intent, JobBatchIntent, JobIntent, MessageCorrelationIntent,
    MessageIntent, PartitionMessageIntent, PendingCommandIntent, ProcessInstanceBusinessIdIntent,
    ProcessInstanceCreationIntent, ProcessInstanceIntent, ProcessInstanceMigrationIntent,
    ProcessInstanceModificationIntent, ResourceDeletionIntent, ResourceIntent, SignalIntent, TimerIntent,
    VariableDocumentIntent,
};

impl Command {
    /// How the command stands in the log: intent and key. [`Key::NONE`] where it has none.
    pub fn record(&self) -> (Intent, Key) {
        use ProcessInstanceBusinessIdIntent::Assign;
        use ProcessInstanceIntent::{Cancel, Resume, Suspend};
        use ProcessInstanceModificationIntent::Modify;
        match self {
            Self::CreateDeployment(_) => (DeploymentIntent::Create.into(), Key::NONE),
            Self::DeleteResource { .. } => (ResourceDeletionIntent::Delete.into(), Key::NONE),
            Self::FetchResource { resource_key, .. } => (ResourceIntent::Fetch.into(), *resource_key),
            Self::CreateProcessInstance(create) => match create.await_result {
                None => (ProcessInstanceCreationIntent::Create.into(), Key::NONE),
                Some(_) => (ProcessInstanceCreationIntent::CreateWithAwaitingResult.into(), Key::NONE),
            },
            // An expression is asked of nothing that could have a record: it is told as what it is most like.
            Self::EvaluateDecision(_) | Self::EvaluateExpression(_) => {
                (DecisionEvaluationIntent::Evaluate.into(), Key::NONE)
            }
            Self::CancelProcessInstance { process_instance_key: key } => (Cancel.into(), *key),
            Self::AssignBusinessId { process_instance_key: key, .. } => (Assign.into(), *key),
            Self::SuspendProcessInstance { process_instance_key: key } => (Suspend.into(), *key),
            Self::ResumeProcessInstance { process_instance_key: key } => (Resume.into(), *key),
            Self::ModifyProcessInstance(modify) => (Modify.into(), modify.process_instance_key),
            Self::InstructAdHocSubProcess(_) => {
                (AdHocSubProcessInstructionIntent::Activate.into(), Key::NONE)
            }
            Self::MigrateProcessInstance(migrate) => {
                (ProcessInstanceMigrationIntent::Migrate.into(), migrate.process_instance_key)
            }
            Self::ActivateJobs(_) => (JobBatchIntent::Activate.into(), Key::NONE),
            Self::CompleteJob { job_key, .. } => (JobIntent::Complete.into(), *job_key),
            Self::CompleteListener(complete) => (JobIntent::Complete.into(), complete.job_key),
            Self::CompleteAdHocJob(complete) => (JobIntent::Complete.into(), complete.job_key),
            Self::FailJob(fail) => (JobIntent::Fail.into(), fail.job_key),
            Self::ThrowJobError { job_key, .. } => (JobIntent::ThrowError.into(), *job_key),
            Self::WithBusinessId(with) => with.command.record(),
            Self::WithLease(leased) => leased.command.record(),
            Self::UpdateJob { job_key, kind, .. } => match kind {
                JobUpdateKind::Retries => (JobIntent::UpdateRetries.into(), *job_key),
                JobUpdateKind::Timeout => (JobIntent::UpdateTimeout.into(), *job_key),
                JobUpdateKind::Both => (JobIntent::Update.into(), *job_key),
            },
            Self::YieldJob { activation } => (JobIntent::Yield.into(), activation.job_key),
            Self::TimeOutJob { job_key } => (JobIntent::TimeOut.into(), *job_key),
            Self::TriggerTimer { timer_key } => (TimerIntent::Trigger.into(), *timer_key),
            Self::RecurJob { job_key } => (JobIntent::RecurAfterBackoff.into(), *job_key),
            Self::SetVariables { element_instance_key, .. } => {
                (VariableDocumentIntent::Update.into(), *element_instance_key)
            }
            Self::UserTask(command) => command.record(),
            Self::BatchOperation(command) => command.record(),
            Self::ResolveIncident { incident_key } => (IncidentIntent::Resolve.into(), *incident_key),
            Self::ContinuePending { process_instance_key } => {
                (PendingCommandIntent::Continued.into(), *process_instance_key)
            }
            Self::PublishMessage(_) => (MessageIntent::Publish.into(), Key::NONE),
            Self::CorrelateMessage(_) => (MessageCorrelationIntent::Correlate.into(), Key::NONE),
            Self::BroadcastSignal(_) => (SignalIntent::Broadcast.into(), Key::NONE),
            Self::EvaluateConditionals(_) => (ConditionalEvaluationIntent::Evaluate.into(), Key::NONE),
            Self::ChangeClusterVariable(change) => (change.change.command().into(), Key::NONE),
            // Told as what it is asked for.
            Self::FetchClusterVariables => (DecisionEvaluationIntent::Evaluate.into(), Key::NONE),
            Self::ExpireMessage { message_key } => (MessageIntent::Expire.into(), *message_key),
            Self::Partition(PartitionCommand::Deliver { .. }) => {
                (PartitionMessageIntent::Deliver.into(), Key::NONE)
            }
            // A command to send again is never written: it has no events.
            Self::Partition(PartitionCommand::Acknowledge { .. } | PartitionCommand::Resend { .. }) => {
                (PartitionMessageIntent::Acknowledge.into(), Key::NONE)
            }
        }
    }
}
