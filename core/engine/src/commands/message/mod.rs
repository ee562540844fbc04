//! Commands on messages.

pub(crate) mod correlate;
pub(crate) mod expire;
pub(crate) mod publish;
