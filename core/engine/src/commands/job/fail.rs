//! Ends an attempt at a job: it is offered again at once or after a rest, or raises an incident.

use super::{WORKABLE, find_held};
use crate::behaviors::variables::Owner;
use crate::behaviors::{conditions, incidents, jobs};
use crate::failure::{Failure, Refusal};
use crate::writers::Processing;
use ringbolt_record::command::FailJob;
use ringbolt_record::{JobIntent, Reply, TimestampMs};

/// What an incident says when the worker said nothing.
const NO_MESSAGE: &str = "No more retries left.";

pub(crate) fn process_fail(p: &mut Processing<'_>, fail: &FailJob) -> Result<(), Refusal> {
    let key = fail.job_key;
    let job = find_held(p, key, "fail", &WORKABLE)?;
    let definition = jobs::definition_of(p, &job)?;
    let rests = fail.retries > 0 && fail.retry_backoff.0 > 0;
    let recurring_time: Option<TimestampMs> = rests.then(|| p.now.plus(fail.retry_backoff));
    let change = jobs::Change {
        retries: Some(fail.retries),
        retry_backoff: Some(fail.retry_backoff),
        recurring_time,
        error_message: Some(&fail.error_message),
        ..jobs::Change::default()
    };
    jobs::append(p, JobIntent::Failed, key, &job, &definition.tenant_id, change);
    let owner = Owner { instance: job.instance, tenant_id: &definition.tenant_id };
    conditions::set_local(p, owner, job.element_instance_key, fail.variables.iter())?;
    if fail.retries <= 0 {
        if let Some(at) = jobs::waiting_for(p, &job, &definition) {
            let message = if fail.error_message.is_empty() { NO_MESSAGE } else { &fail.error_message };
            incidents::raise(p, &at, key, &Failure::new(jobs::no_retries(job.kind), message));
        }
    } else if !rests {
        jobs::offer(p, key, &definition, job.job_type());
    }
    p.reply(Reply::Done);
    Ok(())
}
