//! Commands on expressions.

pub(crate) mod evaluate;
