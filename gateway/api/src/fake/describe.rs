//! What a broker was asked, as a line of text.

use crate::broker::Submission;
use crate::documents::DocumentWish;
use ringbolt_record::command::{
    BroadcastSignal, CompleteListener, CorrelateMessage, CreateDeployment, CreateProcessInstance,
    DecisionSelector, DefinitionSelector, EvaluateConditionals, EvaluateDecision, FailJob, PublishMessage,
};
use ringbolt_record::{
    AdHocInstruction, ChangeClusterVariable, ClusterVariable, Command, PartitionId, VariableDocument,
};
use std::fmt::Write as _;

/// What the store of documents was asked, as a line of text.
pub(super) fn describe_document(wish: &DocumentWish) -> String {
    match wish {
        DocumentWish::Create(new) => format!(
            "document {:?} {:?} {} {} bytes, ends {}, {}",
            new.id,
            new.file_name,
            new.content_type,
            new.content.len(),
            new.expires_at_ms.map_or("never".to_owned(), |at_ms| at_ms.to_string()),
            new.metadata
        ),
        other => format!("document {other:?}"),
    }
}

/// A submission as a line of text.
pub fn describe(partition: PartitionId, submission: &Submission) -> String {
    let (intent, key) = submission.command.record();
    let mut line = format!("{partition}: {} {key}", intent.name());
    describe_command(&mut line, &submission.command);
    if submission.context.operation_reference != 0 {
        let _ = write!(line, " operationReference={}", submission.context.operation_reference);
    }
    let _ = write!(line, " within {:?}", submission.timeout);
    line
}

fn describe_deployment(line: &mut String, create: &CreateDeployment) {
    for resource in &create.resources {
        let _ = write!(line, " {:?}={} bytes", resource.name, resource.content.len());
    }
    let _ = write!(line, " tenant={}", create.tenant_id);
}

/// A command that something comes with.
fn describe_with(line: &mut String, name: &str, text: &str, command: &Command) {
    let _ = write!(line, " {name}={text:?}");
    describe_command(line, command);
}

fn describe_command(line: &mut String, command: &Command) {
    match command {
        Command::CreateDeployment(create) => describe_deployment(line, create),
        Command::CreateProcessInstance(create) => describe_creation(line, create),
        Command::EvaluateDecision(evaluate) => describe_evaluation(line, evaluate),
        Command::EvaluateExpression(evaluate) => {
            let _ = write!(line, " {:?}{}", evaluate.expression, variables(&evaluate.variables));
        }
        Command::CompleteJob { variables: document, .. } => line.push_str(&variables(document)),
        Command::CompleteListener(complete) => describe_answer(line, complete),
        Command::CompleteAdHocJob(complete) => {
            line.push_str(&variables(&complete.variables));
            describe_instruction(line, &complete.instruction);
        }
        Command::InstructAdHocSubProcess(command) => {
            let _ = write!(line, " {}", command.element_instance_key);
            describe_instruction(line, &command.instruction);
        }
        Command::FailJob(fail) => describe_failure(line, fail),
        Command::ThrowJobError { error_code, error_message, variables: document, .. } => {
            let _ = write!(line, " code={error_code:?} message={error_message:?}{}", variables(document));
        }
        Command::AssignBusinessId { business_id, .. } => {
            let _ = write!(line, " businessId={business_id:?}");
        }
        Command::WithBusinessId(with) => describe_with(line, "businessId", &with.business_id, &with.command),
        Command::WithLease(leased) => describe_with(line, "lease", &leased.token, &leased.command),
        Command::UpdateJob { retries, timeout, priority, .. } => {
            let _ = write!(line, " retries={retries:?} timeout={timeout:?} priority={priority:?}");
        }
        Command::SetVariables { variables: document, semantics, .. } => {
            let _ = write!(line, " {semantics:?}{}", variables(document));
        }
        Command::DeleteResource { resource_key, delete_history } => {
            let history = if *delete_history { " with its history" } else { "" };
            let _ = write!(line, " resource {resource_key}{history}");
        }
        Command::BatchOperation(command) => {
            let _ = write!(line, " {command:?}");
        }
        Command::UserTask(command) => {
            let _ = write!(line, " action={:?} {:?}", command.action, command.operation);
        }
        Command::ModifyProcessInstance(modify) => {
            let _ = write!(line, " {:?} {:?} {:?}", modify.activate, modify.terminate, modify.moves);
        }
        Command::MigrateProcessInstance(migrate) => {
            let _ = write!(line, " to {} {:?}", migrate.target_process_definition_key, migrate.mappings);
        }
        Command::ActivateJobs(_)
        | Command::CancelProcessInstance { .. }
        | Command::SuspendProcessInstance { .. }
        | Command::ResumeProcessInstance { .. }
        | Command::FetchClusterVariables
        | Command::FetchResource { .. }
        | Command::YieldJob { .. }
        | Command::TimeOutJob { .. }
        | Command::TriggerTimer { .. }
        | Command::RecurJob { .. }
        | Command::ResolveIncident { .. }
        | Command::ContinuePending { .. }
        | Command::ExpireMessage { .. }
        | Command::Partition(_) => {}
        Command::ChangeClusterVariable(change) => describe_cluster_variable(line, change),
        Command::BroadcastSignal(signal) => describe_signal(line, signal),
        Command::EvaluateConditionals(evaluate) => describe_conditions(line, evaluate),
        Command::PublishMessage(publish) => describe_message(line, publish),
        Command::CorrelateMessage(correlate) => describe_correlation(line, correlate),
    }
}

