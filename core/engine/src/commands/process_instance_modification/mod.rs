//! Commands on this value type.

mod check;
mod instructions;
pub(crate) mod modify;
mod scopes;
