//! From a routed request to its answer.

use crate::answer::Answer;
use crate::charset;
use crate::disposition::percent_decoded;
use crate::problem::Problem;
use crate::router::Route;
use bytes::Bytes;
use ringbolt_api::request::Request;
use ringbolt_api::trace::trace_id;
use ringbolt_api::{ApiError, Broker, ErrorKind, Gateway, Limits, Protocol};
use ringbolt_record::Reply;
use std::rc::Rc;

/// The REST API over a broker, for one core.
pub struct Rest<B> {
    pub(crate) gateway: Gateway<B>,
}

/// What of a request's head plays a part.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The path, as it came.
    pub path: &'a str,
    /// `content-type`.
    pub content_type: Option<&'a [u8]>,
    /// `traceparent`.
    pub traceparent: Option<&'a [u8]>,
}

impl<B: Broker> Rest<B> {
    /// The API over a broker.
    pub fn new(broker: B, limits: Rc<Limits>) -> Self {
        Self { gateway: Gateway::new(broker, limits, Protocol::Rest) }
    }

    /// A request's body has arrived.
    pub(crate) fn request_received(&self) {
        self.gateway.request_received();
    }

    /// Bounds of requests.
    pub fn limits(&self) -> &Limits {
        self.gateway.limits()
    }

    /// Bytes that the body of such a request may have.
    pub fn body_bytes_max(&self, route: &Route<'_>) -> usize {
        match route {
            Route::CreateDeployment => self.limits().deployment_request_bytes_max(),
            Route::GetTopology
            | Route::GetStatus
            | Route::GetLicense
            | Route::CreateProcessInstance
            | Route::CancelProcessInstance(_)
            | Route::EvaluateDecision
            | Route::EvaluateExpression
            | Route::ActivateJobs
            | Route::StreamJobs
            | Route::CompleteJob(_)
            | Route::FailJob(_)
            | Route::ThrowJobError(_)
            | Route::UpdateJob(_)
            | Route::SetVariables(_)
            | Route::ResolveIncident(_)
            | Route::NotImplemented(_)
            | Route::MethodNotAllowed(_)
            | Route::NotFound => self.limits().request_bytes_max(),
        }
    }

    /// Answers a request.
    pub async fn answer(
        &self,
        method: &str,
        route: Route<'_>,
        head: Head<'_>,
        body: Bytes,
    ) -> Answer<B::JobStream> {
        let answered = match head.utf8(body) {
            Ok(body) => self.dispatch(method, route, head, body).await,
            Err(problem) => Err(problem),
        };
        match answered {
            Ok(answer) => answer,
            Err(problem) => problem.answer(head.path),
        }
    }

    async fn dispatch(
        &self,
        method: &str,
        route: Route<'_>,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        match route {
            Route::GetTopology => Ok(self.topology()),
            Route::GetStatus => self.status(),
            Route::GetLicense => Ok(self.license()),
            Route::CreateDeployment => self.create_deployment(head, body).await,
            Route::CreateProcessInstance => self.create_process_instance(head, body).await,
            Route::CancelProcessInstance(key) => self.cancel_process_instance(key, head, body).await,
            Route::EvaluateDecision => self.evaluate_decision(head, body).await,
            Route::EvaluateExpression => self.evaluate_expression(head, body).await,
            Route::ActivateJobs => self.activate_jobs(head, body).await,
            Route::StreamJobs => self.stream_jobs(head, body),
            Route::CompleteJob(key) => self.complete_job(key, head, body).await,
            Route::FailJob(key) => self.fail_job(key, head, body).await,
            Route::ThrowJobError(key) => self.throw_job_error(key, head, body).await,
            Route::UpdateJob(key) => self.update_job(key, head, body).await,
            Route::SetVariables(key) => self.set_variables(key, head, body).await,
            Route::ResolveIncident(key) => self.resolve_incident(key, head, body).await,
            Route::NotImplemented(operation) => Err(ApiError::new(
                ErrorKind::Unimplemented,
                format!("The operation {} ({method} {}) is not implemented yet", operation.name, head.path),
            )
            .into()),
            Route::MethodNotAllowed(allowed) => {
                let detail = format!("Method '{method}' is not supported.");
                let mut problem = Problem::new(405, "Method Not Allowed", detail);
                problem.extra = Some(("allow", allowed));
                Err(problem)
            }
            Route::NotFound => {
                Err(Problem::new(404, "Not Found", format!("No endpoint {method} {}.", head.path)))
            }
        }
    }

    /// Has the engine handle a request.
    pub(crate) async fn submit(
        &self,
        head: Head<'_>,
        request: Result<Request, ApiError>,
    ) -> Result<Reply, Problem> {
        let mut request = request?;
        request.context.trace_id = head.traceparent.map_or(0, trace_id);
        Ok(self.gateway.call(request).await?)
    }

    /// As [`Rest::submit`], when there is nothing to answer.
    pub(crate) async fn acknowledge(
        &self,
        head: Head<'_>,
        request: Result<Request, ApiError>,
    ) -> Result<Answer<B::JobStream>, Problem> {
        match self.submit(head, request).await? {
            Reply::Done | Reply::VariablesSet { .. } => Ok(Answer::no_content()),
            other => Err(unexpected(&other)),
        }
    }
}

