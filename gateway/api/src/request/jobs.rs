//! Activating, streaming, ending and changing jobs.

use super::{Mapper, Missing, Request, rejected};
use crate::broker::{JobStreamSpec, LongPoll};
use crate::error::ApiError;
use ringbolt_record::command::{
    ActivateJobs, CompleteListener, FailJob, JobUpdateKind, WithBusinessId, WithLease,
};
use ringbolt_record::{Command, DurationMs, Key, TaskListenerResult, VariableDocument};
use std::time::Duration;

/// Longest token that is looked at, bytes; those given out have 32.
const LEASE_TOKEN_BYTES_MAX: usize = 256;

/// Which jobs a worker wants, by poll or by stream.
#[derive(Clone, Debug)]
pub struct JobsInput {
    /// Type of the jobs.
    pub job_type: String,
    /// Who gets them; may be empty.
    pub worker: String,
    /// How long the worker has them.
    pub timeout_ms: i64,
    /// Names of variables; all when empty.
    pub fetch_variables: Vec<String>,
    /// Whose jobs; the default tenant's when empty.
    pub tenant_ids: Vec<String>,
    /// Whether each comes with a lease.
    pub with_leases: bool,
}

/// The end of an attempt at a job.
#[derive(Clone, Debug)]
pub struct FailJobInput {
    /// The job.
    pub job_key: i64,
    /// How often it may still fail.
    pub retries: i32,
    /// How long it rests.
    pub retry_backoff_ms: i64,
    /// What went wrong.
    pub error_message: String,
    /// Variables of the worker.
    pub variables: VariableDocument,
}

/// What changes of a job.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobChangesInput {
    /// New retries.
    pub retries: Option<i32>,
    /// New span from now until it is taken back.
    pub timeout_ms: Option<i64>,
    /// New priority.
    pub priority: Option<i32>,
}

/// The same request by who has its job under a lease, where a token is shown.
///
/// # Errors
/// When the token is longer than any is.
pub fn with_lease(request: Request, token: Option<String>) -> Result<Request, ApiError> {
    match token {
        None => Ok(request),
        Some(token) if token.len() > LEASE_TOKEN_BYTES_MAX => {
            let max = LEASE_TOKEN_BYTES_MAX;
            Err(ApiError::invalid(format!(
                "The value for jobLeaseToken must not be longer than {max} bytes."
            )))
        }
        Some(token) => {
            let leased = WithLease { token, command: request.command };
            Ok(Request { command: Command::WithLease(Box::new(leased)), ..request })
        }
    }
}

/// The same request, a completion, that gives the job's instance a business id, where there is one.
pub fn with_business_id(request: Request, business_id: Option<String>) -> Request {
    let Some(business_id) = business_id else { return request };
    let with = WithBusinessId { business_id, command: request.command };
    Request { command: Command::WithBusinessId(Box::new(with)), ..request }
}

