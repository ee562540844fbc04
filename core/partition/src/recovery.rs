//! What recovery rests on: the mark of a state, and why a log cannot be replayed over it.

use crate::partition::{Partition, PartitionSettings};
use ringbolt_record::{PartitionId, Position, TimestampMs};
use ringbolt_store::MemoryDisk;
use ringbolt_tables::Tables;

/// Why a log cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The log begins after the state ends.
    #[error("partition {partition}: the state ends at position {state}, but the log goes on at {log}")]
    Gap {
        /// Which partition.
        partition: PartitionId,
        /// Last position in the state.
        state: Position,
        /// First position in the log's entry.
        log: Position,
    },
    /// The log goes on with another index than the next.
    #[error(
        "partition {partition}: the state ends with entry {state} of its log, but the log goes on with {log}"
    )]
    IndexGap {
        /// Which partition.
        partition: PartitionId,
        /// Last index in the state.
        state: u64,
        /// The log's next index.
        log: u64,
    },
    /// An entry cannot be read or applied.
    #[error("partition {partition}: cannot replay the entry at position {position}: {cause}")]
    Entry {
        /// Which partition.
        partition: PartitionId,
        /// First position of the entry.
        position: Position,
        /// What is wrong.
        cause: String,
    },
    /// The state's own record of where it stands is damaged.
    #[error("partition {partition}: the checkpoint's mark has no place in the log: {cause}")]
    Mark {
        /// Which partition.
        partition: PartitionId,
        /// What is wrong.
        cause: String,
    },
}

impl Partition {
    /// The last position that it has.
    #[must_use]
    pub fn last_position(&self) -> Position {
        Position(self.next_position.0 - 1)
    }

    /// The time of its last entry.
    #[must_use]
    pub fn last_timestamp(&self) -> TimestampMs {
        self.last_timestamp
    }

    /// A partition whose state cannot be served from. It is there to say so: it has stopped for this cause, takes no entry
    /// of the log and releases none.
    #[must_use]
    pub fn out_of_service(id: PartitionId, settings: PartitionSettings, cause: String) -> Self {
        let tables = Tables::new(MemoryDisk::new().open());
        let mut partition =
            Self::open(id, tables, settings).expect("an empty state has no mark to be damaged");
        partition.stopped = Some(cause);
        partition
    }
}

/// The mark's journal information: index, term and time of the last entry in the base.
pub(crate) fn encode_mark_info(index: u64, term: u64, timestamp: TimestampMs) -> Vec<u8> {
    let mut info = Vec::with_capacity(24);
    info.extend_from_slice(&index.to_le_bytes());
    info.extend_from_slice(&term.to_le_bytes());
    info.extend_from_slice(&timestamp.0.to_le_bytes());
    info
}

pub(crate) fn decode_mark_info(info: &[u8]) -> Result<(u64, u64, TimestampMs), String> {
    if info.is_empty() {
        return Ok((0, 1, TimestampMs(0)));
    }
    let bytes: &[u8; 24] = info.try_into().map_err(|_| format!("{} bytes instead of 24", info.len()))?;
    let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
    Ok((word(0), word(8), TimestampMs(word(16) as i64)))
}
