//! What every kind of model document has in common: bytes to a bounded XML tree, and how what is wrong with it is
//! named and written.
//!
//! Code map: `document` (the way from bytes to a tree, with `decode` and `scan`), `limits`, `name`, `findings` (collects what
//! is wrong while a document is compiled), `violation` (the result, and a deployment's rejection text).
//!
//! Invariants: any bytes end in bounded time and memory; document type declarations and entities of one's own are
//! refused; the same bytes give the same violations, in document order. Deliberately not here: what the elements mean.

mod decode;
mod document;
mod findings;
mod limits;
mod name;
mod scan;
mod violation;

pub use document::{describe, parse, read};
pub use findings::{Findings, Identity, Node, attr, document_violation, id_in, local, text_content};
pub use limits::DocumentLimits;
pub use name::is_valid_id;
pub use violation::{
    DEPLOYMENT_REJECTION_PREFIX, Position, REPORT_BYTES_MAX, Subject, Violation, clip, format_rejection,
    format_violations,
};
