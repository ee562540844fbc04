//! Commands on this value type.

mod check;
mod compensations;
mod elements;
mod events;
mod flows;
mod map;
pub(crate) mod migrate;
mod user_task;
