//! Answers as lines of text, as the recorded answers of the reference engine have them.

use crate::print::quote;
use crate::rig::START;
use bytes::Bytes;
use ringbolt_record::ActivatedJob;
use ringbolt_record::reply::{DecisionEvaluation, DeployedResource, DeploymentReply};

pub(crate) fn deployment_lines(deployed: &DeploymentReply) -> Vec<String> {
    let processes = deployed.processes.iter().map(|p| {
        format!(
            " process bpmnProcessId={} version={} processDefinitionKey={} resourceName={}",
            p.bpmn_process_id,
            p.version,
            p.process_definition_key,
            quote(&p.resource_name)
        )
    });
    let decisions = deployed.decisions.iter().map(|d| {
        format!(
            " decision decisionId={} decisionName={} version={} decisionKey={} decisionRequirementsId={} \
             decisionRequirementsKey={}",
            d.decision_id,
            quote(&d.decision_name),
            d.version,
            d.decision_key,
            d.decision_requirements_id,
            d.decision_requirements_key
        )
    });
    let models = deployed.decision_requirements.iter().map(|m| {
        format!(
            " drg decisionRequirementsId={} decisionRequirementsName={} decisionRequirementsVersion={} \
             decisionRequirementsKey={} resourceName={}",
            m.decision_requirements_id,
            quote(&m.decision_requirements_name),
            m.version,
            m.decision_requirements_key,
            quote(&m.resource_name)
        )
    });
    let first = std::iter::once(format!(" deployed key={}", deployed.deployment_key));
    let others = |what: &'static str, [id, key]: [&'static str; 2], of: &[DeployedResource]| {
        let line = move |it: &DeployedResource| {
            let name = quote(&it.resource_name);
            format!(
                " {what} {id}={} version={} {key}={} resourceName={name}",
                it.resource_id, it.version, it.resource_key
            )
        };
        of.iter().map(line).collect::<Vec<_>>()
    };
    let forms = others("form", ["formId", "formKey"], &deployed.forms);
    let resources = others("resource", ["resourceId", "resourceKey"], &deployed.resources);
    first.chain(processes).chain(decisions).chain(models).chain(forms).chain(resources).collect()
}

pub(crate) fn evaluation_line(evaluation: &DecisionEvaluation) -> String {
    let (output, failed) = match &evaluation.output {
        Ok(output) => (String::from_utf8_lossy(output).into_owned(), String::new()),
        Err(failure) => {
            let message = quote(&failure.message);
            let failed =
                format!(" failedDecisionId={} evaluationFailureMessage={message}", failure.decision_id);
            ("null".to_owned(), failed)
        }
    };
    format!(
        " evaluated key={} decisionId={} decisionKey={}{failed} decisionOutput={}",
        evaluation.key,
        evaluation.decision_id,
        evaluation.decision_key,
        quote(&output)
    )
}

pub(crate) fn variables_text(variables: &Bytes) -> String {
    match &variables[..] {
        b"{}" => String::new(),
        other => format!(" variables={}", String::from_utf8_lossy(other)),
    }
}

pub(crate) fn job_text(job: &ActivatedJob) -> String {
    let worker = if job.worker.is_empty() { String::new() } else { format!(" worker={}", job.worker) };
    let headers = if &*job.custom_headers == "{}" {
        String::new()
    } else {
        format!(" customHeaders={}", job.custom_headers)
    };
    let tags = if job.tags.is_empty() { String::new() } else { format!(" tags=[{}]", job.tags.join(" ")) };
    format!(
        " key={} type={} retries={}{worker} deadline={:+}{headers} elementId={} elementInstanceKey={} bpmnProcessId={} \
         processDefinitionVersion={} processDefinitionKey={} processInstanceKey={}{tags}{}",
        job.key,
        job.job_type,
        job.retries,
        job.deadline.0 - START.0,
        job.element_id,
        job.element_instance_key,
        job.bpmn_process_id,
        job.process_definition_version,
        job.process_definition_key,
        job.process_instance_key,
        variables_text(&job.variables)
    )
}
