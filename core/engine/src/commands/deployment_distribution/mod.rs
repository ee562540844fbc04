//! Commands on deployments on their way to other partitions.

pub(crate) mod complete;
pub(crate) mod send_again;
