//! What a projector tells: how it gets on, and what it lost or removed.

use ringbolt_record::PartitionId;

/// What somebody may want to write down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreEvent {
    /// It does not get on.
    Failing {
        /// Which partition.
        partition: PartitionId,
        /// Why.
        cause: String,
    },
    /// It does again.
    Recovered {
        /// Which partition.
        partition: PartitionId,
    },
    /// What was there cannot be used: it was set aside, and a store was begun anew.
    SetAside {
        /// Which partition.
        partition: PartitionId,
        /// Why.
        cause: String,
        /// Where it is now.
        directory: String,
        /// Finished instances that are found as before: their files were sound.
        kept: u64,
    },
    /// A file of finished instances is damaged: it was set aside.
    Lost {
        /// Which partition.
        partition: PartitionId,
        /// What is wrong with it.
        cause: String,
        /// How many are not found any more.
        instances: u64,
        /// When the last of them ended, milliseconds since 1970.
        until: i64,
    },
    /// Finished instances were removed, because they were past their time or there were too many bytes.
    Removed {
        /// Which partition.
        partition: PartitionId,
        /// How many.
        instances: u64,
        /// When the last of them ended, milliseconds since 1970.
        until: i64,
    },
    /// Positions of the log are not there any more.
    Gap {
        /// Which partition.
        partition: PartitionId,
        /// How many.
        positions: u64,
    },
}
