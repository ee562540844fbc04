//! Commands on resources.

pub(crate) mod fetch;
