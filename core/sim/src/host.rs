//! The world as the partitions see it: their journal, and lists of what they release, run and drop.
//!
//! It decides nothing and checks nothing: what was released is judged by the oracle after the step.

use std::collections::{BTreeMap, VecDeque};

use ringbolt_journal as journal;
use ringbolt_journal::{EntryKind, Log, Ticket};
use ringbolt_partition::{Answer, EntryFrame, Host, ReaderId, ReaderView};
use ringbolt_record::{ActivatedJob, Command, PartitionId, Position, RequestId, StreamId};
use ringbolt_store::{CheckpointJob, RetiredOverlay};

/// The largest entry of a simulation; its journal's batches are a multiple of it.
pub(crate) const ENTRY_BYTES_MAX: usize = 24 << 10;

/// An entry on its way to the journal, kept for the oracle.
#[derive(Clone, Debug)]
pub(crate) struct Appended {
    pub(crate) partition: PartitionId,
    pub(crate) index: u64,
    pub(crate) first_position: Position,
    pub(crate) record_count: u32,
    pub(crate) ticket: Ticket,
    pub(crate) bytes: Vec<u8>,
}

/// Something that left a partition.
#[derive(Debug)]
pub(crate) enum Released {
    Answer(RequestId, Answer),
    Push(StreamId, ActivatedJob),
    PollAnswer(PartitionId, StreamId, Answer),
}

/// One appended entry that is not committed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uncommitted {
    pub(crate) ticket: Ticket,
    pub(crate) partition: PartitionId,
    pub(crate) index: u64,
}

pub(crate) struct SimHost {
    pub(crate) log: Log,
    pub(crate) uncommitted: VecDeque<Uncommitted>,
    pub(crate) appended: Vec<Appended>,
    pub(crate) released: Vec<Released>,
    pub(crate) commands: VecDeque<(PartitionId, Command)>,
    pub(crate) checkpoints: Vec<(PartitionId, CheckpointJob)>,
    /// What the partitions' readers keep; each partition has one.
    pub(crate) holds: BTreeMap<PartitionId, journal::Hold>,
    /// Spills that are asked for.
    pub(crate) spills: VecDeque<PartitionId>,
    /// The journal refused an entry that it had to take.
    pub(crate) failure: Option<String>,
}

impl SimHost {
    pub(crate) fn new(log: Log) -> Self {
        Self {
            log,
            uncommitted: VecDeque::new(),
            appended: Vec::new(),
            released: Vec::new(),
            commands: VecDeque::new(),
            checkpoints: Vec::new(),
            holds: BTreeMap::new(),
            spills: VecDeque::new(),
            failure: None,
        }
    }
}

pub(crate) fn journal_partition(partition: PartitionId) -> journal::PartitionId {
    journal::PartitionId(u32::from(partition.0))
}

impl Host for SimHost {
    fn accepts(&self) -> bool {
        self.failure.is_none() && self.log.has_room(ENTRY_BYTES_MAX)
    }

    fn append(&mut self, partition: PartitionId, frame: EntryFrame<'_>) {
        let entry = journal::EntryFrame {
            kind: EntryKind::Records,
            partition: journal_partition(partition),
            index: journal::RaftIndex(frame.index),
            term: journal::Term(frame.term),
            position: journal::Position(frame.first_position.0),
            record_count: frame.record_count,
        };
        let ticket = match self.log.append(&entry, &[frame.bytes]) {
            Ok(ticket) => ticket,
            Err(error) => {
                self.failure.get_or_insert_with(|| error.to_string());
                Ticket(u64::MAX)
            }
        };
        self.uncommitted.push_back(Uncommitted { ticket, partition, index: frame.index });
        self.appended.push(Appended {
            partition,
            index: frame.index,
            first_position: frame.first_position,
            record_count: frame.record_count,
            ticket,
            bytes: frame.bytes.to_vec(),
        });
    }

    fn committed(&mut self, partition: PartitionId, index: u64) {
        self.log.commit(journal_partition(partition), journal::RaftIndex(index));
    }

    fn answer(&mut self, request: RequestId, answer: Answer) {
        self.released.push(Released::Answer(request, answer));
    }

    fn push(&mut self, stream: StreamId, job: ActivatedJob) {
        self.released.push(Released::Push(stream, job));
    }

    fn poll_answer(&mut self, partition: PartitionId, poll: StreamId, answer: Answer) {
        self.released.push(Released::PollAnswer(partition, poll, answer));
    }

    fn instance_completed(&mut self, _lifetime: ringbolt_record::DurationMs) {}

    fn send(&mut self, partition: PartitionId, command: Command) {
        self.commands.push_back((partition, command));
    }

    fn run_checkpoint(&mut self, partition: PartitionId, job: CheckpointJob) {
        self.checkpoints.push((partition, job));
    }

    fn retire(&mut self, overlay: RetiredOverlay) {
        drop(overlay);
    }

    fn release_log(&mut self, partition: PartitionId, position: Position) {
        self.log.set_floor(journal_partition(partition), journal::Position(position.0 + 1));
    }

    fn held_log_bytes(&self, partition: PartitionId, from: Position) -> u64 {
        self.log.held_bytes(journal_partition(partition), journal::Position(from.0))
    }

    fn reader(&self, partition: PartitionId, _reader: ReaderId) -> Option<ReaderView> {
        let view = self.holds.get(&partition)?.view()?;
        Some(ReaderView {
            next: Position(view.next.0),
            floor: Position(view.floor.0),
            is_attached: view.is_attached,
            wants_log: view.wants_log,
            spill_bytes: view.spill_bytes,
        })
    }

    fn spill(&mut self, partition: PartitionId, _reader: ReaderId) {
        self.spills.push_back(partition);
    }

    fn attach_reader(&mut self, partition: PartitionId, _reader: ReaderId, from: Position) -> bool {
        self.holds.get(&partition).is_some_and(|hold| hold.attach(journal::Position(from.0)))
    }

    fn detach_reader(&mut self, partition: PartitionId, _reader: ReaderId) -> bool {
        self.holds.get(&partition).is_some_and(journal::Hold::detach)
    }
}
