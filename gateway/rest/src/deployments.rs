//! Deployments: resources as parts of a form.
//!
//! A part named `resources` is a resource, whose name is the part's file name; one named `tenantId` is its owner. Other parts are
//! skipped, as Camunda's gateway does.

use crate::answer::Answer;
use crate::form::{self, Part, absent};
use crate::problem::Problem;
use crate::rest::{Head, Rest};
use bytes::Bytes;
use ringbolt_api::json::{put, put_key, put_number, put_text};
use ringbolt_api::{ApiError, Broker};
use ringbolt_record::Reply;
use ringbolt_record::command::Resource;
use ringbolt_record::reply::{
    DeployedDecision, DeployedDecisionRequirements, DeployedProcess, DeployedResource, DeploymentReply,
};

/// Longest tenant id, bytes.
const TENANT_BYTES_MAX: usize = 1024;
/// Parts of a form beyond the resources: more than anybody needs, fewer than hurt.
const OTHER_PARTS_MAX: usize = 16;

impl<B: Broker> Rest<B> {
    pub(crate) async fn create_deployment(
        &self,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        let parts_max = self.limits().deployment_resources_max + OTHER_PARTS_MAX;
        let (resources, tenant_id) = sorted(form::read(head, body, parts_max).await?)?;
        if resources.is_empty() {
            return Err(absent("resources"));
        }
        let request = self.gateway.mapper().deploy(resources, &tenant_id);
        match self.submit(head, request).await? {
            (Reply::Deployed(reply), extra) => {
                Ok(Answer { extra, ..Answer::json(deployment_document(&reply)) })
            }
            (other, _) => Err(ApiError::unexpected(&other).into()),
        }
    }
}

/// The resources of a form, and whose they are.
fn sorted(parts: Vec<Part>) -> Result<(Vec<Resource>, String), Problem> {
    let (mut resources, mut tenant_id) = (Vec::new(), String::new());
    for Part { name, file_name, content, .. } in parts {
        match name.as_str() {
            "resources" => {
                let Some(name) = file_name else {
                    return Err(Problem::bad_request("A part 'resources' has no file name."));
                };
                resources.push(Resource { name, content });
            }
            "tenantId" if content.len() > TENANT_BYTES_MAX => {
                let what = format!("The part 'tenantId' has more than {TENANT_BYTES_MAX} bytes.");
                return Err(Problem::bad_request(what));
            }
            "tenantId" => tenant_id = String::from_utf8_lossy(&content).into_owned(),
            _ => {}
        }
    }
    Ok((resources, tenant_id))
}

fn deployment_document(reply: &DeploymentReply) -> Vec<u8> {
    let models = reply.processes.len() + reply.decisions.len() + reply.decision_requirements.len();
    let items = models + reply.forms.len() + reply.resources.len();
    let mut out = Vec::with_capacity(128 + 384 * items);
    put(&mut out, r#"{"deploymentKey":"#);
    put_key(&mut out, reply.deployment_key);
    put(&mut out, r#","tenantId":"#);
    put_text(&mut out, &reply.tenant_id);
    put(&mut out, r#","deployments":["#);
    for process in &reply.processes {
        put_item(&mut out, "processDefinition", |out| put_process(out, process, &reply.tenant_id));
    }
    for decision in &reply.decisions {
        put_item(&mut out, "decisionDefinition", |out| put_decision(out, decision, &reply.tenant_id));
    }
    for model in &reply.decision_requirements {
        put_item(&mut out, "decisionRequirements", |out| put_requirements(out, model, &reply.tenant_id));
    }
    for form in &reply.forms {
        put_item(&mut out, "form", |out| put_resource(out, "form", form, &reply.tenant_id));
    }
    for resource in &reply.resources {
        put_item(&mut out, "resource", |out| put_resource(out, "resource", resource, &reply.tenant_id));
    }
    put(&mut out, "]}");
    out
}

/// What an item of a deployment can be; all but one are `null`.
const KINDS: [&str; 5] =
    ["processDefinition", "decisionDefinition", "decisionRequirements", "form", "resource"];

fn put_item(out: &mut Vec<u8>, kind: &str, put_it: impl FnOnce(&mut Vec<u8>)) {
    if out.last() != Some(&b'[') {
        out.push(b',');
    }
    let mut put_it = Some(put_it);
    for (at, name) in KINDS.iter().enumerate() {
        out.push(if at == 0 { b'{' } else { b',' });
        put_text(out, name);
        out.push(b':');
        match put_it.take_if(|_| *name == kind) {
            Some(put_it) => put_it(out),
            None => put(out, "null"),
        }
    }
    out.push(b'}');
}

fn put_process(out: &mut Vec<u8>, process: &DeployedProcess, tenant_id: &str) {
    put(out, r#"{"processDefinitionId":"#);
    put_text(out, &process.bpmn_process_id);
    put(out, r#","processDefinitionVersion":"#);
    put_number(out, process.version);
    put(out, r#","resourceName":"#);
    put_text(out, &process.resource_name);
    put(out, r#","tenantId":"#);
    put_text(out, tenant_id);
    put(out, r#","processDefinitionKey":"#);
    put_key(out, process.process_definition_key);
    out.push(b'}');
}

fn put_decision(out: &mut Vec<u8>, decision: &DeployedDecision, tenant_id: &str) {
    put(out, r#"{"decisionDefinitionId":"#);
    put_text(out, &decision.decision_id);
    put(out, r#","version":"#);
    put_number(out, decision.version);
    put(out, r#","name":"#);
    put_text(out, &decision.decision_name);
    put(out, r#","tenantId":"#);
    put_text(out, tenant_id);
    put(out, r#","decisionRequirementsId":"#);
    put_text(out, &decision.decision_requirements_id);
    put(out, r#","decisionDefinitionKey":"#);
    put_key(out, decision.decision_key);
    put(out, r#","decisionRequirementsKey":"#);
    put_key(out, decision.decision_requirements_key);
    out.push(b'}');
}

fn put_requirements(out: &mut Vec<u8>, model: &DeployedDecisionRequirements, tenant_id: &str) {
    put(out, r#"{"decisionRequirementsId":"#);
    put_text(out, &model.decision_requirements_id);
    put(out, r#","decisionRequirementsName":"#);
    put_text(out, &model.decision_requirements_name);
    put(out, r#","version":"#);
    put_number(out, model.version);
    put(out, r#","resourceName":"#);
    put_text(out, &model.resource_name);
    put(out, r#","tenantId":"#);
    put_text(out, tenant_id);
    put(out, r#","decisionRequirementsKey":"#);
    put_key(out, model.decision_requirements_key);
    out.push(b'}');
}

/// A form or another resource; its kind is what its id and key are called.
fn put_resource(out: &mut Vec<u8>, kind: &str, resource: &DeployedResource, tenant_id: &str) {
    put(out, "{");
    put_text(out, &format!("{kind}Id"));
    put(out, ":");
    put_text(out, &resource.resource_id);
    put(out, r#","version":"#);
    put_number(out, resource.version);
    put(out, r#","resourceName":"#);
    put_text(out, &resource.resource_name);
    put(out, r#","tenantId":"#);
    put_text(out, tenant_id);
    put(out, ",");
    put_text(out, &format!("{kind}Key"));
    put(out, ":");
    put_key(out, resource.resource_key);
    out.push(b'}');
}
