//! Deployments: resources as parts of a form.
//!
//! A part named `resources` is a resource, whose name is the part's file name; one named `tenantId` is its owner. Other parts are
//! skipped, as Camunda's gateway does. The body lies in memory already, within its bound; parts are slices of it where the parser
//! allows.

use crate::answer::Answer;
use crate::json::{put, put_key, put_number, put_text};
use crate::problem::Problem;
use crate::rest::{Head, Rest, unexpected};
use bytes::Bytes;
use futures_util::stream;
use multer::{Constraints, Multipart, SizeLimit};
use ringbolt_api::Broker;
use ringbolt_record::Reply;
use ringbolt_record::command::Resource;
use ringbolt_record::reply::DeploymentReply;
use std::convert::Infallible;

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
            other => Err(unexpected(&other)),
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
        match part.name() {
            Some("resources") => {
                let Some(name) = part.file_name().map(str::to_owned) else {
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

fn malformed(error: &multer::Error) -> Problem {
    Problem::bad_request(format!("Failed to parse multipart request: {error}"))
}

fn deployment_document(reply: &DeploymentReply) -> Vec<u8> {
    let mut out = Vec::with_capacity(128 + 384 * reply.processes.len());
    put(&mut out, r#"{"deploymentKey":"#);
    put_key(&mut out, reply.deployment_key);
    put(&mut out, r#","tenantId":"#);
    put_text(&mut out, &reply.tenant_id);
    put(&mut out, r#","deployments":["#);
    for (at, process) in reply.processes.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        put(&mut out, r#"{"processDefinition":{"processDefinitionId":"#);
        put_text(&mut out, &process.bpmn_process_id);
        put(&mut out, r#","processDefinitionVersion":"#);
        put_number(&mut out, process.version);
        put(&mut out, r#","resourceName":"#);
        put_text(&mut out, &process.resource_name);
        put(&mut out, r#","tenantId":"#);
        put_text(&mut out, &reply.tenant_id);
        put(&mut out, r#","processDefinitionKey":"#);
        put_key(&mut out, process.process_definition_key);
        put(
            &mut out,
            r#"},"decisionDefinition":null,"decisionRequirements":null,"form":null,"resource":null}"#,
        );
    }
    put(&mut out, "]}");
    out
}
