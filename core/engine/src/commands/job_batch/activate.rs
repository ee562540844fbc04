//! Hands activatable jobs to a worker, most urgent first and then oldest first. When there are none, nothing is written.

use crate::behaviors::{bans, jobs, suspended};
use crate::definitions::Definition;
use crate::failure::{Refusal, Unexpected, invalid_argument};
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::reply::JobBatch;
use ringbolt_record::values::JobBatchRecord;
use ringbolt_record::{DEFAULT_TENANT, JobBatchIntent, JobIntent, Key, Reply, TimestampMs, lease_token};
use ringbolt_tables::JobRow;
use std::sync::Arc;

/// Most jobs of one batch; who asks for more gets these and asks again.
const BATCH_JOBS_MAX: usize = 10_000;
/// Most jobs of banned and suspended instances that one activation takes out of the queue.
const TAKEN_OUT_MAX: usize = 100;

pub(crate) fn process_activate(p: &mut Processing<'_>, activate: &ActivateJobs) -> Result<(), Refusal> {
    check(activate)?;
    let worker: Arc<str> = activate.worker.as_str().into();
    let deadline = p.now.plus(activate.timeout);
    let default_tenant = [DEFAULT_TENANT.to_owned()];
    let tenants: &[String] =
        if activate.tenant_ids.is_empty() { &default_tenant } else { &activate.tenant_ids };
    let mut batch = Batch { activate, worker, deadline, reply: JobBatch::default(), bytes: 0 };
    for tenant in tenants {
        if !batch.is_full() && !batch.reply.truncated {
            fill(p, &mut batch, tenant)?;
        }
    }
    let keys: Vec<Key> = batch.reply.jobs.iter().map(|job| job.key).collect();
    if !keys.is_empty() {
        let record = JobBatchRecord {
            job_type: &activate.job_type,
            worker: &activate.worker,
            deadline,
            with_leases: activate.with_leases,
            job_keys: &keys,
        };
        let key = p.next_key();
        p.append(JobBatchIntent::Activated, key, &record);
        if activate.with_leases {
            batch.reply.jobs.iter_mut().for_each(|job| job.lease_token = lease_token(key, job.key));
        }
    }
    p.reply(Reply::JobsActivated(batch.reply));
    Ok(())
}

fn check(activate: &ActivateJobs) -> Result<(), Refusal> {
    if activate.job_type.trim().is_empty() {
        return Err(invalid_argument(
            "Expected to activate job batch with type to be present, but it was blank",
        ));
    }
    if activate.timeout.0 < 1 {
        return Err(invalid_argument(format!(
            "Expected to activate job batch with timeout to be greater than zero, but it was '{}'",
            activate.timeout
        )));
    }
    if activate.jobs_max < 1 {
        return Err(invalid_argument(format!(
            "Expected to activate job batch with max jobs to activate to be greater than zero, but it was '{}'",
            activate.jobs_max
        )));
    }
    Ok(())
}

struct Batch<'a> {
    activate: &'a ActivateJobs,
    worker: Arc<str>,
    deadline: TimestampMs,
    reply: JobBatch,
    bytes: usize,
}

impl Batch<'_> {
    fn is_full(&self) -> bool {
        self.reply.jobs.len() >= (self.activate.jobs_max as usize).min(BATCH_JOBS_MAX)
    }
}

