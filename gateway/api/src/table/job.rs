//! Operations: jobs; how they are activated, streamed, ended and changed, and how they are written.

use super::{ad_hoc_sub_process, batches, job_figures};
use crate::broker::{JobStreamSpec, LongPoll};
use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_document, put_key, put_number, put_text, put_text_or_null, put_texts};
use crate::listeners::{self, TaskOfListener};
use crate::objects::enums::JOB_LISTENER_EVENT_TYPE_2;
use crate::objects::job::{
    JOB_ACTIVATION_REQUEST, JOB_ACTIVATION_RESULT, JOB_BATCH_UPDATE_REQUEST, JOB_COMPLETION_REQUEST,
    JOB_ERROR_REQUEST, JOB_FAIL_REQUEST, JOB_UPDATE_REQUEST,
};
use crate::objects::job_search::{
    GLOBAL_JOB_STATISTICS_QUERY_RESULT, JOB_ERROR_STATISTICS_QUERY, JOB_ERROR_STATISTICS_QUERY_RESULT,
    JOB_SEARCH_QUERY, JOB_SEARCH_QUERY_RESULT, JOB_TIME_SERIES_STATISTICS_QUERY,
    JOB_TIME_SERIES_STATISTICS_QUERY_RESULT, JOB_TYPE_STATISTICS_QUERY, JOB_TYPE_STATISTICS_QUERY_RESULT,
    JOB_WORKER_STATISTICS_QUERY, JOB_WORKER_STATISTICS_QUERY_RESULT,
};
use crate::objects::ringbolt::JOB_STREAM_REQUEST;
use crate::objects::shared::BATCH_OPERATION_CREATED_RESULT;
use crate::operation::{Group, Method, Special, Version, done, empty, json, op, path, query, query_required};
use crate::request::{FailJobInput, JobChangesInput, JobsInput, Request, with_business_id, with_lease};
use crate::schema::{At, Level, Object, Schema};
use crate::search::rows_of;
use ringbolt_query::views::jobs::JOBS;
use ringbolt_record::JobListenerEventType;
use ringbolt_record::command::{ActivateJobs, JobUpdateKind};
use ringbolt_record::reply::ActivatedJob;

use crate::schema::kinds::{DATE_TIME, KEY, TEXT};

