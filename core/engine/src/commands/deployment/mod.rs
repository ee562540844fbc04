//! Commands on deployments.

pub(crate) mod create;
pub(crate) mod distribute;
