//! What the protocols ask of the store of documents, and what it answers.

use bytes::Bytes;

/// The name of the only store.
pub const STORE_ID: &str = "local";
/// Metadata of one document as a client sends it, bytes: with the names beside it the store takes it. What is larger is refused unread.
pub const METADATA_BYTES_MAX: usize = 960 * 1024;
/// Name and type of a document, bytes each: they stand in headers.
pub const NAME_BYTES_MAX: usize = 1024;

/// Something about a document. None of it is the engine's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentWish {
    /// Keeps one.
    Create(NewDocument),
    /// Reads one; with a hash, only if its content has that.
    Get {
        /// Its id.
        id: String,
        /// SHA-256 of its content, in hexadecimal digits.
        hash: Option<String>,
    },
    /// Deletes one.
    Delete {
        /// Its id.
        id: String,
    },
    /// Signs a link to one.
    Link {
        /// Its id.
        id: String,
        /// SHA-256 of its content, in hexadecimal digits.
        hash: Option<String>,
        /// How long the link lives, milliseconds; no longer than the store allows.
        lives_ms: i64,
    },
    /// Reads one through a link.
    Follow {
        /// Its id.
        id: String,
        /// When the link ends, milliseconds since 1970-01-01 UTC.
        until_ms: i64,
        /// The link's signature.
        signature: String,
    },
}

/// A document that a client wants to have kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewDocument {
    /// The id that it wants; empty to have one made.
    pub id: String,
    /// The content.
    pub content: Bytes,
    /// The client's word for what it is.
    pub content_type: String,
    /// The client's name for it.
    pub file_name: String,
    /// When it ends, milliseconds since 1970-01-01 UTC, if ever.
    pub expires_at_ms: Option<i64>,
    /// The metadata that clients are told, as JSON.
    pub metadata: String,
}

/// What the store answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentReply {
    /// It is kept.
    Created {
        /// Its id.
        id: String,
        /// SHA-256 of its content, in hexadecimal digits.
        hash: String,
    },
    /// Its content.
    Content {
        /// The bytes.
        content: Bytes,
        /// The client's word for what it is; not trusted.
        content_type: String,
        /// The client's name for it.
        file_name: String,
    },
    /// It is gone.
    Deleted,
    /// A link.
    Signed {
        /// When it ends, milliseconds since 1970-01-01 UTC.
        until_ms: i64,
        /// Its signature.
        signature: String,
    },
}
