//! Figures of one partition, for metrics.

use ringbolt_record::TimestampMs;

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
    /// The same at which new work is refused until a checkpoint ends.
    pub overlay_bytes_max: usize,
    /// Instances with follow-ups that wait for their turn.
    pub follow_ups: usize,
    /// Since when there are such instances without a pause; none while there are none.
    pub follow_ups_since: Option<TimestampMs>,
    /// When the earliest of what time brings about is due; may be in the past.
    pub next_due: Option<TimestampMs>,
    /// Messages that are kept for those who do not wait for them yet.
    pub messages: u64,
    /// The most that are kept.
    pub messages_max: u64,
    /// Bytes of their texts and variables.
    pub message_bytes: u64,
    /// Bytes beyond which no more are kept.
    pub message_bytes_max: u64,
    /// Timers; what stood there at the last checkpoint and was changed since counts twice, here and in the next two.
    pub timers: u64,
    /// Who waits for messages, signals and conditions.
    pub subscriptions: u64,
    /// User tasks that the engine keeps itself.
    pub user_tasks: u64,
    /// All three together at which clients' new instances are refused.
    pub waits_max: u64,
    /// Steps of instances that were undone since the start because an entry has bounds.
    pub steps_undone: u64,
    /// Batch operations that have not ended.
    pub batch_operations: usize,
    /// Their items that were selected here and not taken.
    pub batch_items: u64,
    /// The last checkpoint found no space and is tried again: new work is refused until then.
    pub checkpoint_delayed: bool,
}
