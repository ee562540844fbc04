//! Offers a failed job again when it has rested.

use super::find_even_banned;
use crate::behaviors::jobs;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{JobIntent, Key, Reply};
use ringbolt_tables::JobState;

pub(crate) fn process_recur(p: &mut Processing<'_>, key: Key) -> Result<(), Refusal> {
    let job = find_even_banned(p, key, "back off", &[JobState::Failed])?;
    if job.retries <= 0 || job.recurring_time > p.now {
        return Err(invalid_state(format!(
            "Expected to back off job with key '{key}', but it does not rest"
        )));
    }
    jobs::append(p, JobIntent::RecurredAfterBackoff, key, &job, job.tenant_id(), jobs::Change::default());
    jobs::offer_again(p, key, &job);
    p.reply(Reply::Done);
    Ok(())
}
