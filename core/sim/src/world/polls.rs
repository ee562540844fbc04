//! Polls of the clients: each looks at every partition, waits where there is nothing, and ends with its first jobs.

use ringbolt_partition::{Answer, PollSpec, Refusal};
use ringbolt_record::{
    ActivatedJob, Activation, DEFAULT_TENANT, Key, PartitionId, RejectionType, Reply, StreamId,
};

use super::World;
use super::effects::brief;

impl World {
    pub(super) fn open_poll(&mut self, spec: &PollSpec) {
        let poll = self.clients.new_stream();
        self.note(|| {
            format!("poll {} looks for {} jobs of {}", poll.0, spec.jobs.window, spec.jobs.job_type)
        });
        self.clients.polls.insert(poll, spec.clone());
        let now = self.now();
        self.node.open_poll(now, poll, spec);
        self.settle(None);
    }

    /// The client's time is over; what is on its way to it goes back.
    pub(super) fn end_poll(&mut self, poll: StreamId) {
        self.note(|| format!("poll {} ends", poll.0));
        self.clients.polls.remove(&poll);
        self.node.end_poll(poll);
        self.settle(None);
    }

    pub(super) fn on_poll_answer(&mut self, id: PartitionId, poll: StreamId, answer: Answer) {
        self.note(|| format!("poll {} at {id}: {}", poll.0, brief(&answer)));
        match answer {
            Answer::Reply(Reply::JobsActivated(batch)) => {
                assert!(!self.stopped.contains(&id), "a stopped partition answers a poll");
                let jobs: Vec<Activation> = batch.jobs.iter().map(ActivatedJob::activation).collect();
                for activation in &jobs {
                    self.oracle.of_mut(id).on_delivery(activation.job_key);
                }
                if !jobs.is_empty() {
                    self.on_jobs_of_poll(poll, jobs);
                }
            }
            Answer::Refusal(Refusal::Stopped { .. }) => {
                assert!(self.node.of(id).stopped().is_some(), "a running partition says that it stopped");
            }
            // The instance of a job that it would have had was banned just now.
            Answer::Rejection(rejection)
                if rejection.kind == RejectionType::ProcessingError && self.settings.bans() =>
            {
                self.clients.polls.remove(&poll);
                self.node.end_poll(poll);
            }
            other => panic!("a poll that waits is told: {}", brief(&other)),
        }
    }

    /// The first jobs answer the poll; it takes no others.
    pub(super) fn on_jobs_of_poll(&mut self, poll: StreamId, jobs: Vec<Activation>) {
        self.node.end_poll(poll);
        match self.clients.polls.remove(&poll) {
            Some(spec) => {
                assert!(jobs.len() <= spec.jobs.window as usize, "more jobs than were asked for");
                self.clients.take_jobs(jobs.iter().map(|activation| activation.job_key));
            }
            // It ended while they were on their way.
            None => jobs.into_iter().for_each(|activation| self.yield_job(activation)),
        }
    }

    /// Nothing is under way: no poll waits for a job that is there.
    pub(super) fn check_polls_at_rest(&self) {
        for (poll, spec) in &self.clients.polls {
            for partition in self.node.partitions.values().filter(|partition| partition.stopped().is_none()) {
                let tables = partition.tables();
                let is_free = |key: &Key| {
                    tables.job(*key).is_some_and(|job| !tables.is_banned(job.instance.process_instance_key))
                };
                let waiting = tables.activatable_jobs(DEFAULT_TENANT, &spec.jobs.job_type).find(is_free);
                assert_eq!(
                    waiting,
                    None,
                    "poll {} waits at {} for a job that is there",
                    poll.0,
                    partition.id()
                );
            }
        }
    }
}
