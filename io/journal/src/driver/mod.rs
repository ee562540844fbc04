//! The journal on real files: recovery of a data directory at start, one `Journal` per core, readers on side threads.

mod files;
mod journal;
mod opening;
mod pace;
mod past;
mod reader;
mod reader_files;
mod recovery;
mod ways;

pub use files::{Access, DirectorySource, journal_numbers};
pub(crate) use files::{extent_path, read_identity};
pub use journal::{Flush, Journal};
pub use past::ReadBudget;
pub use reader::{JournalReader, PartitionSource, ReaderSource};
pub use reader_files::{DirectoryReaderFiles, READER_NAME_BYTES_MAX, begin_life, is_reader_name};
pub(crate) use reader_files::{parse_spill_name, reader_file_kind};
pub use recovery::{AccessChoice, Recovery, Removal, Retired};
