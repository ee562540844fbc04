//! Figures of one partition, for metrics.

/// Figures for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartitionStats {
    /// Index of the last entry appended.
    pub last_index: u64,
    /// Index of the last entry committed.
    pub committed_index: u64,
    /// Position of the last record.
    pub last_position: u64,
    /// Effects that wait for a commit.
    pub held_effects: usize,
    /// Open job streams.
    pub streams: usize,
    /// Free credit over all streams.
    pub credit: u64,
    /// Polls that wait for jobs.
    pub polls: usize,
    /// Current limit of waiting new work.
    pub flow_limit: u32,
    /// New work that waits for its commit.
    pub flow_waiting: usize,
    /// Log bytes since the last checkpoint.
    pub log_bytes: u64,
    /// Bytes of the overlay.
    pub overlay_bytes: usize,
    /// The last checkpoint found no space and is tried again: new work is refused until then.
    pub checkpoint_delayed: bool,
}
