//! A client's wishes as commands, checked the same way for both protocols.
//!
//! What only the engine can know (does it exist, is it in a state for that) is the engine's to refuse; what would make no command at
//! all, or one beyond a bound, is refused here in the words that the engine of Camunda uses for it.

mod ad_hoc;
mod batch_operations;
mod cluster_variables;
mod conditionals;
mod decisions;
mod instances;
mod jobs;
mod messages;
mod migrations;
mod modifications;
mod signals;
mod user_tasks;

pub use batch_operations::BATCH_FILTER_BYTES_MAX;
pub use decisions::EvaluateDecisionInput;
pub use instances::CreateInstance;
pub use jobs::{FailJobInput, JobChangesInput, JobsInput, with_business_id, with_lease};

use crate::call::{VIOLATIONS_MAX, shown};
use crate::error::ApiError;
use crate::limits::Limits;
use crate::schema::Level;
use bytes::Bytes;
use ringbolt_record::command::{CreateDeployment, Resource, ResourceType, UpdateSemantics};
use ringbolt_record::{
    Command, DEFAULT_TENANT, Key, Rejection, RejectionType, RequestContext, VariableDocument,
    VariableDocumentError,
};
use std::time::Duration;

/// What some programs put before UTF-8.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Which protocol asks: the words of some messages differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// REST v2.
    Rest,
    /// The Zeebe gateway.
    Grpc,
}

/// A command and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which partition.
    pub target: Target,
    /// What is asked.
    pub command: Command,
    /// Who asks.
    pub context: RequestContext,
    /// How long the client waits.
    pub timeout: Duration,
    /// What is not there when no partition made the target's key.
    pub missing: Missing,
}

/// The words for a key that belongs to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What was wished.
    pub wish: &'static str,
    /// What the key should be of.
    pub thing: &'static str,
}

impl Missing {
    /// Of a command without a key.
    const NOTHING: Self = Self { wish: "find anything", thing: "record" };

    /// Words for a key.
    pub const fn new(wish: &'static str, thing: &'static str) -> Self {
        Self { wish, thing }
    }
}

/// Which partition a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The one that keeps deployments.
    Deployments,
    /// Any, for a new instance.
    NewInstance,
    /// Any: what it needs is on all of them.
    Any,
    /// The one that keeps the messages of the command's correlation key.
    CorrelationKey,
    /// The one that made this key, as it came on the wire.
    Key(i64),
}

/// Makes requests of one protocol.
#[derive(Clone, Copy, Debug)]
pub struct Mapper<'a> {
    /// Whose words.
    pub protocol: Protocol,
    /// Whose bounds.
    pub limits: &'a Limits,
}

