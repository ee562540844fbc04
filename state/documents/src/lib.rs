//! Documents that clients keep beside their instances: one file each, in the data directory.
//!
//! Code map
//! - `store`: [`Store`], which keeps, reads and deletes documents within its limits.
//! - `file`: the layout of a document's file (`docs/formats/documents.md`).
//! - `links`: signatures of links, made with a key of the directory's own.
//! - `verify`: reads every byte of a directory that is not in use.
//! - `error`: why something cannot be done.
//!
//! Invariants
//! - Nothing that a client sent becomes part of a path: a file's name is the hash of its document's id.
//! - A document is there as a whole or not at all, whenever the process ends: it is written under another name, made durable, and linked to
//!   its own name, which fails if that is taken.
//! - A link is of one document and one content, ends by itself, and ends when the document is deleted, even if the same one is kept again.
//!
//! Everything here blocks: it is for side threads. Deliberately absent: protocols, threads, the clock (who asks says what time it is).

mod error;
mod file;
mod links;
mod store;
mod verify;

pub use error::Error;
pub use file::Header;
pub use links::LINK_SECONDS_MAX;
pub use store::{Created, Limits, Store};
pub use verify::{Verified, verify_documents};
