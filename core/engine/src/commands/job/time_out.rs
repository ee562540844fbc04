//! Takes a job back from a worker whose time is over.

use super::find_even_banned;
use crate::behaviors::jobs;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{JobIntent, Key, Reply};
use ringbolt_tables::JobState;

pub(crate) fn process_time_out(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let job = find_even_banned(p, key, "time out", &[JobState::Activated])?;
    if job.deadline > p.now {
        // The worker got more time after the checker had looked.
        return Err(invalid_state(format!(
            "Expected to time out job with key '{key}', but it has time left"
        )));
    }
    jobs::append(p, JobIntent::TimedOut, key, &job, job.tenant_id(), jobs::Change::default());
    jobs::offer_again(p, key, &job);
    p.reply(Reply::Done);
    Ok(())
}
