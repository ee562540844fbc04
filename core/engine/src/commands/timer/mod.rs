//! Commands on timers.

pub(crate) mod trigger;
