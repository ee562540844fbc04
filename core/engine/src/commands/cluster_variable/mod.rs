//! Commands on cluster variables.

pub(crate) mod change;
pub(crate) mod fetch;
