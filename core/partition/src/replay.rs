//! The world during a replay: checkpoints happen, nothing leaves. Strict: a partition that answers, pushes, sends or appends
//! while it replays would do so a second time, so that is a bug and ends the process.

use crate::host::{Answer, EntryFrame, Host};
use crate::partition::Partition;
use crate::reader_view::{ReaderId, ReaderView};
use ringbolt_record::{
    ActivatedJob, Command, DurationMs, PartitionId, Position, RequestId, StreamId, TimestampMs,
};
use ringbolt_store::{CheckpointJob, RetiredOverlay};

/// What became of a checkpoint that a replay may have needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayCheckpoint {
    /// None was due, or the one before waits for space.
    NotDue,
    /// It is written.
    Written,
    /// It found no space: it is tried again once the partition runs, which takes no new work until then.
    Delayed,
}

impl Partition {
    /// A long replay writes checkpoints as it goes, or memory would grow with the log. To be called from time to time.
    /// Blocks.
    ///
    /// # Errors
    /// When a checkpoint failed for another reason than space.
    pub fn checkpoint_in_replay(&mut self, now: TimestampMs) -> Result<ReplayCheckpoint, String> {
        let mut host = ReplayHost::default();
        self.start_checkpoint_if_due();
        self.run_ready_checkpoint(&mut host);
        let Some(job) = host.job.take() else { return Ok(ReplayCheckpoint::NotDue) };
        let outcome = job.run();
        let cause = outcome.result().err().map(ToString::to_string);
        self.finish_checkpoint(now, outcome, &mut host);
        match cause {
            None => Ok(ReplayCheckpoint::Written),
            Some(_) if self.is_checkpoint_delayed() => Ok(ReplayCheckpoint::Delayed),
            Some(cause) => Err(cause),
        }
    }
}

#[derive(Default)]
struct ReplayHost {
    job: Option<CheckpointJob>,
}

impl Host for ReplayHost {
    fn accepts(&self) -> bool {
        false
    }
    fn append(&mut self, partition: PartitionId, _frame: EntryFrame<'_>) {
        panic!("partition {partition} appends during its replay");
    }
    fn answer(&mut self, request: RequestId, _answer: Answer) {
        panic!("a replay answers {request:?}");
    }
    fn push(&mut self, stream: StreamId, _job: ActivatedJob) {
        panic!("a replay pushes to {stream:?}");
    }
    fn poll_answer(&mut self, partition: PartitionId, _poll: StreamId, _answer: Answer) {
        panic!("partition {partition} answers a poll during its replay");
    }
    fn instance_completed(&mut self, _lifetime: DurationMs) {
        panic!("a replay counts instances");
    }
    fn send(&mut self, partition: PartitionId, _command: Command) {
        panic!("a replay sends to partition {partition}");
    }
    fn committed(&mut self, partition: PartitionId, _index: u64) {
        panic!("partition {partition} commits during its replay");
    }
    fn run_checkpoint(&mut self, _partition: PartitionId, job: CheckpointJob) {
        self.job = Some(job);
    }
    fn retire(&mut self, overlay: RetiredOverlay) {
        drop(overlay);
    }
    // What a replay releases is told again when the partition runs.
    fn release_log(&mut self, _partition: PartitionId, _position: Position) {}
    fn held_log_bytes(&self, _partition: PartitionId, _from: Position) -> u64 {
        0
    }
    fn reader(&self, _partition: PartitionId, _reader: ReaderId) -> Option<ReaderView> {
        None
    }
    fn spill(&mut self, partition: PartitionId, _reader: ReaderId) {
        panic!("partition {partition} spills during its replay");
    }
    fn attach_reader(&mut self, partition: PartitionId, _reader: ReaderId, _from: Position) -> bool {
        panic!("partition {partition} attaches a reader during its replay");
    }
    fn detach_reader(&mut self, partition: PartitionId, _reader: ReaderId) -> bool {
        panic!("partition {partition} detaches a reader during its replay");
    }
}
