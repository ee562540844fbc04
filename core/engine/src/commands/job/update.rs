//! Changes a job's retries, the time until it is taken back, its priority, or several of them. Unlike the reference, which may
//! keep one of two changes when the other is refused, a refused command changes nothing.
//!
//! The priority changes in every state; a job that waits goes to its new place, one that a worker has is where it is (8.10:
//! `JobUpdateProcessor`).

use super::{ANY, check_lease, find_even_suspended};
use crate::behaviors::jobs;
use crate::failure::{Refusal, invalid_argument, invalid_state};
use crate::writers::Processing;
use ringbolt_record::command::JobUpdateKind;
use ringbolt_record::{DurationMs, JobIntent, Key, Reply};
use ringbolt_tables::JobState;

/// What is to change.
#[derive(Clone, Copy, Default)]
pub(crate) struct JobChanges {
    pub(crate) retries: Option<i32>,
    pub(crate) timeout: Option<DurationMs>,
    pub(crate) priority: Option<i32>,
}

pub(crate) fn process_update(
    p: &mut Processing<'_>,
    key: Key,
    changes: JobChanges,
    kind: JobUpdateKind,
) -> Result<(), Refusal> {
    let JobChanges { retries, timeout, priority } = changes;
    let mut job = find_even_suspended(p, key, "update", &ANY)?;
    check_lease(p, key, &job)?;
    let definition = jobs::definition_of(p, &job)?;
    if let Some(retries) = retries.filter(|retries| *retries < 1) {
        return Err(invalid_argument(format!(
            "Expected to update retries for job with key '{}' with a positive amount of retries, but the amount given \
             was '{retries}'",
            key.to_wire()
        )));
    }
    if timeout.is_some() && job.state != JobState::Activated {
        let reason = format!(
            "Expected to update the timeout of job with key '{}', but it is not active",
            key.to_wire()
        );
        return Err(match kind {
            JobUpdateKind::Retries | JobUpdateKind::Timeout => invalid_state(reason),
            JobUpdateKind::Both => invalid_argument(reason),
        });
    }
    if retries.is_some() {
        let change = jobs::Change { retries, ..jobs::Change::default() };
        jobs::append(p, JobIntent::RetriesUpdated, key, &job, &definition.tenant_id, change);
        job = find_even_suspended(p, key, "update", &ANY)?;
    }
    if let Some(timeout) = timeout {
        let change = jobs::Change { deadline: Some(p.now.plus(timeout)), ..jobs::Change::default() };
        jobs::append(p, JobIntent::TimeoutUpdated, key, &job, &definition.tenant_id, change);
        job = find_even_suspended(p, key, "update", &ANY)?;
    }
    if priority.is_some() {
        let change = jobs::Change { priority, ..jobs::Change::default() };
        jobs::append(p, JobIntent::PriorityUpdated, key, &job, &definition.tenant_id, change);
        job = find_even_suspended(p, key, "update", &ANY)?;
    }
    if kind == JobUpdateKind::Both {
        jobs::append(p, JobIntent::Updated, key, &job, &definition.tenant_id, jobs::Change::default());
    }
    p.reply(Reply::Done);
    Ok(())
}
