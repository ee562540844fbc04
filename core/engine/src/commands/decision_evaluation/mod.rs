//! Commands on evaluations of decisions.

pub(crate) mod evaluate;
