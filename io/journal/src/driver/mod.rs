//! The journal on real files: recovery of a data directory at start, one `Journal` per core, readers on side threads.

mod files;
mod journal;
mod reader;
mod recovery;

pub use files::{Access, DirectorySource};
pub use journal::{Flush, Journal};
pub use reader::{JournalReader, ReaderSource};
pub use recovery::{AccessChoice, Recovery, Removal, Retired};
