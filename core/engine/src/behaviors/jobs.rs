//! Making jobs, offering them, and handing them to workers.
//!
//! A job is pushed when it becomes activatable, nothing of its type waits, and a stream grants credit; otherwise it
//! stays activatable, behind what waits already.

use crate::at::At;
use crate::behaviors::{assignments, deployed, expressions, incidents, suspended, variables};
use crate::contract::{Effect, StreamGrant};
use crate::definitions::Definition;
use crate::failure::{Failure, Interruption, Unexpected};
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_model::{TaskKind, Text};
use ringbolt_record::values::{JobBatchRecord, JobRecord};
use ringbolt_record::{
    ActivatedJob, ErrorType, JobBatchIntent, JobIntent, JobKind, JobListenerEventType, Key, TimestampMs,
    VariableDocument, lease_token,
};
use ringbolt_tables::JobRow;
use std::sync::Arc;

/// What a job takes in an answer beside its variables and headers, roughly.
const JOB_BYTES: usize = 256;

/// A job that is to be made, by what its expressions give.
pub(crate) struct NewJob {
    /// What made it, what its listener listens to, and which of its element's listeners it is for.
    origin: (JobKind, JobListenerEventType, u32),
    job_type: Arc<str>,
    retries: i32,
    priority: i32,
    /// Its own; those of its element in the model where it has none.
    own_headers: Option<Arc<str>>,
}

/// What the expressions of a task's job give.
pub(crate) fn prepare(p: &Processing<'_>, at: &At) -> Result<NewJob, Interruption> {
    let Some(task) = at.model().job() else {
        return Err(at.unexpected(format!("'{}' is no job worker task", at.model().id)).into());
    };
    let facts = at.definition.facts(at.element.element_index);
    let job_type = match &facts.job_type {
        Some(job_type) => job_type.clone(),
        None => type_of(p, at, &task.job_type)?,
    };
    let retries = retries_of(p, at, &task.retries)?;
    let priority = match &task.priority {
        None => 0,
        Some(priority) => priority_of(p, at, priority)?,
    };
    let own_headers = match &task.user_task {
        None if task.linked_resources.is_empty() => None,
        None => Some(deployed::linked_headers(p, at, task)?.into()),
        Some(user_task) => {
            let assignment = assignments::evaluate(p, user_task, at)?;
            Some(assignments::headers(&task.headers, &assignment).into())
        }
    };
    let kind = match task.kind {
        TaskKind::AdHocSubProcess => JobKind::AdHocSubProcess,
        _ => JobKind::BpmnElement,
    };
    let origin = (kind, JobListenerEventType::Unspecified, 0);
    Ok(NewJob { origin, job_type, retries, priority, own_headers })
}

/// What the expressions of one of an element's execution listeners give.
pub(crate) fn prepare_listener(p: &Processing<'_>, at: &At, number: usize) -> Result<NewJob, Interruption> {
    let Some(listener) = at.model().listeners.get(number) else {
        return Err(at.unexpected(format!("'{}' has no listener {number}", at.model().id)).into());
    };
    Ok(NewJob {
        origin: (JobKind::ExecutionListener, listener.event, number as u32),
        job_type: type_of(p, at, &listener.job_type)?,
        retries: retries_of(p, at, &listener.retries)?,
        priority: 0,
        own_headers: listener.headers_json.as_deref().map(Arc::from),
    })
}

/// The same of one of a user task's listeners, with the headers that its job has.
pub(crate) fn prepare_task_listener(
    p: &Processing<'_>,
    at: &At,
    number: u32,
    headers: String,
) -> Result<NewJob, Interruption> {
    let listeners = at.model().user_task().map(|task| &task.listeners);
    let Some(listener) = listeners.and_then(|listeners| listeners.get(number as usize)) else {
        return Err(at.unexpected(format!("'{}' has no task listener {number}", at.model().id)).into());
    };
    Ok(NewJob {
        origin: (JobKind::TaskListener, listener.event, number),
        job_type: type_of(p, at, &listener.job_type)?,
        retries: retries_of(p, at, &listener.retries)?,
        priority: 0,
        own_headers: Some(headers.into()),
    })
}