/// Adds one tenant's jobs to the batch.
fn fill(p: &mut Processing<'_>, batch: &mut Batch<'_>, tenant: &str) -> Result<(), Unexpected> {
    let wanted = (batch.activate.jobs_max as usize).min(BATCH_JOBS_MAX) - batch.reply.jobs.len();
    let keys = next_jobs(p, batch, tenant, wanted);
    for key in keys {
        // A row that cannot be read is not there either; the caller looks at the state's fault after the command.
        let Some(job) = p.tables().promised_job(key, "the list of activatable jobs") else {
            return Err(Unexpected::new(Key::NONE, format!("job {key} is activatable, but it is not there")));
        };
        let Some(definition) = definition_or_ban(p, &job) else {
            // The worker asks again, and gets the jobs behind it.
            batch.reply.truncated = true;
            continue;
        };
        let variables = Bytes::from(jobs::variables_of(p, &job, &batch.activate.fetch_variables));
        let given = jobs::activated(p, key, &job, &definition, &batch.worker, batch.deadline, variables);
        let bytes = jobs::bytes_of(&given);
        if batch.bytes + bytes > batch.activate.bytes_max as usize {
            let (is_first, fits_nowhere) =
                (batch.reply.jobs.is_empty(), bytes > p.settings.job_bytes_max as usize);
            batch.reply.truncated = !is_first || fits_nowhere;
            if is_first && fits_nowhere {
                jobs::raise_too_large(p, key, &job, &definition, bytes);
            }
            return Ok(());
        }
        batch.bytes += bytes;
        batch.reply.jobs.push(given);
    }
    Ok(())
}

/// The definition of a job's instance. Where it cannot be had the instance is banned, so that the worker, who asked for no instance, gets
/// the jobs of others.
fn definition_or_ban(p: &mut Processing<'_>, job: &JobRow) -> Option<Arc<Definition>> {
    if p.tables().is_banned(job.instance.process_instance_key) {
        return None;
    }
    match jobs::definition_of(p, job) {
        Ok(definition) => Some(definition),
        Err(Unexpected { process_instance_key, message }) => {
            bans::ban(p, process_instance_key, &message);
            None
        }
    }
}

/// The jobs that are next. Those of banned instances are canceled on the way, and those of instances that were just suspended are let
/// rest, up to a bound: nobody can work on them, and they must stop neither the ones behind them nor each look at the queue.
fn next_jobs(p: &mut Processing<'_>, batch: &mut Batch<'_>, tenant: &str, wanted: usize) -> Vec<Key> {
    let tables = p.tables();
    let job_type = &batch.activate.job_type;
    let Next { keys, taken_out, is_cut } = match batch.activate.with_leases {
        true => Next::of(p, tables.activatable_jobs_even_leased(tenant, job_type), wanted),
        false => Next::of(p, tables.activatable_jobs(tenant, job_type), wanted),
    };
    batch.reply.truncated |= is_cut;
    for (key, job) in taken_out {
        if p.tables().is_banned(job.instance.process_instance_key) {
            jobs::append(p, JobIntent::Canceled, key, &job, job.tenant_id(), jobs::Change::default());
        } else {
            jobs::rest(p, key, &job);
        }
    }
    keys
}

/// What stands first in a queue.
#[derive(Default)]
struct Next {
    keys: Vec<Key>,
    /// Jobs of banned and suspended instances between them.
    taken_out: Vec<(Key, JobRow)>,
    /// There were more of these than one activation takes out of the way.
    is_cut: bool,
}

impl Next {
    fn of(p: &Processing<'_>, queue: impl Iterator<Item = Key>, wanted: usize) -> Self {
        let (mut next, tables) = (Self::default(), p.tables());
        if !tables.has_banned() && !tables.has_suspended() {
            next.keys.extend(queue.take(wanted));
            return next;
        }
        for key in queue {
            if next.keys.len() >= wanted {
                break;
            }
            if next.taken_out.len() >= TAKEN_OUT_MAX {
                next.is_cut = true;
                break;
            }
            match tables.job(key).filter(|job| is_taken_out(p, job)) {
                Some(job) => next.taken_out.push((key, job)),
                None => next.keys.push(key),
            }
        }
        next
    }
}

fn is_taken_out(p: &Processing<'_>, job: &JobRow) -> bool {
    let process_instance_key = job.instance.process_instance_key;
    p.tables().is_banned(process_instance_key)
        || suspended::rests(p, process_instance_key, job.element_instance_key)
}
