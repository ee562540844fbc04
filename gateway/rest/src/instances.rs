//! Process instances, their variables and incidents.

use crate::answer::Answer;
use crate::fields::Fields;
use crate::json::{put, put_document, put_key, put_number, put_text, put_text_or_null, put_texts};
use crate::problem::Problem;
use crate::rest::{Head, Rest, check_reference, path_key, unexpected};
use bytes::Bytes;
use ringbolt_api::Broker;
use ringbolt_api::request::CreateInstance;
use ringbolt_record::command::{AwaitResult, DefinitionSelector, UpdateSemantics};
use ringbolt_record::reply::ProcessInstanceReply;
use ringbolt_record::{Key, Reply};
use serde::Deserialize;

/// The version that stands for the newest.
const LATEST_VERSION: i32 = -1;
/// The one kind of runtime instruction there is.
const TERMINATE: &str = "TERMINATE_PROCESS_INSTANCE";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StartInstruction {
    element_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RuntimeInstruction {
    r#type: Option<String>,
    after_element_id: String,
}

#[derive(Default)]
struct CreateBody {
    definition_id: Option<String>,
    definition_key: Option<i64>,
    version: Option<i32>,
    variables: Bytes,
    tenant_id: String,
    operation_reference: Option<i64>,
    start_element_ids: Vec<String>,
    terminate_after_element_ids: Vec<String>,
    await_completion: bool,
    fetch_variables: Vec<String>,
    request_timeout_ms: i64,
    tags: Vec<String>,
    business_id: Option<String>,
}

impl CreateBody {
    fn read(body: Bytes) -> Result<Self, Problem> {
        let mut read = Self::default();
        for field in Fields::required(body)?.iter() {
            match field.name {
                "processDefinitionId" => read.definition_id = Some(field.text()?),
                "processDefinitionKey" => read.definition_key = Some(field.key()?),
                "processDefinitionVersion" => read.version = Some(field.int()?),
                "variables" => read.variables = field.raw(),
                "tenantId" => read.tenant_id = field.text()?,
                "operationReference" => read.operation_reference = Some(field.long()?),
                "startInstructions" => {
                    let instructions: Vec<StartInstruction> = field.list()?;
                    read.start_element_ids = instructions.into_iter().map(|i| i.element_id).collect();
                }
                "runtimeInstructions" => {
                    let instructions: Vec<RuntimeInstruction> = field.list()?;
                    if let Some(other) = instructions
                        .iter()
                        .filter_map(|i| i.r#type.as_deref())
                        .find(|kind| *kind != TERMINATE)
                    {
                        let shown: String = other.chars().take(100).collect();
                        return Err(Problem::bad_request(format!(
                            "Cannot map value '{shown}' for type 'runtimeInstructions'. \
                             Use any of the following values: [{TERMINATE}]"
                        )));
                    }
                    read.terminate_after_element_ids =
                        instructions.into_iter().map(|i| i.after_element_id).collect();
                }
                "awaitCompletion" => read.await_completion = field.flag()?,
                "fetchVariables" => read.fetch_variables = field.texts()?,
                "requestTimeout" => read.request_timeout_ms = field.long()?,
                "tags" => read.tags = field.texts()?,
                "businessId" => read.business_id = Some(field.text()?),
                _ => return Err(field.unknown()),
            }
        }
        Ok(read)
    }

    fn check(self) -> Result<CreateInstance, Problem> {
        let mut violations = Vec::new();
        let definition = match (self.definition_id, self.definition_key) {
            (Some(bpmn_process_id), None) if !bpmn_process_id.trim().is_empty() => match self.version {
                None | Some(LATEST_VERSION) => Some(DefinitionSelector::Latest { bpmn_process_id }),
                Some(version) => Some(DefinitionSelector::Version { bpmn_process_id, version }),
            },
            (None, Some(key)) => {
                if self.version.is_some_and(|version| version != LATEST_VERSION) {
                    violations.push(
                        "processDefinitionVersion can only be set when using processDefinitionId".to_owned(),
                    );
                }
                Some(DefinitionSelector::Key(Key::from_wire(key)))
            }
            (Some(_), Some(_)) => {
                violations
                    .push("Only one of [processDefinitionId, processDefinitionKey] is allowed".to_owned());
                None
            }
            (Some(_) | None, None) => {
                violations.push(
                    "At least one of [processDefinitionId, processDefinitionKey] is required".to_owned(),
                );
                None
            }
        };
        if self.business_id.as_deref().is_some_and(|id| id.trim().is_empty()) {
            violations.push("No businessId provided".to_owned());
        }
        let operation_reference = check_reference(self.operation_reference, &mut violations);
        let Some(definition) = definition.filter(|_| violations.is_empty()) else {
            return Err(Problem::invalid(&violations));
        };
        Ok(CreateInstance {
            definition,
            variables: self.variables,
            start_element_ids: self.start_element_ids,
            terminate_after_element_ids: self.terminate_after_element_ids,
            tenant_id: self.tenant_id,
            tags: self.tags,
            business_id: self.business_id.unwrap_or_default(),
            await_result: self
                .await_completion
                .then_some(AwaitResult { fetch_variables: self.fetch_variables }),
            request_timeout_ms: self.request_timeout_ms,
            operation_reference,
        })
    }
}

impl<B: Broker> Rest<B> {
    pub(crate) async fn create_process_instance(
        &self,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let input = CreateBody::read(body)?.check()?;
        let request = self.gateway.mapper().create_instance(input);
        match self.submit(head, request).await? {
            Reply::ProcessInstanceCreated(instance) => Ok(Answer::json(instance_document(&instance, b""))),
            Reply::ProcessInstanceResult { instance, variables } => {
                Ok(Answer::json(instance_document(&instance, &variables)))
            }
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) async fn cancel_process_instance(
        &self,
        key: &str,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let key = path_key("processInstanceKey", key)?;
        let operation_reference = only_reference(body)?;
        self.acknowledge(head, Ok(self.gateway.mapper().cancel_instance(key, operation_reference))).await
    }

    pub(crate) async fn resolve_incident(
        &self,
        key: &str,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let key = path_key("incidentKey", key)?;
        let operation_reference = only_reference(body)?;
        self.acknowledge(head, Ok(self.gateway.mapper().resolve_incident(key, operation_reference))).await
    }

    pub(crate) async fn set_variables(
        &self,
        key: &str,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let key = path_key("elementInstanceKey", key)?;
        let (mut variables, mut semantics, mut reference) = (None, UpdateSemantics::Propagate, None);
        for field in Fields::required(body)?.iter() {
            match field.name {
                "variables" if field.is_empty_object() => {}
                "variables" => variables = Some(field.raw()),
                "local" if field.flag()? => semantics = UpdateSemantics::Local,
                "local" => semantics = UpdateSemantics::Propagate,
                "operationReference" => reference = Some(field.long()?),
                _ => return Err(field.unknown()),
            }
        }
        let mut violations = Vec::new();
        if variables.is_none() {
            violations.push("No variables provided".to_owned());
        }
        let operation_reference = check_reference(reference, &mut violations);
        let Some(variables) = variables.filter(|_| violations.is_empty()) else {
            return Err(Problem::invalid(&violations));
        };
        let request = self.gateway.mapper().set_variables(key, variables, semantics, operation_reference);
        self.acknowledge(head, request).await
    }
}

/// A body that has at most a reference in it.
fn only_reference(body: Bytes) -> Result<u64, Problem> {
    let mut reference = None;
    for field in Fields::optional(body)?.iter() {
        match field.name {
            "operationReference" => reference = Some(field.long()?),
            _ => return Err(field.unknown()),
        }
    }
    let mut violations = Vec::new();
    let reference = check_reference(reference, &mut violations);
    if violations.is_empty() { Ok(reference) } else { Err(Problem::invalid(&violations)) }
}

fn instance_document(instance: &ProcessInstanceReply, variables: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(320 + variables.len());
    put(&mut out, r#"{"processDefinitionId":"#);
    put_text(&mut out, &instance.bpmn_process_id);
    put(&mut out, r#","processDefinitionVersion":"#);
    put_number(&mut out, instance.version);
    put(&mut out, r#","tenantId":"#);
    put_text(&mut out, &instance.tenant_id);
    put(&mut out, r#","variables":"#);
    put_document(&mut out, variables);
    put(&mut out, r#","processDefinitionKey":"#);
    put_key(&mut out, instance.process_definition_key);
    put(&mut out, r#","processInstanceKey":"#);
    put_key(&mut out, instance.process_instance_key);
    put(&mut out, r#","tags":"#);
    put_texts(&mut out, &instance.tags);
    put(&mut out, r#","businessId":"#);
    put_text_or_null(&mut out, &instance.business_id);
    out.push(b'}');
    out
}