/// The variables that the worker of a job sees. That of a task listener sees what a change brings before what is there.
pub(crate) fn variables_of(p: &Processing<'_>, job: &JobRow, names: &[String]) -> Vec<u8> {
    let visible = variables::collect(p.tables(), job.element_instance_key, names);
    if job.kind != JobKind::TaskListener {
        return visible;
    }
    let row = p.tables().element_instance(job.element_instance_key);
    let change = row.and_then(|row| p.tables().user_task_change(row.waits_for));
    let brought = change.map(|change| change.variables).unwrap_or_default();
    let document = |text: Vec<u8>| VariableDocument::parse(text.into()).unwrap_or_default();
    let (brought, visible) = (document(brought), document(visible));
    let mut object = variables::ObjectWriter::new();
    for (name, value) in
        brought.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|n| n == name))
    {
        object.member(name, value);
    }
    for (name, value) in visible.iter().filter(|(name, _)| brought.iter().all(|(other, _)| other != *name)) {
        object.member(name, value);
    }
    object.finish()
}

/// Makes a job and hands it out if somebody takes it.
pub(crate) fn create(p: &mut Processing<'_>, at: &At, new: &NewJob) {
    let NewJob { origin: (kind, listener_event_type, listener_index), job_type, own_headers, .. } = new;
    let in_model = &at.definition.facts(at.element.element_index).headers;
    let key = p.next_key();
    let value = JobRecord {
        instance: at.element.instance,
        element_instance_key: at.key,
        element_index: at.element.element_index,
        kind: *kind,
        listener_event_type: *listener_event_type,
        listener_index: *listener_index,
        has_own_headers: own_headers.is_some(),
        job_type,
        worker: "",
        retries: new.retries,
        priority: new.priority,
        lease: Key::NONE,
        deadline: TimestampMs(0),
        retry_backoff: ringbolt_record::DurationMs(0),
        recurring_time: TimestampMs(0),
        custom_headers: own_headers.as_ref().unwrap_or(in_model),
        error_message: "",
        error_code: "",
        is_caught: false,
        tenant_id: &at.definition.tenant_id,
    };
    p.append(JobIntent::Created, key, &value);
    offer(p, key, &at.definition, job_type);
}

fn type_of(p: &Processing<'_>, at: &At, text: &Text) -> Result<Arc<str>, Failure> {
    match text {
        Text::Static(text) => Ok(Arc::from(&**text)),
        Text::Number { text, .. } => Err(expressions::wrong_static_type(text, "STRING", "NUMBER")),
        Text::Expression(expression) => {
            let text = expressions::evaluate_text(p, expression, at.key)?;
            Ok(expressions::nameable(expression, text)?.into())
        }
    }
}

fn retries_of(p: &Processing<'_>, at: &At, retries: &Text) -> Result<i32, Failure> {
    let number = match retries {
        Text::Number { whole, .. } => *whole,
        Text::Static(text) => return Err(expressions::wrong_static_type(text, "NUMBER", "STRING")),
        Text::Expression(expression) => expressions::evaluate_whole_number(p, expression, at.key)?,
    };
    // The lowest 32 bits, as in the reference engine.
    Ok(number as i32)
}

/// The priority of a job. What is no whole number of 32 bits is an incident, as Camunda has it since 8.10
/// (`BpmnJobBehavior`).
fn priority_of(p: &Processing<'_>, at: &At, priority: &Text) -> Result<i32, Failure> {
    match priority {
        Text::Number { whole, .. } => Ok(*whole as i32),
        Text::Static(text) => Err(expressions::wrong_static_type(text, "NUMBER", "STRING")),
        Text::Expression(expression) => expressions::evaluate_exact_integer(p, expression, at.key),
    }
}

/// Hands a job that has just become activatable to a stream, or says that it waits. One that had a lease is not pushed: not
/// every stream may have it.
pub(crate) fn offer(p: &mut Processing<'_>, key: Key, definition: &Arc<Definition>, job_type: &str) {
    let tenant_id = &definition.tenant_id;
    if let Some(grant) = p.take_credit(job_type, tenant_id) {
        let job = p.tables().job(key).expect("a job that was just written is there");
        // The job itself is in the backlog already.
        if job.lease.is_none() && p.tables().is_only_activatable_job(&job, key) {
            push(p, key, &job, definition, &grant);
            return;
        }
        p.return_credit();
    }
    p.jobs_available(job_type, tenant_id);
}

