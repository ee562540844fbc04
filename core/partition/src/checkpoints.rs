//! When a checkpoint starts, waits for its position's commit, and is tried again.
//!
//! Invariants: at most one overlay is frozen; a job runs only when the position it records is committed; a
//! checkpoint that found no space is retried after a pause, never in a loop.

use crate::flow::is_large;
use ringbolt_record::TimestampMs;
use ringbolt_store::CheckpointJob;

/// Changed state, frozen and active together, may reach this many times what starts a checkpoint; then new work is
/// refused. Completions and internal commands go on: what they change is bounded by what is there.
const OVERLAYS_MAX: usize = 4;
/// The same for new work that brings much: it is refused first, so that who fills the state leaves room for who does not.
const OVERLAYS_MAX_LARGE: usize = 3;

/// When checkpoints start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointSettings {
    /// Start when the log since the last checkpoint exceeds this, bytes.
    pub log_bytes: u64,
    /// Start when the overlay exceeds this, bytes.
    pub overlay_bytes: usize,
    /// How long a checkpoint that found no space waits, milliseconds.
    pub retry_ms: i64,
}

impl Default for CheckpointSettings {
    fn default() -> Self {
        Self { log_bytes: 256 * 1024 * 1024, overlay_bytes: 64 * 1024 * 1024, retry_ms: 5_000 }
    }
}

#[derive(Default)]
pub(crate) enum Phase {
    #[default]
    Idle,
    /// Frozen; runs once `index` is committed.
    Waiting { index: u64, job: CheckpointJob },
    /// On the side thread.
    Running,
    /// Found no space; the overlay stays frozen.
    Retry { at: TimestampMs },
}

pub(crate) struct Checkpoints {
    pub(crate) settings: CheckpointSettings,
    pub(crate) phase: Phase,
    pub(crate) log_bytes: u64,
    /// Why the last one found no space.
    pub(crate) delayed_by: String,
}

impl Checkpoints {
    pub(crate) fn new(settings: CheckpointSettings) -> Self {
        Self { settings, phase: Phase::Idle, log_bytes: 0, delayed_by: String::new() }
    }

    /// Whether the next entry boundary is the time to freeze.
    pub(crate) fn is_due(&self, overlay_bytes: usize) -> bool {
        matches!(self.phase, Phase::Idle)
            && (self.log_bytes >= self.settings.log_bytes || overlay_bytes >= self.settings.overlay_bytes)
    }

    /// Whether so much has changed since the last checkpoint began that new work which brings so many bytes has to wait for its end.
    pub(crate) fn is_over(&self, overlay_bytes: usize, bytes: usize) -> bool {
        let large_max = self.settings.overlay_bytes.saturating_mul(OVERLAYS_MAX_LARGE);
        overlay_bytes > large_max && (overlay_bytes > self.overlay_bytes_max() || is_large(bytes))
    }

    /// The bytes of changed state beyond which that is so.
    pub(crate) fn overlay_bytes_max(&self) -> usize {
        self.settings.overlay_bytes.saturating_mul(OVERLAYS_MAX)
    }

    /// The job whose position is committed now.
    pub(crate) fn take_ready(&mut self, committed: u64) -> Option<CheckpointJob> {
        match std::mem::take(&mut self.phase) {
            Phase::Waiting { index, job } if index <= committed => {
                self.phase = Phase::Running;
                Some(job)
            }
            other => {
                self.phase = other;
                None
            }
        }
    }
}
