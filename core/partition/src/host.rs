//! The seam between a partition and the world.

use crate::reader_view::{ReaderId, ReaderView};
use ringbolt_record::{
    ActivatedJob, Command, DurationMs, PartitionId, Position, Rejection, Reply, RequestId, StreamId,
};
use ringbolt_store::{CheckpointJob, RetiredOverlay};

/// An entry on its way to the log. The bytes are borrowed: the log copies them once, into its batch.
#[derive(Clone, Copy, Debug)]
pub struct EntryFrame<'a> {
    /// Place in the partition's log, counted from 1.
    pub index: u64,
    /// Term of the leader that wrote it.
    pub term: u64,
    /// Position of its first record.
    pub first_position: Position,
    /// How many records it holds.
    pub record_count: u32,
    /// The entry.
    pub bytes: &'a [u8],
}

/// Why a command was not processed at all. Unlike a rejection it says nothing about the command itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Commits are slow: new work is turned away, work in progress goes on.
    #[error("partition {partition} is overloaded; try again in {retry_after_ms} ms")]
    Overloaded {
        /// Which partition.
        partition: PartitionId,
        /// When it is worth trying again, milliseconds.
        retry_after_ms: u32,
    },
    /// The disk is full: new work is turned away until there is space again.
    #[error("partition {partition} accepts no new work: no space left on its disk")]
    DiskFull {
        /// Which partition.
        partition: PartitionId,
    },
    /// The partition stopped and needs a person.
    #[error("partition {partition} has stopped: {cause}")]
    Stopped {
        /// Which partition.
        partition: PartitionId,
        /// What stopped it.
        cause: String,
    },
}

/// What a waiting request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The command was processed well.
    Reply(Reply),
    /// The command was processed and refused for what it asks.
    Rejection(Rejection),
    /// The command was not processed.
    Refusal(Refusal),
}

/// What a partition needs of its surroundings. Called within a step, never re-entered.
pub trait Host {
    /// Whether the log takes an entry of any allowed size now.
    fn accepts(&self) -> bool;
    /// Puts an entry into the log. The host reports by index, in order, when it is durable ([`crate::Partition::on_durable`]).
    fn append(&mut self, partition: PartitionId, frame: EntryFrame<'_>);
    /// Everything up to an index is committed, and what rests on it was released: the log's readers may have it.
    fn committed(&mut self, partition: PartitionId, index: u64);
    /// Answers a request; the entry behind it is committed.
    fn answer(&mut self, request: RequestId, answer: Answer);
    /// Hands a job to an open stream or a waiting poll; the entry behind it is committed.
    fn push(&mut self, stream: StreamId, job: ActivatedJob);
    /// What a poll's look found, committed: a batch of jobs, perhaps empty, or why there was none. A refusal, also after
    /// another answer, says that this partition has nothing more for the poll.
    fn poll_answer(&mut self, partition: PartitionId, poll: StreamId, answer: Answer);
    /// An instance completed that lived this long; told for a sample of the instances.
    fn instance_completed(&mut self, lifetime: DurationMs);
    /// Sends a command to another partition, at least once in the end: the engine repeats what stays unanswered.
    fn send(&mut self, partition: PartitionId, command: Command);
    /// Runs a checkpoint off the loop and brings its outcome to `Partition::finish_checkpoint`.
    fn run_checkpoint(&mut self, partition: PartitionId, job: CheckpointJob);
    /// Drops a written overlay off the loop.
    fn retire(&mut self, overlay: RetiredOverlay);
    /// The log up to this position is no longer needed, neither for recovery nor by a reader. Told repeatedly.
    fn release_log(&mut self, partition: PartitionId, position: Position);

    /// Bytes of log segments that are kept for whoever needs the partition's records from `from` on, other partitions'
    /// records in them included.
    fn held_log_bytes(&self, partition: PartitionId, from: Position) -> u64;
    /// What a reader needs; `None` while somebody reads the log for it. Never waits.
    fn reader(&self, partition: PartitionId, reader: ReaderId) -> Option<ReaderView>;
    /// Copies entries out of the log for a reader, off the loop, and brings the end to `Partition::finish_spill`.
    fn spill(&mut self, partition: PartitionId, reader: ReaderId);
    /// Keeps the log for a reader again, from `from` on. False when it is to be tried again later.
    fn attach_reader(&mut self, partition: PartitionId, reader: ReaderId, from: Position) -> bool;
    /// Keeps no log for a reader any more. False when it is to be tried again later.
    fn detach_reader(&mut self, partition: PartitionId, reader: ReaderId) -> bool;
}
