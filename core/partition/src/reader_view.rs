//! A named reader of a partition as its host sees it.

use ringbolt_record::Position;

/// A reader of a partition, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReaderId(pub u32);

/// What a reader needs, as the host sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReaderView {
    /// The first position that it has not acknowledged durably.
    pub next: Position,
    /// The first position that it needs of the log.
    pub floor: Position,
    /// Whether the log is kept for it.
    pub is_attached: bool,
    /// Detached, and done with its spills.
    pub wants_log: bool,
    /// Bytes of its spills.
    pub spill_bytes: u64,
}
