//! A checkpoint: moving a frozen overlay into the base, on a side thread.
//!
//! Invariants: the job owns a shared, immutable overlay; all its rows and the mark are one transaction; whatever
//! happens, the base holds either the old mark with the old rows or the new mark with the new rows. When a
//! checkpoint is due, and that its position is committed before the job runs, are the partition's business.

use std::sync::Arc;
use std::time::Instant;

use crate::base::Writer;
use crate::error::CheckpointError;
use crate::mark::Mark;
use crate::overlay::Overlay;
use crate::report::CheckpointReport;

/// One byte in this many that rows take is lost to pages that are not full.
const PAGE_WASTE: u64 = 4;
/// What even a small checkpoint writes beside its rows, bytes.
const PAGES_ALWAYS_BYTES: u64 = 1 << 20;

/// An overlay that no longer changes, and what the base contains once it has been written.
pub(crate) struct Frozen {
    pub(crate) overlay: Overlay,
    pub(crate) mark: Mark,
}

/// The work of one checkpoint. Run it on a side thread once its position is committed in the log, then give the
/// outcome to [`crate::Store::finish_checkpoint`].
#[must_use = "run the job or hand it to Store::discard"]
pub struct CheckpointJob {
    pub(crate) frozen: Arc<Frozen>,
    pub(crate) writer: Writer,
}

impl CheckpointJob {
    /// The mark that this checkpoint records.
    pub fn mark(&self) -> &Mark {
        &self.frozen.mark
    }

    /// Room that the disk should have for it, bytes: the rows, what their pages leave free, and pages on the way to them.
    /// An estimate: pages that the base has free already are not counted.
    pub fn room_bytes(&self) -> u64 {
        let bytes = self.frozen.overlay.bytes() as u64;
        bytes + bytes / PAGE_WASTE + PAGES_ALWAYS_BYTES
    }

    /// Ends it as one that found no space, without touching the base: an attempt that is bound to fail would grow the
    /// base's file by what the disk has left, and keep it from others.
    pub fn give_up(self, cause: String) -> CheckpointOutcome {
        CheckpointOutcome { frozen: self.frozen, result: Err(CheckpointError::DiskFull(cause)) }
    }

    /// Writes the checkpoint and waits for the disk, yielding the CPU every few rows.
    pub fn run(self) -> CheckpointOutcome {
        self.run_with(&mut std::thread::yield_now)
    }

    /// As [`CheckpointJob::run`], calling `pause` every few rows instead: the place to sleep when the side thread
    /// shares its CPU with a core's loop. Nothing else waits while it sleeps.
    pub fn run_with(self, pause: &mut dyn FnMut()) -> CheckpointOutcome {
        let started = Instant::now();
        let result = self.writer.write(&self.frozen.overlay, &self.frozen.mark, pause);
        let result = result.map(|report| CheckpointReport { duration: started.elapsed(), ..report });
        CheckpointOutcome { frozen: self.frozen, result }
    }
}

/// How a checkpoint ended.
#[must_use = "hand it to Store::finish_checkpoint"]
pub struct CheckpointOutcome {
    pub(crate) frozen: Arc<Frozen>,
    pub(crate) result: Result<CheckpointReport, CheckpointError>,
}

impl CheckpointOutcome {
    /// What was written, or why nothing was.
    pub fn result(&self) -> Result<CheckpointReport, &CheckpointError> {
        self.result.as_ref().copied()
    }
}

/// A written overlay that is no longer read. Freeing it takes time: drop it on the side thread.
#[must_use = "drop it on the side thread"]
pub struct RetiredOverlay {
    pub(crate) _frozen: Arc<Frozen>,
}
