//! The world during a replay: checkpoints happen, nothing leaves.

use crate::core::wall_clock;
use crate::open::OpenError;
use ringbolt_partition::{Answer, EntryFrame, Host, Partition, ReaderId, ReaderView};
use ringbolt_record::{ActivatedJob, Command, DurationMs, PartitionId, Position, RequestId, StreamId};
use ringbolt_store::{CheckpointJob, RetiredOverlay};

/// A long replay writes checkpoints as it goes, or memory would grow with the log. One that finds no space is tried again
/// once the partition runs: until then no new work is taken, so that the log is all that memory grows by.
pub(crate) fn checkpoint_in_replay(partition: &mut Partition) -> Result<(), OpenError> {
    let mut host = ReplayHost::default();
    partition.replay_step(&mut host);
    if let Some(job) = host.job {
        let outcome = job.run();
        let cause = outcome.result().err().map(ToString::to_string);
        partition.finish_checkpoint(wall_clock(), outcome, &mut ReplayHost::default());
        if let Some(cause) = cause
            && !partition.is_checkpoint_delayed()
        {
            return Err(OpenError::Checkpoint { partition: partition.id(), cause });
        }
    }
    Ok(())
}

/// The world during a replay: checkpoints happen, nothing leaves.
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
    fn answer(&mut self, _request: RequestId, _answer: Answer) {}
    fn push(&mut self, _stream: StreamId, _job: ActivatedJob) {}
    fn poll_answer(&mut self, _partition: PartitionId, _poll: StreamId, _answer: Answer) {}
    fn instance_completed(&mut self, _lifetime: DurationMs) {}
    fn send(&mut self, _partition: PartitionId, _command: Command) {}
    fn run_checkpoint(&mut self, _partition: PartitionId, job: CheckpointJob) {
        self.job = Some(job);
    }
    fn retire(&mut self, overlay: RetiredOverlay) {
        drop(overlay);
    }
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
    fn attach_reader(&mut self, _partition: PartitionId, _reader: ReaderId, _from: Position) -> bool {
        false
    }
    fn detach_reader(&mut self, _partition: PartitionId, _reader: ReaderId) -> bool {
        false
    }
}
