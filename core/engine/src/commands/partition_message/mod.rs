//! What passes between partitions: messages, acknowledgements, and what is sent again.

pub(crate) mod acknowledge;
pub(crate) mod deliver;
pub(crate) mod send_again;
