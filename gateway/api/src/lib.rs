//! What REST and gRPC have in common: the port to the engine, requests as commands, refusals as errors.
//!
//! Code map
//! - `broker`: [`Broker`], what the server gives the protocols: submit, poll, stream, topology.
//! - `documents`: what the protocols ask of the store of documents.
//! - `request`: a client's wishes as [`Request`]s, checked the same way for both protocols.
//! - `gateway`: [`Gateway`], which finds a request's partition, submits it and names what was refused.
//! - `error`: [`ApiError`] with its HTTP status and its gRPC code.
//! - `position`: how clients name what they wrote.
//! - `pump`: carries jobs to a connection and reports what arrived there.
//! - `json`, `value`: writing JSON, and reading what was checked. `call`: a request as an operation's block sees it.
//! - `table`: every operation of the REST protocol as one block; `operation`: what a block is; `schema`, `objects`: what values are.
//! - `search`: what is looked up in secondary storage: bodies as queries, rows as documents.
//! - `time`: times as the protocol writes them. `trace`: the trace id of a request.
//! - `limits`: every bound, as a named setting.
//! - `fake` (tests only): a scripted [`Broker`].
//!
//! Invariants
//! - One mapping for both protocols: neither builds a command or words a rejection by itself.
//! - Nothing in here does I/O or waits by a clock; the broker keeps the time.
//!
//! Deliberately absent: checking JSON, paths and headers (`gateway/rest`), protobuf (`gateway/grpc`), authentication.

pub mod broker;
pub mod call;
pub mod documents;
pub mod error;
#[cfg(any(test, feature = "test-support"))]
pub mod fake;
pub mod gateway;
pub mod json;
pub mod limits;
pub mod listeners;
pub mod objects;
pub mod operation;
pub mod position;
pub mod pump;
pub mod request;
pub mod schema;
pub mod search;
pub mod table;
#[cfg(test)]
mod tests;
pub mod time;
pub mod trace;
pub mod value;
pub mod watch;

pub use broker::{
    Broker, BrokerInfo, Failed, Failure, JobPoll, JobStream, JobStreamSpec, LongPoll, PartitionHealth,
    PartitionInfo, PartitionRole, Refusal, Submission, Topology,
};
pub use error::{ApiError, ErrorKind};
pub use gateway::Gateway;
pub use limits::Limits;
pub use request::{Mapper, Protocol, Request, Target};

/// Ringbolt's own version.
pub const RINGBOLT_VERSION: &str = env!("CARGO_PKG_VERSION");
