//! Why a data directory cannot be opened.

use ringbolt_journal as journal;
use ringbolt_partition::RecoveryError;
use ringbolt_record::PartitionId;
use std::io;

/// Why the partitions cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A journal cannot be read or opened.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// A state cannot be opened.
    #[error(transparent)]
    Store(#[from] ringbolt_store::Error),
    /// A log cannot be replayed.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The system gives no random numbers.
    #[error("cannot read random bytes: {0}")]
    Random(io::Error),
    /// Files of the log's readers cannot be listed or removed.
    #[error("partition {partition}: cannot clean up after its readers: {cause}")]
    Readers {
        /// Which partition.
        partition: PartitionId,
        /// Why.
        cause: io::Error,
    },
    /// A partition's log belongs to a group, and this version runs partitions alone.
    #[error(
        "partition {partition}: its log is a group's; without the group nobody knows what of it is committed"
    )]
    Group {
        /// Which partition.
        partition: PartitionId,
    },
    /// A checkpoint that the replay needed failed.
    #[error("partition {partition}: a checkpoint during replay failed: {cause}")]
    Checkpoint {
        /// Which partition.
        partition: PartitionId,
        /// Why.
        cause: String,
    },
}