impl Mapper<'_> {
    /// An activation of at most `jobs_max` jobs, and how long it waits for the first: `request_timeout_ms` 0 is the default,
    /// less is not at all.
    ///
    /// # Errors
    /// When something of it is beyond its bounds.
    pub fn activate_jobs(
        &self,
        input: JobsInput,
        jobs_max: i32,
        request_timeout_ms: i64,
    ) -> Result<(ActivateJobs, LongPoll), ApiError> {
        const WHAT: &str = "activate job batch";
        let jobs_asked = u32::try_from(jobs_max).unwrap_or(0);
        if jobs_asked == 0 {
            return Err(rejected(
                "ACTIVATE",
                format!(
                    "Expected to {WHAT} with max jobs to activate to be greater than zero, but it was '{jobs_max}'"
                ),
            ));
        }
        if let Some(reason) = wrong_jobs(WHAT, &input) {
            return Err(rejected("ACTIVATE", reason));
        }
        let tenant_ids = self.check_jobs(&input, "ActivateJobs", "Activate Jobs")?;
        let request = ActivateJobs {
            job_type: input.job_type,
            worker: input.worker,
            timeout: DurationMs(input.timeout_ms),
            jobs_max: jobs_asked.min(self.limits.activation_jobs_max),
            bytes_max: self.limits.activation_bytes_max,
            fetch_variables: input.fetch_variables,
            tenant_ids,
            with_leases: input.with_leases,
        };
        Ok((request, self.long_poll(request_timeout_ms)))
    }

    /// A stream of jobs.
    ///
    /// # Errors
    /// When something of it is beyond its bounds.
    pub fn job_stream(&self, input: JobsInput) -> Result<JobStreamSpec, ApiError> {
        if let Some(reason) = wrong_jobs("stream activated jobs", &input) {
            return Err(ApiError::invalid(reason));
        }
        let tenant_ids = self.check_jobs(&input, "StreamActivatedJobs", "Stream Activated Jobs")?;
        Ok(JobStreamSpec {
            job_type: input.job_type,
            worker: input.worker,
            timeout: Duration::from_millis(input.timeout_ms.unsigned_abs()),
            fetch_variables: input.fetch_variables,
            tenant_ids,
        })
    }

    fn check_jobs(
        &self,
        input: &JobsInput,
        grpc_name: &str,
        rest_name: &str,
    ) -> Result<Vec<String>, ApiError> {
        let (tenant_ids, tenants) = Self::apart(self.tenants(grpc_name, rest_name, &input.tenant_ids));
        self.all([
            self.check_length("type", &input.job_type, self.limits.id_bytes_max),
            self.check_length("worker", &input.worker, self.limits.worker_bytes_max),
            self.check_names("fetchVariable", &input.fetch_variables),
            self.check_names("tenantIds", &input.tenant_ids),
            tenants,
        ])?;
        Ok(tenant_ids)
    }

    fn long_poll(&self, request_timeout_ms: i64) -> LongPoll {
        match u64::try_from(request_timeout_ms) {
            Err(_) => LongPoll::None,
            Ok(0) => LongPoll::For(self.limits.long_poll_timeout),
            Ok(asked_ms) => {
                LongPoll::For(Duration::from_millis(asked_ms).min(self.limits.long_poll_timeout_max))
            }
        }
    }

    /// Completes a job.
    pub fn complete_job(&self, job_key: i64, variables: VariableDocument) -> Request {
        let command = Command::CompleteJob { job_key: Key::from_wire(job_key), variables };
        self.for_key(job_key, Missing::new("complete job", "job"), command)
    }

    /// Completes the job of a listener with what it answers.
    pub fn complete_listener(
        &self,
        job_key: i64,
        variables: VariableDocument,
        result: TaskListenerResult,
    ) -> Request {
        let complete = CompleteListener { job_key: Key::from_wire(job_key), variables, result };
        let command = Command::CompleteListener(Box::new(complete));
        self.for_key(job_key, Missing::new("complete job", "job"), command)
    }

    /// Fails a job.
    ///
    /// # Errors
    /// When the message is too long.
    pub fn fail_job(&self, input: FailJobInput) -> Result<Request, ApiError> {
        self.check_length("errorMessage", &input.error_message, self.limits.error_message_bytes_max)?;
        let command = Command::FailJob(FailJob {
            job_key: Key::from_wire(input.job_key),
            retries: input.retries,
            retry_backoff: DurationMs(input.retry_backoff_ms),
            error_message: input.error_message,
            variables: input.variables,
        });
        Ok(self.for_key(input.job_key, Missing::new("fail job", "job"), command))
    }

    /// Throws a business error.
    ///
    /// # Errors
    /// When code or message are too long.
    pub fn throw_job_error(
        &self,
        job_key: i64,
        error_code: String,
        error_message: String,
        variables: VariableDocument,
    ) -> Result<Request, ApiError> {
        self.check_length("errorCode", &error_code, self.limits.error_message_bytes_max)?;
        self.check_length("errorMessage", &error_message, self.limits.error_message_bytes_max)?;
        let command =
            Command::ThrowJobError { job_key: Key::from_wire(job_key), error_code, error_message, variables };
        Ok(self.for_key(job_key, Missing::new("throw an error for job", "job"), command))
    }

    /// Changes a job's retries, its timeout, its priority, or several of them.
    pub fn update_job(
        &self,
        job_key: i64,
        kind: JobUpdateKind,
        changes: JobChangesInput,
        operation_reference: u64,
    ) -> Request {
        let JobChangesInput { retries, timeout_ms, priority } = changes;
        let command = Command::UpdateJob {
            job_key: Key::from_wire(job_key),
            retries,
            timeout: timeout_ms.map(DurationMs),
            priority,
            kind,
        };
        self.for_key(job_key, Missing::new("update job", "job"), command).referring(operation_reference)
    }
}

/// Why a worker's wishes make no sense, if they do not.
fn wrong_jobs(what: &str, input: &JobsInput) -> Option<String> {
    if input.job_type.trim().is_empty() {
        return Some(format!("Expected to {what} with type to be present, but it was blank"));
    }
    if input.timeout_ms < 1 {
        // A stream's refusal is the gateway's own and has no quotes.
        let quote = if what.starts_with("activate") { "'" } else { "" };
        return Some(format!(
            "Expected to {what} with timeout to be greater than zero, but it was {quote}{}{quote}",
            input.timeout_ms
        ));
    }
    None
}
