//! Which code handles which command. Exhaustive: what is added elsewhere does not compile here until it has its place.

use crate::commands::ad_hoc_sub_process_instruction::activate as ad_hoc;
use crate::commands::conditional_evaluation::evaluate as conditionals;
use crate::commands::job::update::JobChanges;
use crate::commands::process_instance::{assign_business_id, cancel, resume, suspend};
use crate::commands::process_instance_migration::migrate;
use crate::commands::process_instance_modification::modify;
use crate::commands::{self, cluster_variable, incident, job};
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::Command;
use ringbolt_record::command::{PartitionCommand, WithBusinessId, WithLease};

/// Processes a command up to its follow-ups.
pub(crate) fn process_command(p: &mut Processing<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::CreateDeployment(create) => commands::deployment::create::process_create(p, create),
        Command::DeleteResource { resource_key, delete_history } => {
            commands::resource_deletion::delete::process_delete(p, *resource_key, *delete_history)
        }
        Command::FetchResource { resource_key, resource_type } => {
            commands::resource::fetch::process_fetch(p, *resource_key, *resource_type)
        }
        Command::CreateProcessInstance(create) => {
            commands::process_instance_creation::create::process_create(p, create)
        }
        Command::EvaluateDecision(evaluate) => {
            commands::decision_evaluation::evaluate::process_evaluate(p, evaluate)
        }
        Command::EvaluateExpression(evaluate) => {
            commands::expression::evaluate::process_evaluate(p, evaluate)
        }
        Command::CancelProcessInstance { process_instance_key: key } => cancel::process_cancel(p, *key),
        Command::AssignBusinessId { process_instance_key, business_id } => {
            assign_business_id::process_assign(p, *process_instance_key, business_id)
        }
        Command::SuspendProcessInstance { process_instance_key: key } => suspend::process_suspend(p, *key),
        Command::ResumeProcessInstance { process_instance_key: key } => resume::process_resume(p, *key),
        Command::ModifyProcessInstance(modify) => modify::process_modify(p, modify),
        Command::InstructAdHocSubProcess(command) => ad_hoc::process_activate(p, command),
        Command::MigrateProcessInstance(migrate) => migrate::process_migrate(p, migrate),
        Command::ActivateJobs(activate) => commands::job_batch::activate::process_activate(p, activate),
        Command::CompleteJob { job_key, variables } => {
            job::complete::process_complete(p, *job_key, variables)
        }
        Command::CompleteListener(complete) => job::complete::process_complete_listener(p, complete),
        Command::CompleteAdHocJob(complete) => job::complete::process_complete_ad_hoc(p, complete),
        Command::FailJob(fail) => job::fail::process_fail(p, fail),
        Command::ThrowJobError { job_key, error_code, error_message, variables } => {
            job::throw_error::process_throw_error(p, *job_key, error_code, error_message, variables)
        }
        Command::WithBusinessId(with) => process_with_business_id(p, with),
        Command::WithLease(leased) => process_leased(p, leased),
        Command::UpdateJob { job_key, retries, timeout, priority, kind } => {
            let changes = JobChanges { retries: *retries, timeout: *timeout, priority: *priority };
            job::update::process_update(p, *job_key, changes, *kind)
        }
        Command::YieldJob { activation } => job::yield_back::process_yield(p, *activation),
        Command::TimeOutJob { job_key } => job::time_out::process_time_out(p, *job_key),
        Command::TriggerTimer { timer_key } => commands::timer::trigger::process_trigger(p, *timer_key),
        Command::RecurJob { job_key } => job::recur_after_backoff::process_recur(p, *job_key),
        Command::SetVariables { element_instance_key, variables, semantics } => {
            use commands::variable_document::update::process_update;
            process_update(p, *element_instance_key, variables, *semantics)
        }
        Command::BatchOperation(command) => commands::batch_operation::process(p, command),
        Command::UserTask(command) => commands::user_task::process(p, command),
        Command::ResolveIncident { incident_key } => incident::resolve::process_resolve(p, *incident_key),
        Command::ContinuePending { process_instance_key } => {
            commands::pending_command::go_on::process_continue(p, *process_instance_key)
        }
        Command::PublishMessage(publish) => commands::message::publish::process_publish(p, publish),
        Command::CorrelateMessage(correlate) => commands::message::correlate::process_correlate(p, correlate),
        Command::BroadcastSignal(signal) => commands::signal::broadcast::process_broadcast(p, signal),
        Command::EvaluateConditionals(evaluate) => conditionals::process_evaluate(p, evaluate),
        Command::ChangeClusterVariable(change) => cluster_variable::change::process_change(p, change),
        Command::FetchClusterVariables => cluster_variable::fetch::process_fetch(p),
        Command::ExpireMessage { message_key } => commands::message::expire::process_expire(p, *message_key),
        Command::Partition(command) => process_partition(p, command),
    }
}

fn process_leased(p: &mut Processing<'_>, leased: &WithLease) -> Result<(), Refusal> {
    p.show_lease(&leased.token);
    process_command(p, &leased.command)
}

fn process_with_business_id(p: &mut Processing<'_>, with: &WithBusinessId) -> Result<(), Refusal> {
    let (_, job_key) = with.command.record();
    job::complete::assign_before(p, job_key, &with.business_id)?;
    process_command(p, &with.command)
}

fn process_partition(p: &mut Processing<'_>, command: &PartitionCommand) -> Result<(), Refusal> {
    match command {
        PartitionCommand::Deliver { source, sequence, message } => {
            commands::partition_message::deliver::process_deliver(p, *source, *sequence, message)
        }
        PartitionCommand::Acknowledge { partition, sequence } => {
            commands::partition_message::acknowledge::process_acknowledge(p, *partition, *sequence)
        }
        PartitionCommand::Resend { partition } => {
            commands::partition_message::send_again::process_send_again(p, *partition)
        }
    }
}