impl Mapper<'_> {
    fn request(&self, target: Target, command: Command) -> Request {
        let timeout = self.limits.request_timeout;
        Request { target, command, context: RequestContext::default(), timeout, missing: Missing::NOTHING }
    }

    /// A command about what has this key, for the partition that made it.
    fn for_key(&self, key: i64, missing: Missing, command: Command) -> Request {
        Request { missing, ..self.request(Target::Key(key), command) }
    }

    /// The JSON text of variables as a document.
    ///
    /// # Errors
    /// When it is too large or no JSON object.
    pub fn variables(&self, text: Bytes) -> Result<VariableDocument, ApiError> {
        self.check_variables(text.len())?;
        // Some programs put a mark before UTF-8.
        let text = if text.starts_with(UTF8_MARK) { text.slice(UTF8_MARK.len()..) } else { text };
        VariableDocument::parse(text.clone())
            .map_err(|error| ApiError::invalid(wrong_variables(&error, &text)))
    }

    /// Checks the size of variables, bytes.
    ///
    /// # Errors
    /// When they are too large.
    pub fn check_variables(&self, bytes: usize) -> Result<(), ApiError> {
        let bytes_max = self.limits.variables_bytes_max;
        if bytes <= bytes_max {
            return Ok(());
        }
        Err(ApiError::invalid(format!(
            "Property 'variables' is invalid: {bytes} bytes exceed the limit of {bytes_max}"
        )))
    }

    /// Deploys resources.
    ///
    /// # Errors
    /// Without resources, with too many, or for a tenant that cannot be.
    pub fn deploy(&self, resources: Vec<Resource>, tenant_id: &str) -> Result<Request, ApiError> {
        let tenant_id = self.tenant("DeployResource", "Deploy Resources", tenant_id)?;
        if resources.is_empty() {
            return Err(rejected("CREATE", "Expected to deploy at least one resource, but none given"));
        }
        if resources.len() > self.limits.deployment_resources_max {
            return Err(rejected(
                "CREATE",
                format!(
                    "Expected to deploy at most {} resources, but {} were given",
                    self.limits.deployment_resources_max,
                    resources.len()
                ),
            ));
        }
        let bytes: usize = resources.iter().map(|resource| resource.content.len()).sum();
        if bytes > self.limits.deployment_bytes_max {
            return Err(rejected(
                "CREATE",
                format!(
                    "Expected to deploy at most {} bytes, but the resources have {bytes}",
                    self.limits.deployment_bytes_max
                ),
            ));
        }
        self.check_known(&resources)?;
        let command = Command::CreateDeployment(CreateDeployment { resources, tenant_id });
        Ok(self.request(Target::Deployments, command))
    }

    /// Before 8.10 a deployment took files of some kinds only.
    fn check_known(&self, resources: &[Resource]) -> Result<(), ApiError> {
        const KNOWN: [&str; 5] = [".bpmn", ".xml", ".dmn", ".form", ".rpa"];
        let is_known = |name: &str| KNOWN.iter().any(|ending| name.ends_with(ending));
        match resources.iter().find(|resource| !is_known(&resource.name)) {
            Some(resource) if self.limits.level == Level::V8_9 => Err(rejected(
                "CREATE",
                format!(
                    "Expected to deploy new resources, but encountered the following errors:\n\n'{}': unknown resource \
                     type",
                    resource.name
                ),
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Deletes something deployed, where deployments are kept; with what is known of its instances if `delete_history`.
    ///
    /// # Errors
    /// When that is to go and there is no secondary storage which could know anything.
    pub fn delete_resource(
        &self,
        resource_key: i64,
        delete_history: bool,
        operation_reference: u64,
    ) -> Result<Request, ApiError> {
        if delete_history {
            self.check_selectable()?;
        }
        let command = Command::DeleteResource { resource_key: Key::from_wire(resource_key), delete_history };
        Ok(self.request(Target::Deployments, command).referring(operation_reference))
    }

    /// Reads a form or another resource.
    pub fn fetch_resource(&self, resource_key: i64, resource_type: ResourceType) -> Request {
        let resource_key = Key::from_wire(resource_key);
        self.request(Target::Any, Command::FetchResource { resource_key, resource_type })
    }

    /// Cancels a process instance.
    pub fn cancel_instance(&self, process_instance_key: i64, operation_reference: u64) -> Request {
        let command =
            Command::CancelProcessInstance { process_instance_key: Key::from_wire(process_instance_key) };
        let missing = Missing::new("cancel a process instance", "process");
        self.for_key(process_instance_key, missing, command).referring(operation_reference)
    }

    /// Gives a process instance a business id.
    pub fn assign_business_id(&self, process_instance_key: i64, business_id: String) -> Request {
        let key = Key::from_wire(process_instance_key);
        let command = Command::AssignBusinessId { process_instance_key: key, business_id };
        let missing = Missing::new("assign a business id to process instance", "process instance");
        self.for_key(process_instance_key, missing, command)
    }

    /// Lets a process instance rest.
    pub fn suspend_instance(&self, process_instance_key: i64, operation_reference: u64) -> Request {
        let command =
            Command::SuspendProcessInstance { process_instance_key: Key::from_wire(process_instance_key) };
        let missing = Missing::new("suspend a process instance", "process");
        self.for_key(process_instance_key, missing, command).referring(operation_reference)
    }

    /// Lets a suspended process instance go on.
    pub fn resume_instance(&self, process_instance_key: i64, operation_reference: u64) -> Request {
        let command =
            Command::ResumeProcessInstance { process_instance_key: Key::from_wire(process_instance_key) };
        let missing = Missing::new("resume a process instance", "process");
        self.for_key(process_instance_key, missing, command).referring(operation_reference)
    }

    /// Sets variables.
    pub fn set_variables(
        &self,
        element_instance_key: i64,
        variables: VariableDocument,
        semantics: UpdateSemantics,
        operation_reference: u64,
    ) -> Request {
        let key = Key::from_wire(element_instance_key);
        let command = Command::SetVariables { element_instance_key: key, variables, semantics };
        let missing = Missing::new("update variables for element", "element");
        self.for_key(element_instance_key, missing, command).referring(operation_reference)
    }

    /// Resolves an incident.
    pub fn resolve_incident(&self, incident_key: i64, operation_reference: u64) -> Request {
        let command = Command::ResolveIncident { incident_key: Key::from_wire(incident_key) };
        let missing = Missing::new("resolve incident", "incident");
        self.for_key(incident_key, missing, command).referring(operation_reference)
    }

    /// The one tenant there is while tenants are off; empty text stands for it.
    fn tenant(&self, grpc_name: &str, rest_name: &str, tenant_id: &str) -> Result<String, ApiError> {
        if tenant_id == DEFAULT_TENANT || tenant_id.trim().is_empty() {
            return Ok(DEFAULT_TENANT.to_owned());
        }
        let request = match self.protocol {
            Protocol::Grpc => format!("gRPC request {grpc_name}"),
            Protocol::Rest => format!("request {rest_name}"),
        };
        Err(ApiError::invalid(format!(
            "Expected to handle {request} with tenant identifier '{}', but multi-tenancy is disabled",
            shown(tenant_id)
        )))
    }

    /// As [`Mapper::tenant`], for those who name several.
    fn tenants(
        &self,
        grpc_name: &str,
        rest_name: &str,
        tenant_ids: &[String],
    ) -> Result<Vec<String>, ApiError> {
        for tenant_id in tenant_ids {
            self.tenant(grpc_name, rest_name, tenant_id)?;
        }
        Ok(vec![DEFAULT_TENANT.to_owned()])
    }

    /// Several checks: REST tells all that fail, gRPC the first.
    fn all(&self, checks: impl IntoIterator<Item = Result<(), ApiError>>) -> Result<(), ApiError> {
        let mut failed = checks.into_iter().filter_map(Result::err);
        let Some(first) = failed.next() else { return Ok(()) };
        let others: Vec<ApiError> = failed.filter(|_| self.protocol == Protocol::Rest).collect();
        if others.is_empty() {
            return Err(first);
        }
        let messages = std::iter::once(&first).chain(&others).take(VIOLATIONS_MAX);
        let messages: Vec<String> =
            messages.map(|error| error.message.trim_end_matches('.').to_owned()).collect();
        Err(ApiError::violations(&messages))
    }

    /// What was found, apart from whether it holds, so that this is one of several checks.
    fn apart<T: Default>(checked: Result<T, ApiError>) -> (T, Result<(), ApiError>) {
        match checked {
            Ok(found) => (found, Ok(())),
            Err(error) => (T::default(), Err(error)),
        }
    }

    fn check_items(&self, what: &str, count: usize) -> Result<(), ApiError> {
        let items_max = self.limits.list_items_max;
        if count <= items_max {
            return Ok(());
        }
        Err(ApiError::invalid(format!(
            "The provided {what} has {count} items, but at most {items_max} are allowed"
        )))
    }

    fn check_names(&self, what: &str, names: &[String]) -> Result<(), ApiError> {
        self.check_items(what, names.len())?;
        let (bytes, bytes_max) = (names.iter().map(String::len).sum::<usize>(), self.limits.names_bytes_max);
        if bytes <= bytes_max {
            return Ok(());
        }
        Err(ApiError::invalid(format!(
            "The provided {what} has {bytes} bytes, but at most {bytes_max} are allowed"
        )))
    }

    fn check_length(&self, what: &str, text: &str, bytes_max: usize) -> Result<(), ApiError> {
        if text.len() <= bytes_max {
            return Ok(());
        }
        Err(ApiError::invalid(format!(
            "The provided {what} has {} bytes, but at most {bytes_max} are allowed",
            text.len()
        )))
    }
}

impl Request {
    /// The request with the client's reference of its operation; 0 is none.
    fn referring(mut self, operation_reference: u64) -> Self {
        self.context.operation_reference = operation_reference;
        self
    }
}

/// What the engine would have said.
fn rejected(intent: &str, reason: impl Into<String>) -> ApiError {
    ApiError::rejected(intent, &Rejection::new(RejectionType::InvalidArgument, reason))
}

/// Why the JSON text of variables is no document.
pub fn wrong_variables(error: &VariableDocumentError, text: &[u8]) -> String {
    match error {
        VariableDocumentError::Syntax(what) => format!("Invalid JSON value in 'variables': {what}"),
        VariableDocumentError::NotAnObject(found) => {
            let kind = match *found {
                "an array" => "ARRAY",
                "a string" => "STRING",
                "a boolean" => "BOOLEAN",
                _ if text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => "FLOAT",
                _ => "INTEGER",
            };
            format!(
                "Property 'variables' is invalid: Expected document to be a root level object, but was '{kind}'"
            )
        }
        VariableDocumentError::TooDeep
        | VariableDocumentError::TooMany
        | VariableDocumentError::NameTooLong(_) => format!("Property 'variables' is invalid: {error}"),
    }
}
