//! HTTP for one core: a server for HTTP/1.1 and HTTP/2 on the same port, plain or under TLS, and a small client.
//!
//! * [`Server`]: connections, limits, graceful stop. A [`Service`] answers requests; it and its futures stay on the core.
//! * [`Body`]: what a response carries: bytes, bytes with trailers, or frames from a [`BodySender`] that learns
//!   when each was handed to the connection.
//! * [`read_body`]: a request's body within a size and a time.
//! * [`balance`]: spreads connections over the cores before they are registered anywhere.
//! * [`Guard`]: which names a port answers to, and from which pages a browser may ask.
//! * [`client`]: one connection, for the load tool, tests and peers.
//!
//! * [`ServerTls`], [`client::ClientTls`]: certificates, and what a client trusts.
//!
//! HTTP/2 is spoken to whoever agrees on it under TLS or begins with its preface (prior knowledge); there is no upgrade from HTTP/1.1.
//!
//! A client that ends its sending half still gets its answer; [`Connection::ended`] tells a service that has reason to doubt that anybody
//! waits.
//!
//! A connection goes through `open` (TLS, which protocol), then `serve` drives it: `http1` over `ringbolt_http1`, or `http2` over
//! `ringbolt_http2`. `frames` counts what nobody needs to send. The client is hyper's over both.
//!
//! Deliberately absent: routing, content types, errors as documents (the gateway's), but for those that no service sees.

mod arriving;
mod authority;
pub mod balance;
mod body;
mod buffer;
pub mod client;
mod conn;
mod date;
mod frames;
mod guard;
mod http1;
mod http2;
mod incoming;
mod limits;
mod notice;
mod open;
mod problem;
mod read;
mod receipt;
pub mod request_id;
mod serve;
mod server;
mod stats;
mod tls;
mod transport;
mod unsent;

pub use arriving::{ArrivingBytes, ArrivingShare};
pub use body::{Aborted, Body, BodySender, TrySendError};
pub use conn::{Connection, Protocol};
pub use guard::{Guard, HostName, Hosts, NotASite, Origin, Reason, Sites, is_of_host};
pub use incoming::{BodyError, Incoming};
pub use limits::{HEADERS_MAX, Limits};
pub use notice::{Notice, OnNotice};
pub use read::{ReadError, read_arriving_body, read_body, skip_body};
pub use receipt::Receipt;
pub use server::{Answering, Server, Service, Setup, Stopped, TurnedAway};
pub use stats::{ServerStats, StatsReader};
pub use tls::{HandshakeFailure, Offer, ServerTls, TlsError, TlsFiles, TlsWarning};
pub use transport::Transport;
pub use unsent::UnsentBytes;
