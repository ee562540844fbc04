//! Takes a job back from a worker that never got it; it waits again, in its old place. A job that was handed out again since is
//! left where it is.

use super::find_even_suspended;
use crate::behaviors::jobs;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{Activation, JobIntent, Reply};
use ringbolt_tables::JobState;

pub(crate) fn process_yield(p: &mut Processing<'_>, activation: Activation) -> Result<(), Refusal> {
    let key = activation.job_key;
    let job = find_even_suspended(p, key, "yield", &[JobState::Activated])?;
    if job.deadline != activation.deadline {
        // It was taken back meanwhile and another worker has it now, or its worker got more time and so has it.
        return Err(invalid_state(format!(
            "Expected to yield job with key '{}', but it was handed out again",
            key.to_wire()
        )));
    }
    jobs::append(p, JobIntent::Yielded, key, &job, job.tenant_id(), jobs::Change::default());
    jobs::offer_again(p, key, &job);
    p.reply(Reply::Done);
    Ok(())
}
