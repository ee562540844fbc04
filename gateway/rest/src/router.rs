//! Which operation a request is.
//!
//! What Ringbolt answers is matched directly on the parts of the path; only what it does not answer is looked up in the table
//! of all operations. Nothing is allocated for a request that is answered.

use crate::operations::{OPERATIONS, OWN_OPERATIONS, Operation};

/// All paths begin with it.
const BASE: &str = "/v2/";
/// Parts of the longest path that is answered, below the base.
const PARTS_MAX: usize = 3;

/// A request's operation. Keys are the path's text, still unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// `GET /topology`
    GetTopology,
    /// `GET /status`
    GetStatus,
    /// `GET /license`
    GetLicense,
    /// `POST /deployments`
    CreateDeployment,
    /// `POST /process-instances`
    CreateProcessInstance,
    /// `POST /process-instances/{processInstanceKey}/cancellation`
    CancelProcessInstance(&'a str),
    /// `POST /decision-definitions/evaluation`
    EvaluateDecision,
    /// `POST /expression/evaluation`
    EvaluateExpression,
    /// `POST /jobs/activation`
    ActivateJobs,
    /// `POST /jobs/streaming`, Ringbolt's own
    StreamJobs,
    /// `POST /jobs/{jobKey}/completion`
    CompleteJob(&'a str),
    /// `POST /jobs/{jobKey}/failure`
    FailJob(&'a str),
    /// `POST /jobs/{jobKey}/error`
    ThrowJobError(&'a str),
    /// `PATCH /jobs/{jobKey}`
    UpdateJob(&'a str),
    /// `PUT /element-instances/{elementInstanceKey}/variables`
    SetVariables(&'a str),
    /// `POST /incidents/{incidentKey}/resolution`
    ResolveIncident(&'a str),
    /// An operation of the protocol that is not answered yet.
    NotImplemented(&'static Operation),
    /// A path of the protocol, but not with this method: with these.
    MethodNotAllowed(String),
    /// No path of the protocol.
    NotFound,
}

impl Route<'_> {
    /// The command that starts new work, by its name on the wire; none for requests that bring work to its end, or ask.
    pub fn new_work(&self) -> Option<&'static str> {
        match self {
            Self::CreateDeployment => Some("CREATE"),
            Self::CreateProcessInstance => Some("CREATE"),
            Self::EvaluateDecision | Self::EvaluateExpression => Some("EVALUATE"),
            Self::GetTopology
            | Self::GetStatus
            | Self::GetLicense
            | Self::CancelProcessInstance(_)
            | Self::ActivateJobs
            | Self::StreamJobs
            | Self::CompleteJob(_)
            | Self::FailJob(_)
            | Self::ThrowJobError(_)
            | Self::UpdateJob(_)
            | Self::SetVariables(_)
            | Self::ResolveIncident(_)
            | Self::NotImplemented(_)
            | Self::MethodNotAllowed(_)
            | Self::NotFound => None,
        }
    }

    /// Whether the request is refused whatever its body says.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::NotImplemented(_) | Self::MethodNotAllowed(_) | Self::NotFound)
    }
}

/// The operation of a request. `HEAD` is as `GET`.
pub fn route<'a>(method: &str, path: &'a str) -> Route<'a> {
    let Some(below) = path.strip_prefix(BASE) else { return Route::NotFound };
    let method = if method == "HEAD" { "GET" } else { method };
    answered(method, below).unwrap_or_else(|| refused(method, below))
}

fn answered<'a>(method: &str, below: &'a str) -> Option<Route<'a>> {
    let mut parts = [""; PARTS_MAX];
    let mut count = 0;
    for part in below.split('/') {
        if count == PARTS_MAX || part.is_empty() {
            return None;
        }
        parts[count] = part;
        count += 1;
    }
    Some(match (method, &parts[..count]) {
        ("POST", ["jobs", "activation"]) => Route::ActivateJobs,
        ("POST", ["jobs", "streaming"]) => Route::StreamJobs,
        ("POST", ["jobs", key, "completion"]) => Route::CompleteJob(key),
        ("POST", ["jobs", key, "failure"]) => Route::FailJob(key),
        ("POST", ["jobs", key, "error"]) => Route::ThrowJobError(key),
        ("PATCH", ["jobs", key]) => Route::UpdateJob(key),
        ("POST", ["process-instances"]) => Route::CreateProcessInstance,
        ("POST", ["process-instances", key, "cancellation"]) => Route::CancelProcessInstance(key),
        ("POST", ["incidents", key, "resolution"]) => Route::ResolveIncident(key),
        ("PUT", ["element-instances", key, "variables"]) => Route::SetVariables(key),
        ("POST", ["decision-definitions", "evaluation"]) => Route::EvaluateDecision,
        ("POST", ["expression", "evaluation"]) => Route::EvaluateExpression,
        ("POST", ["deployments"]) => Route::CreateDeployment,
        ("GET", ["topology"]) => Route::GetTopology,
        ("GET", ["status"]) => Route::GetStatus,
        ("GET", ["license"]) => Route::GetLicense,
        _ => return None,
    })
}

fn refused(method: &str, below: &str) -> Route<'static> {
    let mut allowed = String::new();
    for operation in OPERATIONS.iter().chain(OWN_OPERATIONS) {
        if !matches(operation.path, below) {
            continue;
        }
        if operation.method == method {
            return Route::NotImplemented(operation);
        }
        if !allowed.contains(operation.method) {
            if !allowed.is_empty() {
                allowed.push_str(", ");
            }
            allowed.push_str(operation.method);
        }
    }
    if allowed.is_empty() { Route::NotFound } else { Route::MethodNotAllowed(allowed) }
}

/// Whether a path is of a pattern: a part in braces matches any one part that is not empty.
fn matches(pattern: &str, below: &str) -> bool {
    let mut parts = below.split('/');
    for wanted in pattern[1..].split('/') {
        match parts.next() {
            Some(part) if part == wanted || (wanted.starts_with('{') && !part.is_empty()) => {}
            Some(_) | None => return false,
        }
    }
    parts.next().is_none()
}
