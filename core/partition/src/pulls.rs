//! Streams and polls of this partition: what they find when they come, what waits is given out later.
//!
//! A poll looks and, when there is nothing, waits in the same step: no job can come between the two. It gets one answer
//! to its look, and a waiting one either jobs, pushed like a stream's, or the partition's end.

use crate::held::Held;
use crate::host::{Answer, Host, Refusal};
use crate::partition::{INTERNAL_REQUEST, Partition};
use crate::streams::{PollSpec, Refill, StreamSpec};
use ringbolt_engine::Effect;
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::reply::JobBatch;
use ringbolt_record::{Command, Rejection, Reply, RequestContext, StreamId, TimestampMs};
use std::collections::BTreeSet;

/// How much a poll's look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Jobs.
    pub jobs: u32,
    /// Bytes of their variables.
    pub bytes: usize,
}

impl Found {
    fn of(batch: &JobBatch) -> Self {
        let bytes = batch.jobs.iter().map(|job| job.variables.len()).sum();
        Self { jobs: batch.jobs.len() as u32, bytes }
    }
}

impl std::ops::Add for Found {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { jobs: self.jobs + other.jobs, bytes: self.bytes + other.bytes }
    }
}

impl Partition {
    /// Opens a stream; jobs that wait are pushed first, oldest first.
    pub fn open_stream(&mut self, now: TimestampMs, stream: StreamId, spec: StreamSpec, host: &mut dyn Host) {
        self.streams.open(stream, spec);
        self.refill_streams(now, host);
        self.release(host);
    }

    /// Closes a stream. Jobs that were never handed over come back as `YieldJob` commands of the host.
    pub fn close_stream(&mut self, stream: StreamId) {
        self.streams.close(stream);
    }

    /// Looks for jobs for a poll; without any it waits, if it waits at all, until [`Partition::end_poll`]. What the look
    /// found comes through [`Host::poll_answer`] when it is committed, later jobs through [`Host::push`]. Returns how much
    /// the look found.
    pub fn poll(&mut self, now: TimestampMs, poll: StreamId, spec: PollSpec, host: &mut dyn Host) -> Found {
        if let Some(refusal) = self.refusal_of_look(&spec, host) {
            host.poll_answer(self.id, poll, Answer::Refusal(refusal));
            return Found::default();
        }
        let Some(found) = self.look(now, &spec.jobs, spec.jobs.window, spec.bytes_max, host) else {
            let cause = self.stopped.clone().unwrap_or_default();
            host.poll_answer(self.id, poll, Answer::Refusal(Refusal::Stopped { partition: self.id, cause }));
            return Found::default();
        };
        let amount = found.as_ref().map_or_else(|_| Found::default(), Found::of);
        if amount.jobs == 0 && found.is_ok() && spec.waits {
            let tenants =
                (!host.accepts()).then(|| (spec.jobs.job_type.clone(), spec.jobs.tenant_ids.clone()));
            self.streams.park(poll, spec);
            // It could not look: what there may be is given to it later.
            for (job_type, tenant) in tenants.iter().flat_map(|(t, ids)| ids.iter().map(move |id| (t, id))) {
                self.streams.note_backlog(job_type, tenant);
            }
        }
        self.held.hold(self.consensus.last_index(), std::iter::once(Held::Look { poll, found }));
        self.release(host);
        amount
    }

    /// A poll has ended: it waits for nothing any more.
    pub fn end_poll(&mut self, poll: StreamId) {
        self.streams.close(poll);
    }

    fn refusal_of_look(&self, spec: &PollSpec, host: &dyn Host) -> Option<Refusal> {
        let partition = self.id;
        if let Some(cause) = &self.stopped {
            return Some(Refusal::Stopped { partition, cause: cause.clone() });
        }
        if host.accepts() || spec.waits {
            return None;
        }
        Some(match self.disk_full {
            true => Refusal::DiskFull { partition },
            false => Refusal::Overloaded { partition, retry_after_ms: self.flow.retry_after_ms() },
        })
    }

