//! Jobs: activating, streaming, ending and changing them.

use crate::answer::{Answer, AnswerBody, NDJSON};
use crate::fields::{Field, Fields, wrong};
use crate::json::{put, put_document, put_key, put_number, put_text, put_texts};
use crate::problem::Problem;
use crate::rest::{Head, Rest, check_reference, path_key};
use bytes::Bytes;
use ringbolt_api::request::{FailJobInput, JobsInput};
use ringbolt_api::{ApiError, Broker, ErrorKind, JobPoll};
use ringbolt_record::command::JobUpdateKind;
use ringbolt_record::reply::ActivatedJob;
use std::future::poll_fn;

/// Bytes of a job's document besides its variables and headers, roughly.
const JOB_BYTES: usize = 640;

/// What a worker says about the jobs it wants.
#[derive(Default)]
struct JobsBody {
    job_type: String,
    worker: String,
    timeout_ms: Option<i64>,
    fetch_variables: Vec<String>,
    tenant_ids: Vec<String>,
    jobs_max: Option<i32>,
    request_timeout_ms: i64,
}

impl JobsBody {
    /// Reads a property that polls and streams share; `false` if it is none of those.
    fn read_shared(&mut self, field: Field<'_>) -> Result<bool, Problem> {
        match field.name {
            "type" => self.job_type = field.text()?,
            "worker" => self.worker = field.text()?,
            "timeout" => self.timeout_ms = Some(field.long()?),
            "fetchVariable" => self.fetch_variables = field.texts()?,
            "tenantIds" => self.tenant_ids = field.texts()?,
            "tenantFilter" => check_tenant_filter(field)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn check(&self, violations: &mut Vec<String>) {
        if self.job_type.trim().is_empty() {
            violations.push("No type provided".to_owned());
        }
        check_positive("timeout", self.timeout_ms, violations);
    }

    fn input(self) -> JobsInput {
        JobsInput {
            job_type: self.job_type,
            worker: self.worker,
            timeout_ms: self.timeout_ms.unwrap_or_default(),
            fetch_variables: self.fetch_variables,
            tenant_ids: self.tenant_ids,
        }
    }
}

fn check_positive(name: &str, value: Option<i64>, violations: &mut Vec<String>) {
    match value {
        None => violations.push(format!("No {name} provided")),
        Some(value) if value < 1 => {
            violations.push(format!("The value for {name} is '{value}' but must be greater than 0"));
        }
        Some(_) => {}
    }
}

fn check_tenant_filter(field: Field<'_>) -> Result<(), Problem> {
    match field.text()?.as_str() {
        "PROVIDED" => Ok(()),
        "ASSIGNED" => Err(ApiError::invalid(
            "Expected to handle request Activate Jobs with ASSIGNED tenant filter, but multi-tenancy is disabled",
        )
        .into()),
        _ => Err(wrong(field.name, "use any of the values [PROVIDED, ASSIGNED]")),
    }
}

impl<B: Broker> Rest<B> {
    pub(crate) async fn activate_jobs(
        &self,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let mut read = JobsBody::default();
        for field in Fields::required(body)?.iter() {
            match field.name {
                "maxJobsToActivate" => read.jobs_max = Some(field.int()?),
                "requestTimeout" => read.request_timeout_ms = field.long()?,
                _ if read.read_shared(field)? => {}
                _ => return Err(field.unknown()),
            }
        }
        let mut violations = Vec::new();
        read.check(&mut violations);
        check_positive("maxJobsToActivate", read.jobs_max.map(i64::from), &mut violations);
        if !violations.is_empty() {
            return Err(Problem::invalid(&violations));
        }
        let (jobs_max, request_timeout_ms) = (read.jobs_max.unwrap_or_default(), read.request_timeout_ms);
        let (activate, long_poll) =
            self.gateway.mapper().activate_jobs(read.input(), jobs_max, request_timeout_ms)?;
        let mut poll = self.gateway.poll_jobs(activate, long_poll);
        let mut out = Vec::new();
        put(&mut out, r#"{"jobs":["#);
        let mut count = 0;
        while let Some(batch) = poll_fn(|cx| poll.poll_next(cx)).await {
            let batch = match batch {
                Ok(batch) => batch,
                Err(refusal) if count == 0 => return Err(ApiError::refused("ACTIVATE", refusal).into()),
                // Jobs that the client gets are worth more than the error after them.
                Err(_) => break,
            };
            out.reserve(batch.jobs.iter().map(job_bytes).sum());
            for job in &batch.jobs {
                if count > 0 {
                    out.push(b',');
                }
                put_job(&mut out, job);
                count += 1;
            }
        }
        put(&mut out, "]}");
        // From here on nothing waits: the response is the connection's.
        poll.delivered(count);
        Ok(Answer::json(out))
    }

    pub(crate) fn stream_jobs(&self, head: Head<'_>, body: Bytes) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let mut read = JobsBody::default();
        for field in Fields::required(body)?.iter() {
            if !read.read_shared(field)? {
                return Err(field.unknown());
            }
        }
        let mut violations = Vec::new();
        read.check(&mut violations);
        if !violations.is_empty() {
            return Err(Problem::invalid(&violations));
        }
        let spec = self.gateway.mapper().job_stream(read.input())?;
        let stream = self.gateway.open_job_stream(spec);
        Ok(Answer { status: 200, content_type: Some(NDJSON), extra: None, body: AnswerBody::Jobs(stream) })
    }

    pub(crate) async fn complete_job(
        &self,
        key: &str,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let job_key = path_key("jobKey", key)?;
        let mut variables = Bytes::new();
        for field in Fields::optional(body)?.iter() {
            match field.name {
                "variables" => variables = field.raw(),
                "result" => {
                    return Err(ApiError::new(
                        ErrorKind::Unimplemented,
                        "Expected to complete a job with its variables, but 'result' was given: results of listeners and \
                         ad-hoc sub-processes are not supported yet",
                    )
                    .into());
                }
                _ => return Err(field.unknown()),
            }
        }
        self.acknowledge(head, self.gateway.mapper().complete_job(job_key, variables)).await
    }

    pub(crate) async fn fail_job(
        &self,
        key: &str,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let mut input = FailJobInput {
            job_key: path_key("jobKey", key)?,
            retries: 0,
            retry_backoff_ms: 0,
            error_message: String::new(),
            variables: Bytes::new(),
        };
        for field in Fields::optional(body)?.iter() {
            match field.name {
                "retries" => input.retries = field.int()?,
                "errorMessage" => input.error_message = field.text()?,
                "retryBackOff" => input.retry_backoff_ms = field.long()?,
                "variables" => input.variables = field.raw(),
                _ => return Err(field.unknown()),
            }
        }
        self.acknowledge(head, self.gateway.mapper().fail_job(input)).await
    }

    pub(crate) async fn throw_job_error(
        &self,
        key: &str,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let job_key = path_key("jobKey", key)?;
        let (mut code, mut message, mut variables) = (String::new(), String::new(), Bytes::new());
        for field in Fields::required(body)?.iter() {
            match field.name {
                "errorCode" => code = field.text()?,
                "errorMessage" => message = field.text()?,
                "variables" => variables = field.raw(),
                _ => return Err(field.unknown()),
            }
        }
        if code.trim().is_empty() {
            return Err(Problem::invalid(&["No errorCode provided".to_owned()]));
        }
        let request = self.gateway.mapper().throw_job_error(job_key, code, message, variables);
        self.acknowledge(head, request).await
    }

    pub(crate) async fn update_job(
        &self,
        key: &str,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        head.check_json(&body)?;
        let job_key = path_key("jobKey", key)?;
        let (mut retries, mut timeout_ms, mut reference) = (None, None, None);
        for field in Fields::required(body)?.iter() {
            match field.name {
                "changeset" => field.object(|name, field| {
                    match name {
                        "retries" => retries = Some(field.int()?),
                        "timeout" => timeout_ms = Some(field.long()?),
                        _ => return Err(field.unknown()),
                    }
                    Ok(())
                })?,
                "operationReference" => reference = Some(field.long()?),
                _ => return Err(field.unknown()),
            }
        }
        let mut violations = Vec::new();
        if retries.is_none() && timeout_ms.is_none() {
            violations.push("At least one of [retries, timeout] is required".to_owned());
        }
        let operation_reference = check_reference(reference, &mut violations);
        if !violations.is_empty() {
            return Err(Problem::invalid(&violations));
        }
        let kind = JobUpdateKind::Both;
        let request =
            self.gateway.mapper().update_job(job_key, kind, retries, timeout_ms, operation_reference);
        self.acknowledge(head, Ok(request)).await
    }
}

/// Bytes that a job's document takes, roughly.
pub(crate) fn job_bytes(job: &ActivatedJob) -> usize {
    JOB_BYTES + job.variables.len() + job.custom_headers.len()
}

/// A job as a document.
pub(crate) fn put_job(out: &mut Vec<u8>, job: &ActivatedJob) {
    put(out, r#"{"type":"#);
    put_text(out, &job.job_type);
    put(out, r#","processDefinitionId":"#);
    put_text(out, &job.bpmn_process_id);
    put(out, r#","processDefinitionVersion":"#);
    put_number(out, job.process_definition_version);
    put(out, r#","elementId":"#);
    put_text(out, &job.element_id);
    put(out, r#","customHeaders":"#);
    put_document(out, job.custom_headers.as_bytes());
    put(out, r#","worker":"#);
    put_text(out, &job.worker);
    put(out, r#","retries":"#);
    put_number(out, job.retries);
    put(out, r#","deadline":"#);
    put_number(out, job.deadline.0);
    put(out, r#","variables":"#);
    put_document(out, &job.variables);
    put(out, r#","tenantId":"#);
    put_text(out, &job.tenant_id);
    put(out, r#","jobKey":"#);
    put_key(out, job.key);
    put(out, r#","processInstanceKey":"#);
    put_key(out, job.process_instance_key);
    put(out, r#","rootProcessInstanceKey":"#);
    if job.root_process_instance_key.is_none() {
        put(out, "null");
    } else {
        put_key(out, job.root_process_instance_key);
    }
    put(out, r#","processDefinitionKey":"#);
    put_key(out, job.process_definition_key);
    put(out, r#","elementInstanceKey":"#);
    put_key(out, job.element_instance_key);
    put(out, r#","kind":"#);
    put_text(out, job.kind.name());
    put(out, r#","listenerEventType":"UNSPECIFIED","userTask":null,"tags":"#);
    put_texts(out, &job.tags);
    out.push(b'}');
}
