//! What is kept of the log: everything behind the last checkpoint, and what a reader still needs within its bounds.
//!
//! Invariant: the log is released up to a position only if the base holds it and no attached reader needs it.

use crate::checkpoints::Phase;
use crate::host::Host;
use crate::partition::Partition;
use crate::reader_view::ReaderId;
use crate::readers::{ReaderReport, SpillEnd};
use crate::recovery::encode_mark_info;
use ringbolt_record::{Position, TimestampMs};
use ringbolt_store::{CheckpointOutcome, Finished, Mark};

/// A partition whose log keeps segments of this many times the bytes that start a checkpoint gets one, however little
/// of them is its own: an idle partition must not keep what its neighbors on the core wrote.
const HELD_CHECKPOINTS_MAX: u64 = 2;

impl Partition {
    pub(crate) fn start_checkpoint_if_due(&mut self) {
        if self.checkpoints.is_due(self.tables.store().overlay_bytes()) {
            self.start_checkpoint();
        }
    }

    /// Freezes the state as it is now; the checkpoint runs when this point of the log is committed.
    /// Does nothing while another checkpoint is under way.
    pub fn start_checkpoint(&mut self) {
        if !matches!(self.checkpoints.phase, Phase::Idle) || self.stopped.is_some() {
            return;
        }
        let (index, mark) = (self.consensus.last_index(), self.mark());
        let job = self.tables.store_mut().freeze(mark);
        self.checkpoints.log_bytes = 0;
        self.checkpoints.phase = Phase::Waiting { index, job };
    }

    /// Where it stands: a state that holds this mark goes on from here.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let index = self.consensus.last_index();
        Mark {
            position: self.next_position.0 - 1,
            key_counter: self.engine.key_counter(),
            journal_info: encode_mark_info(index, self.consensus.term(), self.last_timestamp),
        }
    }

    /// Hands a frozen state to the host once its position is committed.
    pub fn run_ready_checkpoint(&mut self, host: &mut dyn Host) {
        if let Some(job) = self.checkpoints.take_ready(self.consensus.committed_index()) {
            host.run_checkpoint(self.id, job);
        }
    }

    /// Takes the outcome of a checkpoint.
    pub fn finish_checkpoint(&mut self, now: TimestampMs, outcome: CheckpointOutcome, host: &mut dyn Host) {
        match self.tables.store_mut().finish_checkpoint(outcome) {
            Finished::Committed(overlay) => {
                self.checkpoints.delayed_by.clear();
                self.checkpoints.phase = Phase::Idle;
                host.retire(overlay);
                self.release_log(host);
            }
            Finished::NoSpace(cause) => {
                self.checkpoints.delayed_by = cause.to_string();
                self.checkpoints.phase =
                    Phase::Retry { at: TimestampMs(now.0 + self.checkpoints.settings.retry_ms) };
            }
            Finished::Failed => {
                self.checkpoints.phase = Phase::Idle;
                let cause = self.tables.store().fault().map_or_else(String::new, ToString::to_string);
                self.stop(&cause, host);
            }
        }
    }

    /// Whether a checkpoint waits for its commit or runs; not one that waits for space.
    pub fn is_checkpointing(&self) -> bool {
        matches!(self.checkpoints.phase, Phase::Waiting { .. } | Phase::Running)
    }

    /// Whether the last checkpoint found no space and waits to be tried again.
    pub fn is_checkpoint_delayed(&self) -> bool {
        matches!(self.checkpoints.phase, Phase::Retry { .. })
    }

    /// Why the last checkpoint that was tried found no space; empty if it did find it.
    pub fn checkpoint_delayed_by(&self) -> &str {
        &self.checkpoints.delayed_by
    }

    /// Registers a named reader, before anything of the log is released. The host knows it by this number.
    pub fn add_reader(&mut self) -> ReaderId {
        self.readers.add()
    }

    /// Looks after the log, from time to time: readers over their budget, segments that an idle partition keeps, and
    /// what nobody needs any more.
    pub fn check_log(&mut self, now: TimestampMs, host: &mut dyn Host) {
        if self.stopped.is_some() {
            return;
        }
        self.readers.check(now, self.id, self.disk_full, Position(self.released.0 + 1), host);
        self.release_log(host);
        let needed = Position(self.tables.store().mark().position + 1);
        let held_max = self.checkpoints.settings.log_bytes.saturating_mul(HELD_CHECKPOINTS_MAX);
        if needed < self.next_position && host.held_log_bytes(self.id, needed) >= held_max {
            self.start_checkpoint();
            self.run_ready_checkpoint(host);
        }
    }

    /// Takes the outcome of a spill.
    pub fn finish_spill(&mut self, now: TimestampMs, reader: ReaderId, end: SpillEnd, host: &mut dyn Host) {
        self.readers.finish_spill(now, reader, end);
        self.check_log(now, host);
    }

    /// Releases what neither recovery nor a reader needs.
    pub fn release_log(&mut self, host: &mut dyn Host) {
        let in_base = Position(self.tables.store().mark().position);
        let needed = self.readers.floor();
        let up_to = needed.map_or(in_base, |floor| in_base.min(Position(floor.0.saturating_sub(1))));
        if up_to > Position(0) {
            // Told again and again: what a replay released was told to nobody.
            self.released = self.released.max(up_to);
            host.release_log(self.id, up_to);
        }
    }

    /// How its readers stand.
    pub fn readers(&self) -> impl Iterator<Item = ReaderReport> + '_ {
        self.readers.reports()
    }
}
