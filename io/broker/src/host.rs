//! The world as one core's partitions see it: the core's journal, its clients, the other cores, side threads.
//!
//! Called inside a partition's step; nothing here waits or calls back into a partition.

use crate::jobs::{self, StreamQueues};
use crate::log::Journal;
use crate::mesh::{Message, Outbox};
use crate::metrics::{CoreMetrics, RefusalReason, Stage, WorkClass};
use crate::polls::{self, Polls};
use crate::readers::CoreReaders;
use crate::requests::{self, Requests};
use ringbolt_partition::{Answer, EntryFrame, Host, ReaderId, ReaderView, Refusal};
use ringbolt_record::{
    ActivatedJob, Activation, Command, DurationMs, PartitionId, Position, Reply, RequestContext, RequestId,
    StreamId,
};
use ringbolt_ring::time;
use ringbolt_store::{CheckpointJob, RetiredOverlay};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a partition's step leaves to be done after it.
#[derive(Default)]
pub(crate) struct Afterwards {
    /// Commands for partitions of this core.
    pub(crate) commands: VecDeque<(PartitionId, Command, RequestContext)>,
    /// Checkpoints to run on a side thread.
    pub(crate) checkpoints: Vec<(PartitionId, CheckpointJob)>,
    /// Written overlays to drop on a side thread.
    pub(crate) retired: Vec<RetiredOverlay>,
}

/// One appended entry that is not committed yet.
pub(crate) struct Uncommitted {
    pub(crate) ticket: u64,
    pub(crate) partition: PartitionId,
    pub(crate) index: u64,
    /// The last position of the entry.
    pub(crate) last: Position,
    pub(crate) appended: Instant,
}

pub(crate) struct CoreHost {
    pub(crate) core: usize,
    pub(crate) owners: Arc<BTreeMap<PartitionId, usize>>,
    pub(crate) journal: Journal,
    pub(crate) data_directory: PathBuf,
    pub(crate) uncommitted: VecDeque<Uncommitted>,
    pub(crate) requests: Requests,
    pub(crate) streams: StreamQueues,
    pub(crate) polls: Polls,
    pub(crate) outbox: Outbox,
    pub(crate) outbox_waits: bool,
    pub(crate) afterwards: Afterwards,
    pub(crate) readers: CoreReaders,
    pub(crate) metrics: CoreMetrics,
    /// When the oldest entry was appended whose commit is being released.
    pub(crate) committing_since: Option<Instant>,
}

impl CoreHost {
    /// Sends to another core.
    pub(crate) fn send_to(&mut self, core: usize, message: Message) {
        self.outbox_waits |= self.outbox.send(core, message);
    }

    /// Sends the same to every other core.
    pub(crate) fn send_to_others(&mut self, message: impl Fn() -> Message) {
        let own = self.core;
        for core in (0..self.outbox.cores()).filter(|core| *core != own) {
            self.send_to(core, message());
        }
    }

    /// Delivers a command to its partition, here or on another core.
    pub(crate) fn dispatch(&mut self, partition: PartitionId, command: Command, context: RequestContext) {
        match self.owners.get(&partition) {
            Some(core) if *core == self.core => {
                self.afterwards.commands.push_back((partition, command, context));
            }
            Some(core) => {
                let message = Message::Command { partition, command, context, sent: time::now() };
                self.send_to(*core, message);
            }
            // A key of a partition that does not exist: nobody to tell.
            None => {}
        }
    }

    /// Activated jobs that reach nobody go back.
    pub(crate) fn yield_jobs(&mut self, jobs: impl IntoIterator<Item = Activation>) {
        for activation in jobs {
            let command = Command::YieldJob { activation };
            self.dispatch(activation.job_key.partition(), command, RequestContext::default());
        }
    }

    /// An answer for a request of this core's client.
    pub(crate) fn answer_here(&mut self, request: RequestId, answer: Answer) {
        if let Some(Answer::Reply(Reply::JobsActivated(batch))) = self.requests.answer(request, answer) {
            self.yield_jobs(batch.jobs.iter().map(ActivatedJob::activation));
        }
    }

