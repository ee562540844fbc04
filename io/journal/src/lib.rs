//! The journal: a segmented, checksummed, group-committed log. One per core carries the entries of all its
//! partitions, so that one flush commits them all.
//!
//! Code map, the pure half (no I/O, no clock; the simulator runs it as it is):
//! - `types` the vocabulary; `format` the bytes of batches and entries
//! - `batch` builds one batch and judges one; `cursor` walks a chain of batches; `source` is where bytes come from
//! - `log` the state machine: appends in, writes and file jobs out; `segments` what is written next and reused, `segment_job` the work that is;
//!   `handles` which of their files are open
//! - `raft_state` what a start must know of each partition's raft log; `books` that of a run, and how far each partition is
//!   committed; `gate` which entries count and are committed
//! - `extent` which segments there must be; `scan` recovery: torn tail or corruption; `read` entries back; `memory` a disk with faults, for tests
//! - `history` the lives of a partition, by which a restored copy is told from the original
//! - `partition_reader` named readers with a durable position; `hold` what they keep of the log; `spill` what is copied
//!   out of the log for them
//!
//! and the driver: `verify` looks at all files offline; `driver` puts the state machine on files and a core's executor, and recovers a data directory.
//!
//! Invariants: an acknowledged ticket survives any crash; nothing that was not appended is ever read; one write is
//! in flight at a time; after a failed write nothing more is written. There is deliberately no knowledge of records or
//! partitions' state in here, no decision about terms and commits, and no logging: events and errors go to the caller.

/// The checksum of everything that this crate writes, CRC-32C, for what others keep beside it.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
}

mod batch;
mod books;
mod cursor;
mod driver;
mod error;
mod extent;
mod format;
mod gate;
mod handles;
mod history;
mod hold;
mod log;
pub mod memory;
mod partition_reader;
mod raft_state;
mod read;
mod scan;
mod segment_job;
mod segments;
mod source;
mod spill;
mod tail_ring;
mod types;
mod verify;

pub use batch::{BadBatch, EntryRefused, PartitionRange};
pub use books::CommitIndex;
pub use cursor::ChainLink;
pub use driver::{
    Access, AccessChoice, DirectoryReaderFiles, DirectorySource, Flush, Journal, JournalReader,
    PartitionSource, READER_NAME_BYTES_MAX, ReadBudget, ReaderSource, Recovery, Removal, Retired, begin_life,
    is_reader_name, journal_numbers,
};
pub use error::{Corruption, CorruptionKind, Error, Failure};
pub use extent::Extent;
pub use format::{
    BATCH_BYTES_MAX, BATCH_HEADER_BYTES, BATCH_MAGIC, BLOCK_BYTES, BatchHeader, ENTRY_ALIGN, ENTRY_BYTES_MAX,
    ENTRY_HEADER_BYTES, EntryError, EntryRef, FORMAT_VERSION, seal_entry,
};
pub use handles::OpenSegments;
pub use history::{HISTORY_FORMAT_VERSION, History, LIVES_MAX, Life, LifeId};
pub use hold::{Hold, HoldView};
pub use log::{Commit, Counts, Log, Resume, Settings, WriteRequest, single_entry_batch_bytes};
pub use partition_reader::{
    Chunk, ChunkItem, Gap, LogSource, PartitionReader, ReadState, ReaderFiles, Spiller,
};
pub use raft_state::{HardState, LogEnd, MemberId, Members, RaftState, TERMS_MAX, TermRun, Terms};
pub use read::{CommitMark, EntryStream, Filter, TailReader};
pub use scan::{Scan, SegmentSummary, Tail, TornTail, raft_states, scan};
pub use segment_job::SegmentJob;
pub use segments::{
    JobError, RESERVE_SEGMENTS, SegmentCounts, Space, Spare, segment_file_name, spare_file_name,
};
pub use source::{READ_BYTES, SegmentFile, SegmentSource};
pub use spill::{
    BadReaderBytes, POSITION_BYTES, READER_FORMAT_VERSION, SPILL_BYTES, SPILL_HEADER_BYTES, SpillSummary,
    decode_position, encode_position,
};
pub use types::{
    BatchSequence, EntryFrame, EntryKind, Epoch, JournalId, JournalNumber, PartitionId, Place, Position,
    RaftIndex, SegmentSequence, SpareNumber, Term, Ticket,
};
pub use verify::{FileFinding, JournalReport, ReaderFile, verify_journal, verify_reader_file};
