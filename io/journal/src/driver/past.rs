//! Looks into what the log still has of a partition, beside everything else that reads it.
//!
//! Invariants: nothing is kept in the log for a look, and nothing waits for it: what is reused while it reads is gone. A look reads no
//! more bytes and takes no longer than its budget has, whatever stands between what it looks for.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::reader::{JournalReader, PartitionSource};
use crate::types::Position;

/// What a look may cost.
#[derive(Debug)]
pub struct ReadBudget {
    bytes_left: AtomicU64,
    deadline: Instant,
}

impl ReadBudget {
    /// So many bytes, until a moment.
    #[must_use]
    pub fn new(bytes: u64, deadline: Instant) -> Arc<Self> {
        Arc::new(Self { bytes_left: AtomicU64::new(bytes), deadline })
    }

    /// Takes some bytes of it.
    pub(super) fn spend(&self, bytes: usize) -> io::Result<()> {
        let left = self.bytes_left.load(Ordering::Relaxed);
        match left.checked_sub(bytes as u64) {
            Some(rest) if Instant::now() < self.deadline => {
                self.bytes_left.store(rest, Ordering::Relaxed);
                Ok(())
            }
            _ => Err(io::Error::other("as much was read as may be")),
        }
    }
}

impl PartitionSource {
    /// Where segments have the partition's first entry, rising, as far as the log is known to reach back. Some may be gone already.
    #[must_use]
    pub fn starts(&self) -> Vec<Position> {
        let recovered = self.recovery.segments_of(self.partition);
        let mut starts: Vec<Position> = recovered.chain(self.journal.segments_of(self.partition)).collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// A reader from a position on, within a budget.
    #[must_use]
    pub fn look(&self, from: Position, budget: &Arc<ReadBudget>) -> JournalReader {
        let from = (self.partition, from);
        self.journal.reader_within(&self.recovery, from, self.commit.clone(), Some(budget.clone()))
    }
}