/// Bytes of a job's document besides its variables and headers, roughly.
const JOB_BYTES: usize = 720;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Job",
    operations: &[
        op("activateJobs", Method::Post, "/jobs/activation", Version::V8_6)
            .json(Schema::Object(&JOB_ACTIVATION_REQUEST))
            .says("Hands out jobs of a type, waiting for the first as long as asked")
            .special(Special::ActivateJobs)
            .gives(&[json(200, Schema::Object(&JOB_ACTIVATION_RESULT))])
            .errors(&[400, 401, 500, 503]),
        op("updateJobsBatchOperation", Method::Post, "/jobs/batch-update", Version::V8_10)
            .json(Schema::Object(&JOB_BATCH_UPDATE_REQUEST))
            .says("Changes retries, time or priority of all jobs that a filter selects")
            .command(batches::update_jobs, batches::created)
            .errors_own(&[503, 504])
            .gives(&[json(200, Schema::Object(&BATCH_OPERATION_CREATED_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("searchJobs", Method::Post, "/jobs/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&JOB_SEARCH_QUERY))
            .says("Searches jobs")
            .search(rows_of(&JOBS))
            .gives(&[json(200, Schema::Object(&JOB_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getJobTypeStatistics", Method::Post, "/jobs/statistics/by-types", Version::V8_9)
            .json(Schema::Object(&JOB_TYPE_STATISTICS_QUERY))
            .says("How many jobs were created, completed and failed in a time, to the minute, by type")
            .look(job_figures::by_type)
            .gives(&[json(200, Schema::Object(&JOB_TYPE_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getJobWorkerStatistics", Method::Post, "/jobs/statistics/by-workers", Version::V8_9)
            .json(Schema::Object(&JOB_WORKER_STATISTICS_QUERY))
            .says("How many jobs of a type were completed and failed in a time, to the minute, by worker")
            .look(job_figures::by_worker)
            .gives(&[json(200, Schema::Object(&JOB_WORKER_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getJobErrorStatistics", Method::Post, "/jobs/statistics/errors", Version::V8_9)
            .json(Schema::Object(&JOB_ERROR_STATISTICS_QUERY))
            .says("What went wrong with jobs of a type that were created in a time, and for how many workers")
            .look(job_figures::errors)
            .gives(&[json(200, Schema::Object(&JOB_ERROR_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getGlobalJobStatistics", Method::Get, "/jobs/statistics/global", Version::V8_9)
            .takes(&[
                query_required("from", DATE_TIME),
                query_required("to", DATE_TIME),
                query("jobType", TEXT),
            ])
            .says("How many jobs were created, completed and failed in a time, to the minute")
            .look(job_figures::all)
            .gives(&[json(200, Schema::Object(&GLOBAL_JOB_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getJobTimeSeriesStatistics", Method::Post, "/jobs/statistics/time-series", Version::V8_9)
            .json(Schema::Object(&JOB_TIME_SERIES_STATISTICS_QUERY))
            .says("How many jobs of a type were created, completed and failed, by time")
            .look(job_figures::by_time)
            .gives(&[json(200, Schema::Object(&JOB_TIME_SERIES_STATISTICS_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("updateJob", Method::Patch, "/jobs/{jobKey}", Version::V8_6)
            .takes(&[path("jobKey", KEY)])
            .json(Schema::Object(&JOB_UPDATE_REQUEST))
            .says("Changes a job's retries, the time that its worker has, or its priority")
            .command(update, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
        op("completeJob", Method::Post, "/jobs/{jobKey}/completion", Version::V8_6)
            .takes(&[path("jobKey", KEY)])
            .json_or_nothing(Schema::Object(&JOB_COMPLETION_REQUEST))
            .says("Ends a job well, with variables")
            .command(complete, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
        op("throwJobError", Method::Post, "/jobs/{jobKey}/error", Version::V8_6)
            .takes(&[path("jobKey", KEY)])
            .json(Schema::Object(&JOB_ERROR_REQUEST))
            .says("Ends a job with a business error")
            .command(throw, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
        op("failJob", Method::Post, "/jobs/{jobKey}/failure", Version::V8_6)
            .takes(&[path("jobKey", KEY)])
            .json_or_nothing(Schema::Object(&JOB_FAIL_REQUEST))
            .says("Ends an attempt at a job; without retries left there is an incident")
            .command(fail, done)
            .gives(&[empty(204)])
            .errors(&[400, 404, 409, 500, 503]),
    ],
};

fn complete(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &JOB_COMPLETION_REQUEST;
    let result = call.value(const { BODY.at("result") });
    let kind = result.and_then(|result| result.member("type")?.text().map(|kind| kind == "adHocSubProcess"));
    let is_of_ad_hoc = kind == Some(true);
    call.check()?;
    let token = call.text(const { BODY.at("jobLeaseToken") });
    let business_id = call.text(const { BODY.at("businessId") });
    with_lease(with_business_id(completion(call, is_of_ad_hoc)?, business_id), token)
}

fn completion(call: &mut Call<'_>, is_of_ad_hoc: bool) -> Result<Request, ApiError> {
    const BODY: &Object = &JOB_COMPLETION_REQUEST;
    let variables = call.variables(const { BODY.at("variables") })?;
    if let Some(result) = call.value(const { BODY.at("result") }) {
        if is_of_ad_hoc {
            let (body, mapper) = (call.body(), call.mapper);
            let instruction = ad_hoc_sub_process::instruction(&mapper, &body, result)?;
            return mapper.complete_ad_hoc_job(call.path_key(0)?, variables, instruction);
        }
        return Ok(call.mapper.complete_listener(call.path_key(0)?, variables, listeners::result(result)));
    }
    Ok(call.mapper.complete_job(call.path_key(0)?, variables))
}

fn fail(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &JOB_FAIL_REQUEST;
    call.check()?;
    let input = FailJobInput {
        job_key: call.path_key(0)?,
        retries: call.int(const { BODY.at("retries") }).unwrap_or_default(),
        retry_backoff_ms: call.long(const { BODY.at("retryBackOff") }).unwrap_or_default(),
        error_message: call.text_or_empty(const { BODY.at("errorMessage") }),
        variables: call.variables(const { BODY.at("variables") })?,
    };
    let token = call.text(const { BODY.at("jobLeaseToken") });
    with_lease(call.mapper.fail_job(input)?, token)
}

fn throw(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &JOB_ERROR_REQUEST;
    call.check()?;
    let code = call.text_or_empty(const { BODY.at("errorCode") });
    let message = call.text_or_empty(const { BODY.at("errorMessage") });
    let variables = call.variables(const { BODY.at("variables") })?;
    let token = call.text(const { BODY.at("jobLeaseToken") });
    with_lease(call.mapper.throw_job_error(call.path_key(0)?, code, message, variables)?, token)
}

fn update(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &JOB_UPDATE_REQUEST;
    let changes = changes(call, const { BODY.at("changeset") });
    call.check()?;
    let reference = call.reference(const { BODY.at("operationReference") });
    let token = call.text(const { BODY.at("jobLeaseToken") });
    with_lease(call.mapper.update_job(call.path_key(0)?, JobUpdateKind::Both, changes, reference), token)
}

/// What is to change of a job; nothing at all is a violation.
pub(super) fn changes(call: &mut Call<'_>, at: At) -> JobChangesInput {
    let changes = call.value(at);
    let number = |name: &str| changes.and_then(|changes| changes.member(name)?.long());
    let (retries, timeout_ms, priority) = (number("retries"), number("timeout"), number("priority"));
    if changes.is_some() && retries.is_none() && timeout_ms.is_none() && priority.is_none() {
        call.violated("At least one of [retries, timeout, priority] is required");
    }
    let small = |number: Option<i64>| number.and_then(|number| number.try_into().ok());
    JobChangesInput { retries: small(retries), timeout_ms, priority: small(priority) }
}

/// An activation of jobs, and how long it waits.
///
/// # Errors
/// When it makes no sense.
pub fn activation(call: &mut Call<'_>) -> Result<(ActivateJobs, LongPoll), ApiError> {
    const BODY: &Object = &JOB_ACTIVATION_REQUEST;
    const JOBS_MAX: At = BODY.at("maxJobsToActivate");
    call.check_positive(const { BODY.at("timeout") }, BODY);
    call.check_positive(JOBS_MAX, BODY);
    let with_leases = call.flag(const { BODY.at("withLease") });
    let input = JobsInput { with_leases, ..wishes(call, BODY)? };
    let wait_ms = call.long(const { BODY.at("requestTimeout") }).unwrap_or_default();
    call.mapper.activate_jobs(input, call.int(JOBS_MAX).unwrap_or_default(), wait_ms)
}

/// A stream of jobs.
///
/// # Errors
/// When it makes no sense.
pub fn stream(call: &mut Call<'_>) -> Result<JobStreamSpec, ApiError> {
    const BODY: &Object = &JOB_STREAM_REQUEST;
    call.check_positive(const { BODY.at("timeout") }, BODY);
    let input = wishes(call, BODY)?;
    call.mapper.job_stream(input)
}

/// What polls and streams share.
fn wishes(call: &mut Call<'_>, body: &'static Object) -> Result<JobsInput, ApiError> {
    call.check()?;
    if call.text(body.at("tenantFilter")).as_deref() == Some("ASSIGNED") {
        return Err(ApiError::invalid(
            "Expected to handle request Activate Jobs with ASSIGNED tenant filter, but multi-tenancy is disabled",
        ));
    }
    Ok(JobsInput {
        job_type: call.text_or_empty(body.at("type")),
        worker: call.text_or_empty(body.at("worker")),
        timeout_ms: call.long(body.at("timeout")).unwrap_or_default(),
        fetch_variables: call.texts(body.at("fetchVariable")),
        tenant_ids: call.texts(body.at("tenantIds")),
        with_leases: false,
    })
}

/// Bytes that a job's document takes, roughly.
pub fn job_bytes(job: &ActivatedJob) -> usize {
    JOB_BYTES + job.variables.len() + job.custom_headers.len()
}

/// What a job's listener listens to. What a client cannot know is none.
fn event_of(job: &ActivatedJob, level: Level) -> &'static str {
    let name = job.listener_event_type.name();
    JOB_LISTENER_EVENT_TYPE_2.value_at(name, level).unwrap_or(JobListenerEventType::Unspecified.name())
}

/// A job as a document.
pub fn put_job(out: &mut Vec<u8>, job: &ActivatedJob, level: Level) {
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
    put(out, r#","listenerEventType":"#);
    put_text(out, event_of(job, level));
    put(out, r#","userTask":"#);
    match TaskOfListener::of(job) {
        Some(task) => task.put(out),
        None => put(out, "null"),
    }
    put(out, r#","tags":"#);
    put_texts(out, &job.tags);
    if level >= Level::V8_10 {
        put(out, r#","physicalTenantId":"default","businessId":"#);
        put_text_or_null(out, &job.business_id);
        put(out, r#","priority":"#);
        put_number(out, job.priority);
        put(out, r#","jobLeaseToken":"#);
        put_text_or_null(out, job.lease_token.as_deref().unwrap_or_default());
    }
    out.push(b'}');
}
