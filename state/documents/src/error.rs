//! Why a document cannot be kept, read or linked.

use std::io;

/// Why something cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such document, or its time is over.
    #[error("Document with id '{0}' not found")]
    NotFound(String),
    /// There is one of that id.
    #[error("Document with id '{0}' already exists")]
    AlreadyExists(String),
    /// Its content is not the one that was asked for.
    #[error("Document hash for document {id} doesn't match the provided hash {hash}")]
    OtherContent {
        /// The document.
        id: String,
        /// The hash that was asked for.
        hash: String,
    },
    /// One document is larger than any may be.
    #[error("The document has {bytes} bytes, at most {max} are allowed (see --document-mib)")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The bound.
        max: u64,
    },
    /// What is said of a document is more than its file takes.
    #[error(
        "The document's id, name, content type and metadata have {bytes} bytes, at most {max} are allowed"
    )]
    TextsTooLarge {
        /// Their size.
        bytes: u64,
        /// The bound.
        max: u64,
    },
    /// The store is no longer written to.
    #[error("The document store is closed: the server is shutting down")]
    Closed,
    /// The store has as many documents as it may have.
    #[error("The document store holds {0} documents, more are not allowed (see --documents-max)")]
    TooMany(u64),
    /// The store has as many bytes as it may have.
    #[error("The document store would hold more than {0} bytes (see --documents-total-mib)")]
    Full(u64),
    /// The signature of a link is not ours, or its time is over.
    #[error("The link to document '{0}' is not valid, or no longer")]
    BadLink(String),
    /// The file is not what was written.
    #[error("The file of document '{id}' is damaged: {why}")]
    Damaged {
        /// The document.
        id: String,
        /// What is wrong.
        why: &'static str,
    },
    /// The disk is full.
    #[error("The disk is full: the document was not kept")]
    NoSpace,
    /// The operating system refused.
    #[error("cannot {action} in the document store: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

/// An error of the operating system; a full disk is one of its own.
pub(crate) fn io(action: &'static str) -> impl Fn(io::Error) -> Error {
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::NoSpace,
        _ => Error::Io { action, source },
    }
}