fn describe_instruction(line: &mut String, instruction: &AdHocInstruction) {
    for element in &instruction.activate {
        let _ = write!(line, " activate {:?}{}", element.element_id, variables(&element.variables));
    }
    let flags = [
        ("fulfilled", instruction.is_completion_condition_fulfilled),
        ("cancel", instruction.cancels_remaining_instances),
    ];
    flags.iter().filter(|(_, is_set)| *is_set).for_each(|(name, _)| line.extend([" ", name]));
}

fn describe_failure(line: &mut String, fail: &FailJob) {
    let FailJob { retries, retry_backoff, error_message, .. } = fail;
    let _ = write!(line, " retries={retries} backoff={retry_backoff} message={error_message:?}");
    line.push_str(&variables(&fail.variables));
}

fn describe_conditions(line: &mut String, evaluate: &EvaluateConditionals) {
    let EvaluateConditionals { process_definition_key, variables: given, tenant_id } = evaluate;
    let _ = write!(line, " of {process_definition_key}{} tenant={tenant_id}", variables(given));
}

fn describe_cluster_variable(line: &mut String, change: &ChangeClusterVariable) {
    let ClusterVariable { scope, tenant_id, name, value, metadata } = &change.variable;
    let [value, metadata] = [value, metadata].map(|json| String::from_utf8_lossy(json));
    let _ = write!(line, " {scope:?} {name:?}={value} metadata={metadata} tenant={tenant_id:?}");
}

fn describe_signal(line: &mut String, signal: &BroadcastSignal) {
    let BroadcastSignal { name, variables: brought, tenant_id } = signal;
    let _ = write!(line, " {name:?}{} tenant={tenant_id}", variables(brought));
}

fn describe_correlation(line: &mut String, correlate: &CorrelateMessage) {
    let CorrelateMessage { name, correlation_key, business_id, variables: brought, tenant_id } = correlate;
    let _ = write!(line, " {name:?} for {correlation_key:?}");
    describe_business_id(line, business_id);
    let _ = write!(line, "{} tenant={tenant_id}", variables(brought));
}

fn describe_message(line: &mut String, publish: &PublishMessage) {
    let PublishMessage { name, correlation_key, message_id, time_to_live, .. } = publish;
    let _ = write!(line, " {name:?} for {correlation_key:?} id={message_id:?} ttl={time_to_live}");
    describe_business_id(line, &publish.business_id);
    let _ = write!(line, "{} tenant={}", variables(&publish.variables), publish.tenant_id);
}

fn describe_business_id(line: &mut String, business_id: &str) {
    if !business_id.is_empty() {
        let _ = write!(line, " businessId={business_id:?}");
    }
}

fn describe_evaluation(line: &mut String, evaluate: &EvaluateDecision) {
    let _ = match &evaluate.decision {
        DecisionSelector::Latest { decision_id } => write!(line, " latest {decision_id:?}"),
        DecisionSelector::Key(key) => write!(line, " decision {key}"),
    };
    let _ = write!(line, "{} tenant={}", variables(&evaluate.variables), evaluate.tenant_id);
}

fn describe_answer(line: &mut String, complete: &CompleteListener) {
    let CompleteListener { variables: document, result, .. } = complete;
    let _ = write!(line, "{} {result:?}", variables(document));
}

fn describe_creation(line: &mut String, create: &CreateProcessInstance) {
    let _ = match &create.definition {
        DefinitionSelector::Latest { bpmn_process_id } => write!(line, " latest {bpmn_process_id:?}"),
        DefinitionSelector::Version { bpmn_process_id, version } => {
            write!(line, " {bpmn_process_id:?} version {version}")
        }
        DefinitionSelector::Key(key) => write!(line, " definition {key}"),
    };
    line.push_str(&variables(&create.variables));
    let lists = [&create.start_element_ids, &create.terminate_after_element_ids, &create.tags];
    for (name, items) in ["start", "terminateAfter", "tags"].into_iter().zip(lists) {
        if !items.is_empty() {
            let _ = write!(line, " {name}={items:?}");
        }
    }
    let _ = write!(line, " tenant={} businessId={:?}", create.tenant_id, create.business_id);
    if let Some(await_result) = &create.await_result {
        let _ = write!(line, " await {:?}", await_result.fetch_variables);
    }
}

fn variables(document: &VariableDocument) -> String {
    let members: Vec<String> =
        document.iter().map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value))).collect();
    format!(" {{{}}}", members.join(", "))
}
