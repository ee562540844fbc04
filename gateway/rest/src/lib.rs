//! REST API v2: paths and JSON on one side, `ringbolt-api` on the other.
//!
//! Code map
//! - `route`: which operation of the table a request is, without allocating.
//! - `validate`: a body in one pass: held against its schema, its fields found, all that is wrong in one answer.
//! - `parameters`: those of the path and the query.
//! - `rest`: [`Rest`], from a routed request to an [`Answer`]; no sockets, so that tests need none.
//! - `jobs`, `deployments`, `documents`: operations that are unlike others. `form`: bodies of several parts. `pages`: descriptions, and pages for people (`ringbolt-web`).
//! - `accept`: what a client wants to have. `charset`: bodies that are not UTF-8. `disposition`: names of a form's parts.
//! - `packing`: large answers as gzip.
//! - `problem`: errors as RFC 9457 documents. `turned_away`: the one that thousands get.
//! - `stream`: jobs as lines of JSON. `live`: what changes, as server-sent events. `service`: [`Rest`] as a [`ringbolt_http::Service`].
//! - `wanted`: requests that are over when their client is gone.
//!
//! Invariants
//! - A request's JSON is read once; variables are handed on as the slice of the body that they are, and written into
//!   responses as the bytes that they are.
//! - Every response but 2xx carries a problem document.
//!
//! Deliberately absent: what operations there are and mean (`ringbolt-api`), HTTP (`ringbolt-http`), authentication.

mod accept;
mod answer;
mod charset;
mod deployments;
mod disposition;
mod documents;
mod form;
mod jobs;
mod live;
mod looks;
mod packing;
mod pages;
mod parameters;
mod problem;
mod rest;
mod route;
mod service;
mod stream;
mod turned_away;
mod validate;
mod wanted;

#[cfg(test)]
mod tests;

pub use answer::{Answer, AnswerBody, Attachment};
pub use rest::{Browser, Head, Rest};
pub use route::{Page, Route, route};
