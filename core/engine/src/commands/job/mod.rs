//! Commands on jobs.

pub(crate) mod complete;
pub(crate) mod fail;
pub(crate) mod recur_after_backoff;
pub(crate) mod throw_error;
pub(crate) mod time_out;
pub(crate) mod update;
pub(crate) mod yield_back;

use super::{check_not_banned, check_not_suspended};
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::{Key, lease_token};
use ringbolt_tables::{JobRow, JobState};

/// A job in one of the states that a command may find it in. `verb` is what the command wants to do.
fn find(p: &Processing<'_>, key: Key, verb: &str, states: &[JobState]) -> Result<JobRow, Refusal> {
    let job = find_even_suspended(p, key, verb, states)?;
    check_not_suspended(p, job.instance.process_instance_key, job.element_instance_key)?;
    Ok(job)
}

/// The same for what moves no instance.
fn find_even_suspended(
    p: &Processing<'_>,
    key: Key,
    verb: &str,
    states: &[JobState],
) -> Result<JobRow, Refusal> {
    let job = find_even_banned(p, key, verb, states)?;
    check_not_banned(p, job.instance.process_instance_key)?;
    Ok(job)
}

/// The same for what ends a hand-out. A job that was given out under a lease is left to who shows the token of its last
/// hand-out; the texts are Camunda's (`JobLeaseFencingCheck`), and name no token.
fn find_held(p: &Processing<'_>, key: Key, verb: &str, states: &[JobState]) -> Result<JobRow, Refusal> {
    let job = find(p, key, verb, states)?;
    if !job.lease.is_none() && p.lease_shown().is_none() {
        return Err(invalid_state(format!(
            "Expected to process job with key '{}', but a matching lease token must be provided because the job is \
             currently leased",
            key.to_wire()
        )));
    }
    check_lease(p, key, &job)?;
    Ok(job)
}

/// A token that is shown has to be that of the job's last hand-out.
fn check_lease(p: &Processing<'_>, key: Key, job: &JobRow) -> Result<(), Refusal> {
    match (lease_token(job.lease, key), p.lease_shown()) {
        (Some(token), Some(shown)) if *token != *shown => Err(invalid_state(format!(
            "Expected to process job with key '{}', but the supplied lease token does not match. The job may have been \
             re-activated by another worker.",
            key.to_wire()
        ))),
        (_, _) => Ok(()),
    }
}

/// The same for what a checker asks: a job of a banned instance must not stay due for ever.
fn find_even_banned(
    p: &Processing<'_>,
    key: Key,
    verb: &str,
    states: &[JobState],
) -> Result<JobRow, Refusal> {
    let Some(job) = p.tables().job(key) else {
        return Err(not_found(format!(
            "Expected to {verb} job with key '{}', but no such job was found",
            key.to_wire()
        )));
    };
    if !states.contains(&job.state) {
        return Err(invalid_state(format!(
            "Expected to {verb} job with key '{}', but it is in state '{}'",
            key.to_wire(),
            job.state.name()
        )));
    }
    Ok(job)
}

/// The states in which a worker may report on a job. It need not have been activated.
const WORKABLE: [JobState; 2] = [JobState::Activatable, JobState::Activated];
/// All states.
const ANY: [JobState; 5] = [
    JobState::Activatable,
    JobState::Activated,
    JobState::Failed,
    JobState::ErrorThrown,
    JobState::Suspended,
];
