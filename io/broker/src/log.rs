//! The core's journal as its partitions use it.

use parking_lot::Mutex;
use ringbolt_journal as journal;
use ringbolt_journal::{EntryKind, Removal, Retired, Space};
use ringbolt_partition::EntryFrame;
use ringbolt_record::{PartitionId, Position};
use std::sync::Arc;

/// How the journal names a partition.
pub(crate) fn journal_partition(partition: PartitionId) -> journal::PartitionId {
    journal::PartitionId(u32::from(partition.0))
}

/// The core's journal as its partitions use it.
pub(crate) struct Journal {
    pub(crate) log: journal::Journal,
    pub(crate) retired: Arc<Mutex<Retired>>,
    /// Journals of earlier starts that nobody needs any more.
    pub(crate) removals: Vec<Removal>,
    /// Nobody waits for what is appended now.
    pub(crate) is_unhurried: bool,
    /// An entry was refused that had to be taken.
    pub(crate) failure: Option<String>,
}

impl Journal {
    /// Appends; the ticket is reached when the entry is durable. After a failure nothing is taken any more, and the
    /// partitions are stopped after the step.
    pub(crate) fn append(&mut self, partition: PartitionId, frame: EntryFrame<'_>) -> u64 {
        let entry = journal::EntryFrame {
            kind: EntryKind::Records,
            partition: journal_partition(partition),
            index: journal::RaftIndex(frame.index),
            term: journal::Term(frame.term),
            position: journal::Position(frame.first_position.0),
            record_count: frame.record_count,
        };
        let appended = match self.is_unhurried {
            true => self.log.append_unhurried(&entry, &[frame.bytes]),
            false => self.log.append(&entry, &[frame.bytes]),
        };
        match appended {
            Ok(ticket) => ticket.0,
            Err(error) => {
                self.failure.get_or_insert_with(|| error.to_string());
                u64::MAX
            }
        }
    }

    /// What of a partition is committed: its readers may have it.
    pub(crate) fn commit(&self, partition: PartitionId, index: u64) {
        self.log.commit(journal_partition(partition), journal::RaftIndex(index));
    }

    pub(crate) fn accepts(&self) -> bool {
        self.failure.is_none() && self.log.accepts()
    }

    pub(crate) fn is_short_of_space(&self) -> bool {
        self.log.space().0 != Space::Enough
    }

    /// Records of a partition up to a position are in its state.
    pub(crate) fn release(&mut self, partition: PartitionId, position: Position) {
        let (id, floor) = (journal_partition(partition), journal::Position(position.0 + 1));
        self.log.set_floor(id, floor);
        self.removals.extend(self.retired.lock().set_floor(id, floor));
    }

    /// Bytes of segments that are kept for whoever needs a partition's records from a position on.
    pub(crate) fn held_bytes(&self, partition: PartitionId, from: Position) -> u64 {
        let (id, from) = (journal_partition(partition), journal::Position(from.0));
        self.log.held_bytes(id, from) + self.retired.lock().held_bytes(id, from)
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.log.disk_bytes()
    }
}
