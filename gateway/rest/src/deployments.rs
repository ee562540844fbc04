//! Deployments: resources as parts of a form.
//!
//! A part named `resources` is a resource, whose name is the part's file name; one named `tenantId` is its owner. Other parts are
//! skipped, as Camunda's gateway does. The body lies in memory already, within its bound; parts are slices of it where the parser
//! allows.

use crate::answer::Answer;
use crate::disposition::{self, Disposition};
use crate::problem::Problem;
use crate::rest::{Head, Rest};
use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_DISPOSITION;
use multer::{Constraints, Multipart, SizeLimit};
use ringbolt_api::json::{put, put_key, put_number, put_text};
use ringbolt_api::{ApiError, Broker};
use ringbolt_record::Reply;
use ringbolt_record::command::Resource;
use ringbolt_record::reply::{
    DeployedDecision, DeployedDecisionRequirements, DeployedProcess, DeploymentReply,
};
use std::convert::Infallible;
use std::fmt;

/// Longest tenant id, bytes.
const TENANT_BYTES_MAX: u64 = 1024;
/// Parts of a form beyond the resources: more than anybody needs, fewer than hurt.
const OTHER_PARTS_MAX: usize = 16;

impl<B: Broker> Rest<B> {
    pub(crate) async fn create_deployment(
        &self,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        let parts_max = self.limits().deployment_resources_max + OTHER_PARTS_MAX;
        let (resources, tenant_id) = read_form(head, body, parts_max).await?;
        if resources.is_empty() {
            return Err(Problem::bad_request("Required part 'resources' is not present."));
        }
        let request = self.gateway.mapper().deploy(resources, &tenant_id);
        match self.submit(head, request).await? {
            Reply::Deployed(reply) => Ok(Answer::json(deployment_document(&reply))),
            other => Err(ApiError::unexpected(&other).into()),
        }
    }
}

async fn read_form(
    head: Head<'_>,
    body: Bytes,
    parts_max: usize,
) -> Result<(Vec<Resource>, String), Problem> {
    let is_form = head.essence().is_some_and(|essence| essence.eq_ignore_ascii_case(b"multipart/form-data"));
    let content_type = head.content_type.and_then(|text| std::str::from_utf8(text).ok());
    let Some(content_type) = content_type.filter(|_| is_form) else { return Err(head.unsupported()) };
    let boundary = multer::parse_boundary(content_type).map_err(|error| malformed(&error))?;
    let limits = SizeLimit::new().for_field("tenantId", TENANT_BYTES_MAX);
    let whole = stream::iter([Ok::<Bytes, Infallible>(body)]);
    let mut form = Multipart::with_constraints(whole, boundary, Constraints::new().size_limit(limits));
    let (mut resources, mut tenant_id) = (Vec::new(), String::new());
    for _ in 0..parts_max {
        let Some(part) = form.next_field().await.map_err(|error| malformed(&error))? else {
            return Ok((resources, tenant_id));
        };
        let Disposition { name, file_name } = disposition_of(&part)?;
        match name.as_deref() {
            Some("resources") => {
                let Some(name) = file_name else {
                    return Err(Problem::bad_request("A part 'resources' has no file name."));
                };
                let content = part.bytes().await.map_err(|error| malformed(&error))?;
                resources.push(Resource { name, content });
            }
            Some("tenantId") => tenant_id = part.text().await.map_err(|error| malformed(&error))?,
            Some(_) | None => {}
        }
    }
    Err(Problem::bad_request(format!("The form has more than {parts_max} parts.")))
}

/// What a part says of itself. The parser of the form would leave out names that it cannot read.
fn disposition_of(part: &multer::Field<'_>) -> Result<Disposition, Problem> {
    let Some(value) = part.headers().get(CONTENT_DISPOSITION) else { return Ok(Disposition::default()) };
    disposition::parse(value.as_bytes()).map_err(|why| malformed(&why))
}

fn malformed(error: &impl fmt::Display) -> Problem {
    Problem::bad_request(format!("Failed to parse multipart request: {error}"))
}

fn deployment_document(reply: &DeploymentReply) -> Vec<u8> {
    let items = reply.processes.len() + reply.decisions.len() + reply.decision_requirements.len();
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