/// The engine answered something else than was asked: an error of ours.
pub(crate) fn unexpected(reply: &Reply) -> Problem {
    let kind = match reply {
        Reply::Done => "nothing",
        Reply::Deployed(_) => "a deployment",
        Reply::ProcessInstanceCreated(_) => "an instance",
        Reply::ProcessInstanceResult { .. } => "an instance's result",
        Reply::JobsActivated(_) => "jobs",
        Reply::VariablesSet { .. } => "a key of variables",
        Reply::DecisionEvaluated(_) => "a decision's evaluation",
        Reply::ExpressionEvaluated(_) => "an expression's evaluation",
    };
    let detail = format!("Unexpected error occurred during the request processing: the answer was {kind}");
    ApiError::new(ErrorKind::Internal, detail).into()
}

impl Head<'_> {
    /// The body is JSON, or there is none and nobody says what it is.
    pub(crate) fn check_json(&self, body: &Bytes) -> Result<(), Problem> {
        let Some(essence) = self.essence() else {
            return if body.is_empty() { Ok(()) } else { Err(self.unsupported()) };
        };
        let subtype = essence.split_at_checked(b"application/".len());
        match subtype {
            Some((kind, subtype))
                if kind.eq_ignore_ascii_case(b"application/")
                    && (subtype.eq_ignore_ascii_case(b"json")
                        || subtype.to_ascii_lowercase().ends_with(b"+json")) =>
            {
                Ok(())
            }
            Some(_) | None => Err(self.unsupported()),
        }
    }

    /// A body of JSON in UTF-8, whatever it came in. Others are left as they are: a form's parts may be anything.
    fn utf8(&self, body: Bytes) -> Result<Bytes, Problem> {
        if self.check_json(&body).is_err() {
            return Ok(body);
        }
        charset::utf8(body, self.content_type.and_then(charset::declared)).map_err(|error| match error {
            charset::Error::Unknown => self.unsupported(),
            charset::Error::Malformed => Problem::bad_request(
                "Failed to read request: the body is not in the encoding that it declares",
            ),
        })
    }

    /// The content type without its parameters.
    pub(crate) fn essence(&self) -> Option<&[u8]> {
        let whole = self.content_type?;
        Some(whole.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii())
    }

    pub(crate) fn unsupported(&self) -> Problem {
        let shown = self.content_type.map_or("null".into(), String::from_utf8_lossy);
        Problem::new(415, "Unsupported Media Type", format!("Content-Type '{shown}' is not supported."))
    }
}

/// A key in the path.
pub(crate) fn path_key(name: &str, text: &str) -> Result<i64, Problem> {
    let decoded = percent_decoded(text).and_then(|bytes| std::str::from_utf8(&bytes).ok()?.parse().ok());
    decoded.ok_or_else(|| {
        let shown: String = text.chars().take(100).collect();
        Problem::bad_request(format!("Failed to convert '{name}' with value: '{shown}'"))
    })
}

/// The client's reference of its operation, of those that are allowed.
pub(crate) fn check_reference(reference: Option<i64>, violations: &mut Vec<String>) -> u64 {
    match reference.map(u64::try_from) {
        None => 0,
        Some(Ok(reference)) if reference > 0 => reference,
        Some(Ok(_) | Err(_)) => {
            let given = reference.unwrap_or_default();
            violations.push(format!("The value for operationReference is '{given}' but must be > 0"));
            0
        }
    }
}
