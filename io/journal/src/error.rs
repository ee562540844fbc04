//! What can go wrong, each with file and offset. A failed write is final for its journal; nothing here is retried.

use std::io;

use crate::batch::{BadBatch, EntryRefused};
use crate::types::{BatchSequence, Place, SegmentSequence};

/// An error of the journal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused something outside the write path.
    #[error("cannot {action} {file} at offset {offset}: {cause}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        file: String,
        /// Bytes from its start; zero where it has no meaning.
        offset: u64,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// The journal holds bytes that no crash explains. Nothing is cut; repair from a replica or a backup.
    #[error("journal corrupted: {0}")]
    Corrupt(Corruption),
    /// The data was written by a newer program.
    #[error(
        "{file} has format version {version} at offset {offset}, this program reads up to {}",
        crate::format::FORMAT_VERSION
    )]
    Version {
        /// The file.
        file: String,
        /// Bytes from its start.
        offset: u64,
        /// The version found.
        version: u16,
    },
    /// A reader's next entry is no longer there: its segment was reused.
    #[error("the entries after {file} offset {offset} were reused before they were read")]
    Gap {
        /// Where the reader stood.
        file: String,
        /// Bytes from its start.
        offset: u64,
    },
    /// An entry was not taken.
    #[error(transparent)]
    Refused(#[from] EntryRefused),
    /// The journal failed earlier and takes nothing more.
    #[error("the journal stopped: {0}")]
    Failed(Failure),
    /// No segment can be prepared for what is left to write.
    #[error("no segment can be prepared: {cause}")]
    NoSpace {
        /// The operating system's reason.
        cause: String,
    },
    /// A setting is out of range.
    #[error("journal setting {0}")]
    Setting(&'static str),
    /// Another process still writes the journal.
    #[error("{file} is still being written by another process")]
    Busy {
        /// The file.
        file: String,
    },
}

/// Why a journal stopped for good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot {action} {file} at offset {offset}: {cause}; it is not retried, what was not yet acknowledged may be lost"
)]
pub struct Failure {
    /// What was tried.
    pub action: &'static str,
    /// The file.
    pub file: String,
    /// Bytes from its start.
    pub offset: u64,
    /// The operating system's reason.
    pub cause: String,
    /// Its kind.
    pub kind: io::ErrorKind,
}

/// Bytes that no crash explains.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file} at offset {offset}: {kind}")]
pub struct Corruption {
    /// The segment's file.
    pub file: String,
    /// The segment.
    pub segment: SegmentSequence,
    /// Bytes from the file's start.
    pub offset: u64,
    /// What is wrong there.
    pub kind: CorruptionKind,
}

/// What is wrong with corrupted bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorruptionKind {
    /// A bad batch that is not the last: a later one is intact.
    #[error("{bad}; batch {later} follows in segment {}, offset {}", .at.segment, .at.offset)]
    Followed {
        /// What is wrong with the batch.
        bad: BadBatch,
        /// A later batch of the same journal.
        later: BatchSequence,
        /// Where that one stands.
        at: Place,
    },
    /// A batch stands where it was not meant to be written.
    #[error("batch {sequence} there belongs to segment {}, offset {}: a misdirected write", .meant.segment, .meant.offset)]
    Misdirected {
        /// The batch.
        sequence: BatchSequence,
        /// Where it belongs.
        meant: Place,
    },
    /// An intact batch that cannot stand there: a write before it was lost, or its content makes no sense.
    #[error("{0}")]
    Content(BadBatch),
    /// The file that says which segments there must be is damaged.
    #[error("it does not say which segments there must be: neither of its copies is whole")]
    Extent,
    /// The oldest segment does not begin with a batch.
    #[error("the oldest segment does not begin with a batch: {0}")]
    First(BadBatch),
    /// A segment is missing that was not given up.
    #[error("this segment is missing")]
    MissingSegment,
}