    /// Counts what a client of this core is told.
    pub(crate) fn count_answer(&mut self, class: WorkClass, answer: &Answer) {
        let reason = match answer {
            Answer::Reply(_) => return,
            Answer::Rejection(rejection) => {
                self.metrics.rejections[rejection.kind.number() as usize] += 1;
                return;
            }
            Answer::Refusal(Refusal::Overloaded { .. }) => RefusalReason::Commit,
            Answer::Refusal(Refusal::DiskFull { .. }) => RefusalReason::DiskFull,
            Answer::Refusal(Refusal::Stopped { .. }) => RefusalReason::Stopped,
        };
        self.metrics.refuse(class, reason);
    }

    /// What a poll of this core got from a partition.
    pub(crate) fn poll_answer_here(
        &mut self,
        partition: PartitionId,
        poll: StreamId,
        answer: Option<Answer>,
    ) {
        let left = self.polls.answer(poll, partition, answer);
        self.yield_jobs(left.iter().map(ActivatedJob::activation));
    }

    /// A job for a stream or a poll of this core.
    pub(crate) fn push_here(&mut self, stream: StreamId, job: ActivatedJob) {
        if polls::is_poll(stream) {
            if let Some(job) = self.polls.push(stream, job) {
                self.yield_jobs([job.activation()]);
            }
            return;
        }
        match self.streams.push(stream, job) {
            None => self.metrics.jobs_pushed += 1,
            Some(job) => self.yield_jobs([job.activation()]),
        }
    }
}

impl Host for CoreHost {
    fn accepts(&self) -> bool {
        self.journal.accepts()
    }

    fn append(&mut self, partition: PartitionId, frame: EntryFrame<'_>) {
        let started = time::now();
        let ticket = self.journal.append(partition, frame);
        self.metrics.observe(Stage::Append, started.elapsed());
        self.metrics.entry_bytes += frame.bytes.len() as u64;
        let last = Position(frame.first_position.0 + u64::from(frame.record_count) - 1);
        let index = frame.index;
        self.uncommitted.push_back(Uncommitted { ticket, partition, index, last, appended: started });
    }

    fn committed(&mut self, partition: PartitionId, index: u64) {
        self.journal.commit(partition, index);
    }

    fn answer(&mut self, request: RequestId, answer: Answer) {
        let home = requests::home_core(request);
        if home == self.core {
            self.answer_here(request, answer);
        } else {
            self.send_to(home, Message::Answer { request, answer });
        }
    }

    fn push(&mut self, stream: StreamId, job: ActivatedJob) {
        if let Some(since) = self.committing_since {
            self.metrics.observe(Stage::JobPush, since.elapsed());
        }
        let home = jobs::home_core(stream);
        if home == self.core {
            self.push_here(stream, job);
        } else {
            self.send_to(home, Message::Push { stream, job });
        }
    }

    fn poll_answer(&mut self, partition: PartitionId, poll: StreamId, answer: Answer) {
        let home = jobs::home_core(poll);
        if home == self.core {
            self.poll_answer_here(partition, poll, Some(answer));
        } else {
            self.send_to(home, Message::PollAnswer { poll, partition, answer: Some(answer) });
        }
    }

    fn instance_completed(&mut self, lifetime: DurationMs) {
        let lifetime = Duration::from_millis(u64::try_from(lifetime.0).unwrap_or(0));
        self.metrics.observe(Stage::Instance, lifetime);
    }

    fn send(&mut self, partition: PartitionId, command: Command) {
        self.dispatch(partition, command, RequestContext::default());
    }

    fn run_checkpoint(&mut self, partition: PartitionId, job: CheckpointJob) {
        self.afterwards.checkpoints.push((partition, job));
    }

    fn retire(&mut self, overlay: RetiredOverlay) {
        self.afterwards.retired.push(overlay);
    }

    fn release_log(&mut self, partition: PartitionId, position: Position) {
        self.journal.release(partition, position);
    }

    fn held_log_bytes(&self, partition: PartitionId, from: Position) -> u64 {
        self.journal.held_bytes(partition, from)
    }

    fn reader(&self, partition: PartitionId, reader: ReaderId) -> Option<ReaderView> {
        self.readers.view((partition, reader))
    }

    fn spill(&mut self, partition: PartitionId, reader: ReaderId) {
        self.readers.ask_spill((partition, reader));
    }

    fn attach_reader(&mut self, partition: PartitionId, reader: ReaderId, from: Position) -> bool {
        self.readers.attach((partition, reader), from)
    }

    fn detach_reader(&mut self, partition: PartitionId, reader: ReaderId) -> bool {
        self.readers.detach((partition, reader))
    }
}
