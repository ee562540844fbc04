//! One partition's key-value state: an immutable committed base, an optional frozen overlay that is being
//! written into it, and the active overlay that commands change.
//!
//! Code map: `open` makes a store; `store` puts the three layers together; `overlay` is the in-memory layer with its undo
//! list; `base` is the committed layer, `lmdb` on disk or `memory` for the simulator, read through `checked`; `range` merges
//! the layers in key order; `checkpoint` moves a frozen overlay into the base; `row` and `mark` are the stored bytes
//! (`docs/formats/store.md`); `sigbus` turns an I/O error on a mapped page into a message that names file and offset,
//! `damage` is the marker it leaves for the next start; `verify` reads a whole base without LMDB.
//!
//! Invariants: short-lived rows never touch the base; the base changes only in one transaction per checkpoint that
//! also records the [`Mark`]; a read hands out bytes of this run's memory or bytes whose checksum was just
//! verified; every reference ends before the store changes, which the borrow checker enforces.
//!
//! The crate knows nothing of tables' contents, of the log, or of when a checkpoint is due.

mod base;
mod checked;
mod checkpoint;
mod damage;
mod error;
mod lmdb;
mod mark;
mod memory;
mod open;
mod overlay;
mod range;
mod report;
mod row;
mod sigbus;
mod space;
mod store;
mod verify;

pub use checkpoint::{CheckpointJob, CheckpointOutcome, RetiredOverlay};
pub use damage::DAMAGE_MARKER;
pub use error::{CheckpointError, Error, Fault, FaultCause};
pub use lmdb::{MAP_SIZE_BYTES_DEFAULT, Options};
pub use mark::{JOURNAL_INFO_BYTES_MAX, Mark};
pub use memory::MemoryDisk;
pub use open::{open_checked, open_lmdb, open_memory};
pub use range::Range;
pub use report::CheckpointReport;
pub use sigbus::install_sigbus_handler;
pub use store::{Finished, RowOwner, Stats, Store};
pub use verify::{BaseReport, Finding, verify_base};

/// A table (column family): the first part of every row's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u8);

/// How many tables a store has; every [`TableId`] is valid.
pub const TABLES_MAX: usize = 256;

/// Keys have 1 to this many bytes (LMDB's own limit is 511).
pub const KEY_BYTES_MAX: usize = 480;

/// Values have 0 to this many bytes.
pub const VALUE_BYTES_MAX: usize = 256 << 20;
