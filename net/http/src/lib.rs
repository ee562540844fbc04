//! HTTP for one core: a server for HTTP/1.1 and HTTP/2 on the same port, and a small client.
//!
//! * [`Server`]: connections, limits, graceful stop. A [`Service`] answers requests; it and its futures stay on the core.
//! * [`Body`]: what a response carries: bytes, bytes with trailers, or frames from a [`BodySender`] that learns
//!   when each was handed to the connection.
//! * [`read_body`]: a request's body within a size and a time.
//! * [`balance`]: spreads connections over the cores before they are registered anywhere.
//! * [`client`]: one connection, for the load tool, tests and peers.
//!
//! HTTP/2 is spoken to whoever begins with its preface (prior knowledge); there is no upgrade from HTTP/1.1.
//!
//! Deliberately absent: routing, content types, errors as documents (the gateway's), and TLS.

pub mod balance;
mod body;
pub mod client;
mod conn;
mod limits;
mod read;
mod server;

pub use body::{Aborted, Body, BodySender, TrySendError};
pub use conn::{Connection, Protocol};
pub use hyper::body::Incoming;
pub use limits::{HEADERS_MAX, Limits};
pub use read::{ReadError, read_body};
pub use server::{Server, ServerStats, Service, Stopped};
