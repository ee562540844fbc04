//! The Zeebe gateway protocol: messages, and a handler for each call that Ringbolt answers.
//!
//! Code map
//! - `messages`: the protocol's messages, by hand; names and field numbers are the protocol's.
//! - `calls`: requests to commands, replies to responses.
//! - `service`: [`register`]s the calls with a router; the others are refused by name.
//!
//! Invariants
//! - JSON texts are `Bytes` on the way in and out: never copied into a string, checked once by the variable document's parser.
//! - No call does more than map: what a request means is `ringbolt-api`'s.
//!
//! Deliberately absent: framing, deadlines and compression (`net/grpc`), and a code generator.

mod calls;
mod job_messages;
pub mod messages;
mod service;

#[cfg(test)]
mod tests;

pub use service::{GATEWAY_SERVICE, grpc_limits, register};
