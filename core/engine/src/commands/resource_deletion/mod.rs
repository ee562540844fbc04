//! Commands on deletions.

pub(crate) mod delete;
