//! Takes a job back from a worker that never got it; it waits again, in its old place.

use super::find;
use crate::behaviors::jobs;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::{JobIntent, Key, Reply};
use ringbolt_tables::JobState;

pub(crate) fn process_yield(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let job = find(p, key, "yield", &[JobState::Activated])?;
    let definition = jobs::definition_of(p, &job)?;
    jobs::append(p, JobIntent::Yielded, key, &job, &definition.tenant_id, jobs::Change::default());
    jobs::offer(p, key, &definition, job.job_type());
    p.reply(Reply::Done);
    Ok(())
}
