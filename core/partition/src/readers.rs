//! What named readers (exporters) may keep of the log, and what happens beyond that.
//!
//! A reader keeps the log from its floor on, up to a budget. Over the budget its entries are copied to spills, up to a
//! limit; at that limit, or when the disk is full, it is detached: the log goes on without it, and it comes back
//! behind a gap when it has used up its spills.
//!
//! Invariants: whatever a reader does or does not do, it keeps at most its budget, its spills and what is written
//! while one spill is copied; while a spill is copied the log is kept from where that began.

use crate::host::Host;
use crate::reader_view::{ReaderId, ReaderView};
use ringbolt_record::{PartitionId, Position, TimestampMs};

/// What one reader of one partition may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderSettings {
    /// Bytes of log segments, of all partitions in them, beyond which entries are spilled.
    pub budget_bytes: u64,
    /// Bytes of spills beyond which the reader is detached.
    pub spill_bytes_max: u64,
    /// Bytes of one spill: so much room must be left.
    pub spill_bytes: u64,
    /// How long a spill that failed waits, milliseconds.
    pub retry_ms: i64,
}

impl Default for ReaderSettings {
    fn default() -> Self {
        Self {
            budget_bytes: 256 * 1024 * 1024,
            spill_bytes_max: 1024 * 1024 * 1024,
            spill_bytes: 16 * 1024 * 1024,
            retry_ms: 1_000,
        }
    }
}

/// How a spill ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpillEnd {
    /// The entries are copied.
    Written,
    /// They are not; it is tried again after a pause.
    Failed,
}

/// Figures of one reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReaderReport {
    /// What it needed when it was last looked at.
    pub view: ReaderView,
    /// Bytes of log segments that it kept then.
    pub held_bytes: u64,
    /// How often it was detached.
    pub detached: u64,
    /// How often a spill failed.
    pub spills_failed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Within its bounds, or detached.
    Following,
    /// Entries from this position on are being copied.
    Spilling { from: Position },
    /// The last copy failed.
    Retry { at: TimestampMs },
}

struct Reader {
    phase: Phase,
    report: ReaderReport,
}

impl Reader {
    /// The first position that the log must keep for it.
    fn floor(&self) -> Option<Position> {
        match self.phase {
            Phase::Spilling { from } => Some(from),
            Phase::Following | Phase::Retry { .. } => {
                self.report.view.is_attached.then_some(self.report.view.floor)
            }
        }
    }
}

pub(crate) struct Readers {
    settings: ReaderSettings,
    readers: Vec<Reader>,
}

impl Readers {
    pub(crate) fn new(settings: ReaderSettings) -> Self {
        Self { settings, readers: Vec::new() }
    }

    /// A new reader keeps everything until it was looked at.
    pub(crate) fn add(&mut self) -> ReaderId {
        let id = ReaderId(u32::try_from(self.readers.len()).expect("a handful of readers"));
        let view = ReaderView { is_attached: true, ..ReaderView::default() };
        let report = ReaderReport { view, ..ReaderReport::default() };
        self.readers.push(Reader { phase: Phase::Following, report });
        id
    }

    /// The first position that the log must keep for any of them.
    pub(crate) fn floor(&self) -> Option<Position> {
        self.readers.iter().filter_map(Reader::floor).min()
    }

    pub(crate) fn reports(&self) -> impl Iterator<Item = ReaderReport> + '_ {
        self.readers.iter().map(|reader| reader.report)
    }

    /// Looks at every reader. `oldest` is the first position that the log certainly still has.
    pub(crate) fn check(
        &mut self,
        now: TimestampMs,
        partition: PartitionId,
        disk_full: bool,
        oldest: Position,
        host: &mut dyn Host,
    ) {
        for (number, reader) in (0..).zip(&mut self.readers) {
            let id = ReaderId(number);
            // While somebody reads, the last view holds: a floor only rises.
            if let Some(view) = host.reader(partition, id) {
                reader.report.view = view;
            }
            let floor = reader.report.view.floor;
            let is_attached = reader.report.view.is_attached;
            let held = if is_attached { host.held_log_bytes(partition, floor) } else { 0 };
            reader.report.held_bytes = held;
            match reader.phase {
                Phase::Spilling { .. } => {}
                Phase::Following | Phase::Retry { .. } if !is_attached => {
                    reader.phase = Phase::Following;
                    if reader.report.view.wants_log && host.attach_reader(partition, id, oldest) {
                        reader.report.view = ReaderView {
                            floor: oldest,
                            is_attached: true,
                            wants_log: false,
                            ..reader.report.view
                        };
                    }
                }
                Phase::Following | Phase::Retry { .. } if held <= self.settings.budget_bytes => {
                    reader.phase = Phase::Following;
                }
                phase @ (Phase::Following | Phase::Retry { .. }) => {
                    if disk_full || !self.settings.admits_spill(held, &reader.report.view, phase) {
                        if host.detach_reader(partition, id) {
                            reader.phase = Phase::Following;
                            reader.report.view.is_attached = false;
                            reader.report.detached += 1;
                        }
                    } else if is_due(phase, now) {
                        reader.phase = Phase::Spilling { from: floor };
                        host.spill(partition, id);
                    }
                }
            }
        }
    }

    pub(crate) fn finish_spill(&mut self, now: TimestampMs, id: ReaderId, end: SpillEnd) {
        let reader = &mut self.readers[id.0 as usize];
        assert!(matches!(reader.phase, Phase::Spilling { .. }), "a spill that ends was begun");
        reader.phase = match end {
            SpillEnd::Written => Phase::Following,
            SpillEnd::Failed => {
                reader.report.spills_failed += 1;
                Phase::Retry { at: TimestampMs(now.0 + self.settings.retry_ms) }
            }
        };
    }
}

fn is_due(phase: Phase, now: TimestampMs) -> bool {
    match phase {
        Phase::Retry { at } => at <= now,
        Phase::Following | Phase::Spilling { .. } => true,
    }
}

impl ReaderSettings {
    /// Whether a reader over its budget may spill (more): its spills have room for another, and the log that it keeps
    /// meanwhile is no more than what the spills would have taken.
    fn admits_spill(&self, held: u64, view: &ReaderView, phase: Phase) -> bool {
        let left = self.spill_bytes_max.saturating_sub(view.spill_bytes);
        let is_failing = matches!(phase, Phase::Retry { .. });
        left >= self.spill_bytes && !(is_failing && held > self.budget_bytes.saturating_add(left))
    }
}
