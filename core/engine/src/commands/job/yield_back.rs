//! Takes a job back from a worker that never got it; it waits again, in its old place. A job that was handed out again since is
//! left where it is.

use super::find;
use crate::behaviors::jobs;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::{Activation, JobIntent, Reply};
use ringbolt_tables::JobState;

pub(crate) fn process_yield(p: &mut Processing<'_>, activation: Activation) -> Result<(), Refusal> {
    let key = activation.job_key;
    let job = find(p, key, "yield", &[JobState::Activated])?;
    if job.deadline != activation.deadline {
        // It was taken back meanwhile and another worker has it now, or its worker got more time and so has it.
        return Err(invalid_state(format!(
            "Expected to yield job with key '{}', but it was handed out again",
            key.to_wire()
        )));
    }
    let definition = jobs::definition_of(p, &job)?;
    jobs::append(p, JobIntent::Yielded, key, &job, &definition.tenant_id, jobs::Change::default());
    jobs::offer(p, key, &definition, job.job_type());
    p.reply(Reply::Done);
    Ok(())
}
