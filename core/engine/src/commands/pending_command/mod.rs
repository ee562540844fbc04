//! Commands on this value type.

pub(crate) mod go_on;
