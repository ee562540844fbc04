//! The journal on real files: recovery of a data directory at start, one `Journal` per core, readers on side threads.

mod files;
mod journal;
mod opening;
mod reader;
mod reader_files;
mod recovery;

pub use files::{Access, DirectorySource};
pub use journal::{Flush, Journal};
pub use reader::{JournalReader, PartitionSource, ReaderSource};
pub use reader_files::{DirectoryReaderFiles, READER_NAME_BYTES_MAX, is_reader_name};
pub use recovery::{AccessChoice, Recovery, Removal, Retired};
