//! Commands on messages.

pub(crate) mod expire;
pub(crate) mod publish;
