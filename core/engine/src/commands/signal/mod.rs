//! Commands on signals.

pub(crate) mod broadcast;
