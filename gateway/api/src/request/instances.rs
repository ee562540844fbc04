//! Starting process instances.

use super::{Mapper, Protocol, Request, Target, rejected};
use crate::error::ApiError;
use crate::schema::Pattern;
use ringbolt_record::command::{AwaitResult, CreateProcessInstance, DefinitionSelector};
use ringbolt_record::{Command, Rejection, RejectionType, VariableDocument};

/// Most labels of an instance.
const TAGS_MAX: usize = 10;
/// Longest label, characters.
const TAG_CHARS_MAX: usize = 100;
/// Longest business id, characters.
const BUSINESS_ID_CHARS_MAX: usize = 256;
/// The version that stands for the newest on the wire.
const LATEST_VERSION: i32 = -1;

const TAG_RULE: &str = "Tags must start with a letter (a-z, A-Z), followed by alphanumerics, underscores, minuses, colons, \
                        or periods. It must not be blank and must be 100 characters or less.";

/// What a client says about a new instance.
#[derive(Clone, Debug)]
pub struct CreateInstance {
    /// What to start.
    pub definition: DefinitionSelector,
    /// Variables to begin with.
    pub variables: VariableDocument,
    /// Elements to start at.
    pub start_element_ids: Vec<String>,
    /// Elements after which to terminate.
    pub terminate_after_element_ids: Vec<String>,
    /// Empty for the default.
    pub tenant_id: String,
    /// Labels.
    pub tags: Vec<String>,
    /// Empty for none.
    pub business_id: String,
    /// Whether to wait for the end, and for which variables.
    pub await_result: Option<AwaitResult>,
    /// How long to wait for the answer, ms; 0 for the default.
    pub request_timeout_ms: i64,
    /// 0 for none.
    pub operation_reference: u64,
}

impl Mapper<'_> {
    /// What to start, as the gRPC protocol says it: an id wins over a key, version -1 is the newest.
    ///
    /// # Errors
    /// With neither.
    pub fn definition(
        &self,
        bpmn_process_id: String,
        version: i32,
        process_definition_key: i64,
        intent: &str,
    ) -> Result<DefinitionSelector, ApiError> {
        if !bpmn_process_id.is_empty() {
            return Ok(match version {
                LATEST_VERSION => DefinitionSelector::Latest { bpmn_process_id },
                version => DefinitionSelector::Version { bpmn_process_id, version },
            });
        }
        match u64::try_from(process_definition_key) {
            // What a message without a key has; in the reference it is a key like any other, and nobody's.
            Ok(0) => {
                let reason = "Expected to find process definition with key '0', but none found";
                Err(ApiError::rejected(intent, &Rejection::new(RejectionType::NotFound, reason)))
            }
            Ok(key) => Ok(DefinitionSelector::Key(ringbolt_record::Key(key))),
            Err(_) => Err(rejected(
                intent,
                "Expected at least a bpmnProcessId or a key greater than -1, but none given",
            )),
        }
    }

    /// Starts an instance.
    ///
    /// # Errors
    /// When something of it is beyond its bounds.
    pub fn create_instance(&self, input: CreateInstance) -> Result<Request, ApiError> {
        let (grpc_name, intent) = match input.await_result {
            None => ("CreateProcessInstance", "CREATE"),
            Some(_) => ("CreateProcessInstanceWithResult", "CREATE_WITH_AWAITING_RESULT"),
        };
        let id_length = match &input.definition {
            DefinitionSelector::Latest { bpmn_process_id }
            | DefinitionSelector::Version { bpmn_process_id, .. } => {
                self.check_length("processDefinitionId", bpmn_process_id, self.limits.id_bytes_max)
            }
            DefinitionSelector::Key(_) => Ok(()),
        };
        let fetched = input.await_result.as_ref().map_or(&[][..], |awaits| &awaits.fetch_variables);
        let (tenant_id, tenant) =
            Self::apart(self.tenant(grpc_name, "Create Process Instance", &input.tenant_id));
        self.all([
            id_length,
            tenant,
            self.check_tags(&input.tags, intent),
            check_business_id(&input.business_id),
            self.check_items("startInstructions", input.start_element_ids.len()),
            self.check_items("runtimeInstructions", input.terminate_after_element_ids.len()),
            self.check_names("fetchVariables", fetched),
        ])?;
        let command = Command::CreateProcessInstance(CreateProcessInstance {
            definition: input.definition,
            variables: input.variables,
            start_element_ids: input.start_element_ids,
            terminate_after_element_ids: input.terminate_after_element_ids,
            tenant_id,
            tags: without_repetition(input.tags),
            business_id: input.business_id,
            await_result: input.await_result,
        });
        let mut request = self.request(Target::NewInstance, command).referring(input.operation_reference);
        request.timeout = self.limits.request_timeout_of(input.request_timeout_ms);
        Ok(request)
    }

    fn check_tags(&self, tags: &[String], intent: &str) -> Result<(), ApiError> {
        if tags.len() > TAGS_MAX {
            return Err(match self.protocol {
                Protocol::Rest => ApiError::invalid(format!(
                    "The provided number of tags '{}' is not supported. Ensure to not add more than {TAGS_MAX} tags.",
                    tags.len()
                )),
                Protocol::Grpc => rejected(
                    intent,
                    format!(
                        "Expected to create instance of process with tags, but the number of tags exceeds the limit of \
                         {TAGS_MAX}."
                    ),
                ),
            });
        }
        let Some(tag) = tags.iter().find(|tag| !Pattern::Tag.matches(tag)) else { return Ok(()) };
        let shown: String = tag.chars().take(TAG_CHARS_MAX).collect();
        Err(match self.protocol {
            Protocol::Rest => {
                ApiError::invalid(format!("The provided tag '{shown}' is not valid. {TAG_RULE}"))
            }
            Protocol::Grpc => rejected(
                intent,
                format!(
                    "Expected to create instance of process with tags, but the tags '{shown}' are invalid. {TAG_RULE}"
                ),
            ),
        })
    }
}

fn check_business_id(business_id: &str) -> Result<(), ApiError> {
    if business_id.chars().nth(BUSINESS_ID_CHARS_MAX).is_none() {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "The provided businessId exceeds the limit of {BUSINESS_ID_CHARS_MAX} characters."
    )))
}

/// Labels are a set; at most [`TAGS_MAX`] of them.
fn without_repetition(mut tags: Vec<String>) -> Vec<String> {
    let mut kept = 0;
    for at in 0..tags.len() {
        if !tags[..kept].contains(&tags[at]) {
            tags.swap(kept, at);
            kept += 1;
        }
    }
    tags.truncate(kept);
    tags
}