/// Offers a job that came back by itself, which rests where its instance is suspended and is nobody's where that is banned.
pub(crate) fn offer_again(p: &mut Processing<'_>, key: Key, job: &JobRow) {
    let process_instance_key = job.instance.process_instance_key;
    if p.tables().is_banned(process_instance_key) {
        return;
    }
    if suspended::rests(p, process_instance_key, job.element_instance_key) {
        return rest(p, key, job);
    }
    if let Ok(definition) = definition_of(p, job) {
        offer(p, key, &definition, job.job_type());
    }
}

/// A job that waits for a worker rests while its instance is suspended.
pub(crate) fn rest(p: &mut Processing<'_>, key: Key, job: &JobRow) {
    append(p, JobIntent::Suspended, key, job, job.tenant_id(), Change::default());
}

fn push(p: &mut Processing<'_>, key: Key, job: &JobRow, definition: &Arc<Definition>, grant: &StreamGrant) {
    let deadline = p.now.plus(grant.timeout);
    let variables = variables_of(p, job, &grant.fetch_variables).into();
    let mut given = activated(p, key, job, definition, &grant.worker, deadline, variables);
    let bytes = bytes_of(&given);
    if bytes > p.settings.job_bytes_max as usize {
        p.return_credit();
        return raise_too_large(p, key, job, definition, bytes);
    }
    let batch_key = p.next_key();
    let value = JobBatchRecord {
        job_type: job.job_type(),
        worker: &grant.worker,
        deadline,
        with_leases: grant.with_leases,
        job_keys: &[key],
    };
    p.append(JobBatchIntent::Activated, batch_key, &value);
    if grant.with_leases {
        given.lease_token = lease_token(batch_key, key);
    }
    p.effect(Effect::PushJob { stream: grant.stream, job: given });
}

/// How many bytes a job takes in an answer, roughly.
pub(crate) fn bytes_of(job: &ActivatedJob) -> usize {
    JOB_BYTES + job.variables.len() + job.custom_headers.len()
}

/// Lets a job rest with an incident that fits into no answer: given to a worker it would break what brings it, and left in the queue it
/// would come first each time and stop all behind it.
pub(crate) fn raise_too_large(
    p: &mut Processing<'_>,
    key: Key,
    job: &JobRow,
    definition: &Arc<Definition>,
    bytes: usize,
) {
    let Some(at) = waiting_for(p, job, definition) else { return };
    let message = format!(
        "The job with key '{key}' can not be activated, because with {bytes} bytes it is larger than the configured \
         message size. Try to reduce the size by reducing the number of fetched variables or modifying the variable \
         values."
    );
    incidents::raise(p, &at, key, &Failure::new(ErrorType::MessageSizeExceeded, message));
}

/// A job as its worker gets it.
pub(crate) fn activated(
    p: &Processing<'_>,
    key: Key,
    job: &JobRow,
    definition: &Arc<Definition>,
    worker: &Arc<str>,
    deadline: TimestampMs,
    variables: Bytes,
) -> ActivatedJob {
    let facts = definition.facts(job.element_index);
    let metadata = p.tables().instance_metadata(job.instance.process_instance_key);
    let (tags, business_id) = match metadata {
        Some(mut metadata) => {
            let tags = std::mem::take(&mut metadata.tags);
            (tags.into(), metadata.business_id_at(key).into())
        }
        None => (definition.no_tags.clone(), definition.no_business_id.clone()),
    };
    let job_type = match &facts.job_type {
        Some(job_type) if **job_type == *job.job_type() => job_type.clone(),
        Some(_) | None => Arc::from(job.job_type()),
    };
    let own_headers = if job.has_own_headers { p.tables().job_headers(key) } else { None };
    ActivatedJob {
        key,
        job_type,
        kind: job.kind,
        listener_event_type: job.listener_event_type,
        process_instance_key: job.instance.process_instance_key,
        root_process_instance_key: job.instance.root_process_instance_key,
        bpmn_process_id: definition.bpmn_process_id.clone(),
        process_definition_version: definition.version,
        process_definition_key: definition.key,
        element_id: facts.id.clone(),
        element_instance_key: job.element_instance_key,
        custom_headers: own_headers.map_or_else(|| facts.headers.clone(), Arc::from),
        worker: worker.clone(),
        retries: job.retries,
        priority: job.priority,
        lease_token: lease_token(job.lease, key),
        deadline,
        variables,
        tenant_id: definition.tenant_id.clone(),
        tags,
        business_id,
    }
}

