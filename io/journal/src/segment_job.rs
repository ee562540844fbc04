//! What is to be done to segment files beside the log.

use crate::types::{SegmentSequence, SpareNumber};

/// Work on files that must not run on a core's loop. Each job is durable, directory included, before it is reported. A job
/// opens what it needs before it changes a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentJob {
    /// Create a spare: a file of that many zeros, written out, not only reserved. On failure leave nothing behind.
    Create {
        /// The spare's number.
        spare: SpareNumber,
        /// The file's size.
        bytes: u64,
    },
    /// Give a spare the name of a segment, and open it for writing.
    Install {
        /// The spare.
        spare: SpareNumber,
        /// The segment it becomes.
        sequence: SegmentSequence,
    },
    /// Turn a segment that nobody needs into a spare.
    Recycle {
        /// The segment.
        sequence: SegmentSequence,
        /// The spare it becomes.
        spare: SpareNumber,
    },
    /// Remove a segment that nobody needs.
    Remove {
        /// The segment.
        sequence: SegmentSequence,
    },
}
