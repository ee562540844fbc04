//! Commands on jobs.

pub(crate) mod complete;
pub(crate) mod fail;
pub(crate) mod recur_after_backoff;
pub(crate) mod throw_error;
pub(crate) mod time_out;
pub(crate) mod update;
pub(crate) mod yield_back;

use super::check_not_banned;
use crate::behaviors::jobs;
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::Key;
use ringbolt_tables::{JobRow, JobState};

/// A job in one of the states that a command may find it in. `verb` is what the command wants to do.
fn find(p: &Processing<'_>, key: Key, verb: &str, states: &[JobState]) -> Result<JobRow, Refusal> {
    let job = find_even_banned(p, key, verb, states)?;
    check_not_banned(p, job.instance.process_instance_key)?;
    Ok(job)
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

/// Offers a job that a checker has made activatable, unless its instance is banned.
fn offer_unless_banned(p: &mut Processing<'_>, key: Key, job: &JobRow) {
    if !p.tables().is_banned(job.instance.process_instance_key)
        && let Ok(definition) = jobs::definition_of(p, job)
    {
        jobs::offer(p, key, &definition, job.job_type());
    }
}

/// The states in which a worker may report on a job. It need not have been activated.
const WORKABLE: [JobState; 2] = [JobState::Activatable, JobState::Activated];
/// All states.
const ANY: [JobState; 4] =
    [JobState::Activatable, JobState::Activated, JobState::Failed, JobState::ErrorThrown];
