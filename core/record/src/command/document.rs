//! How much a command brings.

use super::{Command, PartitionCommand};
use crate::ad_hoc::AdHocInstruction;
use crate::user_task::UserTaskOperation;

fn instruction_bytes(instruction: &AdHocInstruction) -> usize {
    instruction.activate.iter().map(|it| it.variables.text_bytes()).sum()
}

impl Command {
    /// Bytes of the documents, resources and messages that it brings: about what it adds to the log and to the state. Names and keys, which
    /// are short, are not counted.
    pub fn document_bytes(&self) -> usize {
        match self {
            Self::CreateDeployment(deployment) => {
                deployment.resources.iter().map(|resource| resource.content.len()).sum()
            }
            Self::CreateProcessInstance(create) => create.variables.text_bytes(),
            Self::EvaluateDecision(evaluate) => evaluate.variables.text_bytes(),
            Self::EvaluateExpression(evaluate) => evaluate.variables.text_bytes(),
            Self::ModifyProcessInstance(modify) => {
                let activated = modify.activate.iter().flat_map(|it| &it.variables);
                let moved = modify.moves.iter().flat_map(|it| &it.variables);
                activated.chain(moved).map(|it| it.variables.text_bytes()).sum()
            }
            Self::InstructAdHocSubProcess(instruct) => instruction_bytes(&instruct.instruction),
            Self::CompleteJob { variables, .. }
            | Self::ThrowJobError { variables, .. }
            | Self::SetVariables { variables, .. } => variables.text_bytes(),
            Self::CompleteListener(complete) => complete.variables.text_bytes(),
            Self::CompleteAdHocJob(complete) => {
                complete.variables.text_bytes() + instruction_bytes(&complete.instruction)
            }
            Self::WithBusinessId(with) => with.command.document_bytes(),
            Self::WithLease(leased) => leased.command.document_bytes(),
            Self::FailJob(fail) => fail.variables.text_bytes(),
            Self::UserTask(command) => match &command.operation {
                UserTaskOperation::Complete { variables } => variables.text_bytes(),
                UserTaskOperation::Assign { .. }
                | UserTaskOperation::Claim { .. }
                | UserTaskOperation::Update(_) => 0,
            },
            Self::PublishMessage(message) => message.variables.text_bytes(),
            Self::CorrelateMessage(message) => message.variables.text_bytes(),
            Self::BroadcastSignal(signal) => signal.variables.text_bytes(),
            Self::EvaluateConditionals(evaluate) => evaluate.variables.text_bytes(),
            Self::Partition(PartitionCommand::Deliver { message, .. }) => message.len(),
            Self::Partition(PartitionCommand::Acknowledge { .. } | PartitionCommand::Resend { .. })
            | Self::DeleteResource { .. }
            | Self::FetchResource { .. }
            | Self::CancelProcessInstance { .. }
            | Self::AssignBusinessId { .. }
            | Self::SuspendProcessInstance { .. }
            | Self::ResumeProcessInstance { .. }
            | Self::MigrateProcessInstance(_)
            | Self::ActivateJobs(_)
            | Self::UpdateJob { .. }
            | Self::YieldJob { .. }
            | Self::TimeOutJob { .. }
            | Self::TriggerTimer { .. }
            | Self::RecurJob { .. }
            | Self::ResolveIncident { .. }
            | Self::ContinuePending { .. }
            | Self::ChangeClusterVariable(_)
            | Self::FetchClusterVariables
            | Self::ExpireMessage { .. }
            | Self::BatchOperation(_) => 0,
        }
    }
}
