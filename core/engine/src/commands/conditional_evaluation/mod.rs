//! Commands on evaluations of conditions.

pub(crate) mod evaluate;
