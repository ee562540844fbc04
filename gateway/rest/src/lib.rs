//! REST API v2: paths and JSON on one side, `ringbolt-api` on the other.
//!
//! Code map
//! - `operations`: every operation of the protocol. `router`: which of them a request is, without allocating.
//! - `rest`: [`Rest`], from a routed request to an [`Answer`]; no sockets, so that tests need none.
//! - `instances`, `jobs`, `decisions`, `cluster`, `deployments`: the operations, by topic.
//! - `charset`: bodies that are not UTF-8. `disposition`: names of a form's parts.
//! - `fields`: reading request bodies; errors name the property. `json`: writing responses.
//! - `problem`: errors as RFC 9457 documents.
//! - `stream`: jobs as lines of JSON. `service`: [`Rest`] as a [`ringbolt_http::Service`].
//!
//! Invariants
//! - A request's JSON is read once as a whole; variables are handed on as the slice of the body that they are, and written into
//!   responses as the bytes that they are.
//! - Every response but 2xx carries a problem document.
//!
//! Deliberately absent: what requests mean (`ringbolt-api`), HTTP (`ringbolt-http`), search, authentication.

mod answer;
mod charset;
mod cluster;
mod decisions;
mod deployments;
mod disposition;
mod fields;
mod instances;
mod jobs;
mod json;
mod operations;
mod problem;
mod rest;
mod router;
mod service;
mod stream;

#[cfg(test)]
mod tests;

pub use answer::{Answer, AnswerBody};
pub use operations::{OPERATIONS, OWN_OPERATIONS, Operation};
pub use rest::{Head, Rest};
pub use router::{Route, route};
