//! What can go wrong: errors of opening, faults of reading, and the two ways a checkpoint can fail.
//!
//! Invariant: a [`Fault`] is sticky. Once a store reports one, nothing computed from its reads may leave the
//! process. This file deliberately decides nothing about stopping: the partition does.

use std::fmt;
use std::path::PathBuf;

use crate::TableId;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory or a file in it could not be created or read.
    #[error("state store {path}: {source}")]
    Io {
        /// The directory or file that was touched.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// LMDB was refused something: no address space for the map, no rights.
    #[error("state store {path}: cannot {action}: {reason}")]
    Base {
        /// The environment's directory.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// LMDB's own words.
        reason: String,
    },
    /// The store was written by a version with another layout.
    #[error("state store {path}: its layout is version {found}, this program reads version {expected}")]
    Format {
        /// The environment's directory.
        path: PathBuf,
        /// The version found in the store.
        found: u32,
        /// The version this program reads and writes.
        expected: u32,
    },
    /// The base is damaged and must not be served from.
    #[error("state store {path} is damaged: {what}")]
    Damaged {
        /// The environment's directory.
        path: PathBuf,
        /// What is wrong with it, with file and offset where a look at all of it was possible.
        what: String,
    },
}

/// A read or a checkpoint met something that must stop the partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The table that was read; `None` when the fault belongs to a checkpoint.
    pub table: Option<TableId>,
    /// The key that was read (for a range: its lower bound where the row itself is unknown).
    pub key: Vec<u8>,
    /// What happened.
    pub why: FaultCause,
}

/// The causes of a [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultCause {
    /// The stored checksum does not match the bytes read.
    Checksum {
        /// The checksum beside the value.
        stored: u64,
        /// The checksum of the bytes that were read.
        computed: u64,
    },
    /// The stored row is too short to hold its checksum.
    Truncated {
        /// Its length in bytes.
        length: usize,
    },
    /// The row is not there, but another row says that it is.
    Missing {
        /// Which row says so.
        promised_by: String,
    },
    /// LMDB reported an error while reading.
    Read(String),
    /// A checkpoint failed in a way that must not be retried on the same files.
    Checkpoint(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.table {
            Some(table) => write!(f, "state table {} key 0x", table.0)?,
            None => return write!(f, "state checkpoint: {}", self.why),
        }
        for byte in &self.key {
            write!(f, "{byte:02x}")?;
        }
        write!(f, ": {}", self.why)
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for FaultCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultCause::Checksum { stored, computed } => {
                write!(f, "checksum mismatch: stored {stored:016x}, computed {computed:016x}")
            }
            FaultCause::Truncated { length } => write!(f, "a stored row of {length} bytes has no checksum"),
            FaultCause::Missing { promised_by } => {
                write!(f, "the row is missing that {promised_by} leads to")
            }
            FaultCause::Read(reason) => write!(f, "cannot read: {reason}"),
            FaultCause::Checkpoint(reason) => write!(f, "cannot write: {reason}"),
        }
    }
}

/// Why a checkpoint did not commit. Its transaction was aborted: the base still holds the previous mark.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The file system (or a quota or a file size limit) has no room. The same job may be tried again.
    #[error("no space for the state checkpoint: {0}")]
    DiskFull(String),
    /// The reserved map is full. Trying again helps only after a restart with a larger map.
    #[error("the state map of {map_size_bytes} bytes is full: restart with a larger --map-gib")]
    MapFull {
        /// The map's size.
        map_size_bytes: usize,
    },
    /// A write or sync failed, or the base is damaged. Never retried on the same files.
    #[error("the state checkpoint failed: {0}")]
    Failed(String),
}