    /// Activates jobs that wait, as an entry of its own. `None` when the partition stopped over it.
    fn look(
        &mut self,
        now: TimestampMs,
        spec: &StreamSpec,
        jobs_max: u32,
        bytes_max: u32,
        host: &mut dyn Host,
    ) -> Option<Result<JobBatch, Rejection>> {
        let command = Command::ActivateJobs(ActivateJobs {
            job_type: spec.job_type.to_string(),
            worker: spec.worker.to_string(),
            timeout: spec.timeout,
            jobs_max,
            bytes_max,
            fetch_variables: spec.fetch_variables.to_vec(),
            tenant_ids: spec.tenant_ids.to_vec(),
            with_leases: spec.with_leases,
        });
        let context = RequestContext { request: Some(INTERNAL_REQUEST), ..RequestContext::default() };
        while host.accepts() {
            let now = self.time(now);
            self.step(now, &command, &context, host);
            if self.stopped.is_some() {
                return None;
            }
            match self.held.take_answer(INTERNAL_REQUEST) {
                // The first job was larger than all that is asked for; it has an incident now and is out of the way.
                Ok(Reply::JobsActivated(batch)) if batch.jobs.is_empty() && batch.truncated => {}
                Ok(Reply::JobsActivated(batch)) => return Some(Ok(batch)),
                Ok(_) => return Some(Ok(JobBatch::default())),
                Err(rejection) => return Some(Err(rejection)),
            }
        }
        Some(Ok(JobBatch::default()))
    }

    /// Gives waiting jobs to streams and polls with room, oldest first, as entries of their own.
    pub(crate) fn refill_streams(&mut self, now: TimestampMs, host: &mut dyn Host) {
        while self.stopped.is_none() && host.accepts() {
            let Some(refill) = self.streams.next_refill() else { return };
            self.refill(now, refill, host);
        }
    }

    fn refill(&mut self, now: TimestampMs, refill: Refill, host: &mut dyn Host) {
        let Refill { consumer, spec, is_poll, jobs_max, bytes_max } = refill;
        let Some(found) = self.look(now, &spec, jobs_max, bytes_max, host) else { return };
        let jobs = found.map(|batch| batch.jobs).unwrap_or_default();
        self.streams.give_back(consumer, jobs_max - jobs.len() as u32);
        if jobs.is_empty() && host.accepts() {
            self.streams.clear_backlog(&spec);
        }
        for job in &jobs {
            self.streams.on_pushed(job.key, consumer);
        }
        if is_poll && !jobs.is_empty() {
            let found = Ok(JobBatch { jobs, truncated: false });
            self.held
                .hold(self.consensus.last_index(), std::iter::once(Held::Look { poll: consumer, found }));
        } else {
            let pushes = jobs.into_iter().map(|job| Held::Effect(Effect::PushJob { stream: consumer, job }));
            self.held.hold(self.consensus.last_index(), pushes);
        }
    }

    /// The partition stops: polls learn it, those that wait and those whose answer will not leave any more.
    pub(crate) fn stop_polls(&mut self, cause: &str, host: &mut dyn Host) {
        let streams = &self.streams;
        let unanswered = self.held.drain().filter_map(|held| match held {
            Held::Look { poll, .. } => Some(poll),
            // A job whose consumer is no stream is a poll's, which has ended here with it.
            Held::Effect(Effect::PushJob { stream, .. }) if !streams.is_open(stream) => Some(stream),
            Held::Effect(_) => None,
        });
        let polls: BTreeSet<StreamId> = unanswered.chain(streams.polls()).collect();
        for poll in polls {
            self.streams.close(poll);
            let refusal = Refusal::Stopped { partition: self.id, cause: cause.to_owned() };
            host.poll_answer(self.id, poll, Answer::Refusal(refusal));
        }
    }
}