/// What changes with an event of a job; everything else is as its row says.
#[derive(Clone, Copy, Default)]
pub(crate) struct Change<'a> {
    pub(crate) retries: Option<i32>,
    pub(crate) priority: Option<i32>,
    pub(crate) deadline: Option<TimestampMs>,
    pub(crate) retry_backoff: Option<ringbolt_record::DurationMs>,
    pub(crate) recurring_time: Option<TimestampMs>,
    pub(crate) error_message: Option<&'a str>,
    pub(crate) error_code: Option<&'a str>,
    /// Whether an event catches the error.
    pub(crate) is_caught: bool,
}

/// Writes an event of a job.
pub(crate) fn append(
    p: &mut Processing<'_>,
    intent: JobIntent,
    key: Key,
    job: &JobRow,
    tenant_id: &str,
    change: Change<'_>,
) {
    let own_headers = if job.has_own_headers { p.tables().job_headers(key) } else { None };
    let own_headers = own_headers.map(str::to_owned);
    write(p, intent, key, job, own_headers.as_deref(), tenant_id, change);
}

/// Lets a job be one of another element in another definition, as its row says already. `model_headers` are those that the old
/// and the new element have in the model: a job keeps its headers.
pub(crate) fn migrate(
    p: &mut Processing<'_>,
    key: Key,
    job: &JobRow,
    (old, new): (&str, &str),
    tenant_id: &str,
) {
    let own_headers = if job.has_own_headers { p.tables().job_headers(key) } else { None };
    let own_headers = own_headers.or((old != new).then_some(old)).map(str::to_owned);
    write(p, JobIntent::Migrated, key, job, own_headers.as_deref(), tenant_id, Change::default());
}

fn write(
    p: &mut Processing<'_>,
    intent: JobIntent,
    key: Key,
    job: &JobRow,
    own_headers: Option<&str>,
    tenant_id: &str,
    change: Change<'_>,
) {
    let value = JobRecord {
        instance: job.instance,
        element_instance_key: job.element_instance_key,
        element_index: job.element_index,
        kind: job.kind,
        listener_event_type: job.listener_event_type,
        listener_index: job.listener_index,
        has_own_headers: own_headers.is_some(),
        job_type: job.job_type(),
        worker: job.worker(),
        retries: change.retries.unwrap_or(job.retries),
        priority: change.priority.unwrap_or(job.priority),
        lease: job.lease,
        deadline: change.deadline.unwrap_or(job.deadline),
        retry_backoff: change.retry_backoff.unwrap_or(job.retry_backoff),
        recurring_time: change.recurring_time.unwrap_or(job.recurring_time),
        custom_headers: own_headers.unwrap_or_default(),
        error_message: p.bounded(change.error_message.unwrap_or(job.error_message())),
        error_code: change.error_code.unwrap_or(job.error_code()),
        is_caught: change.is_caught,
        tenant_id,
    };
    p.append(intent, key, &value);
}

/// Why there is an incident when a job of a kind has failed as often as it may.
pub(crate) fn no_retries(kind: JobKind) -> ErrorType {
    match kind {
        JobKind::BpmnElement => ErrorType::JobNoRetries,
        JobKind::AdHocSubProcess => ErrorType::AdHocSubProcessNoRetries,
        JobKind::ExecutionListener => ErrorType::ExecutionListenerNoRetries,
        JobKind::TaskListener => ErrorType::TaskListenerNoRetries,
    }
}

/// The definition that a job's instance runs.
pub(crate) fn definition_of(p: &mut Processing<'_>, job: &JobRow) -> Result<Arc<Definition>, Unexpected> {
    p.definition_of(job.instance.process_definition_key, job.instance.process_instance_key)
}

/// The element instance that waits for a job.
pub(crate) fn waiting_for(p: &Processing<'_>, job: &JobRow, definition: &Arc<Definition>) -> Option<At> {
    let row = p.tables().element_instance(job.element_instance_key)?;
    Some(At { key: job.element_instance_key, element: row.element, definition: definition.clone() })
}

/// Cancels the job that an ending element instance waits for; nothing where it waits for none.
pub(crate) fn cancel(p: &mut Processing<'_>, job_key: Key, tenant_id: &str) {
    let Some(job) = p.tables().job(job_key) else { return };
    append(p, JobIntent::Canceled, job_key, &job, tenant_id, Change::default());
}
