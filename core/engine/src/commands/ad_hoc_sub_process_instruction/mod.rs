//! Commands on this value type.

pub(crate) mod activate;
