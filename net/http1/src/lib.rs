//! The server's side of one HTTP/1.1 or HTTP/1.0 connection (RFC 9112): bytes in, events out, bytes out. No I/O, no tasks, no clock.
//!
//! * [`Connection::receive`] takes what was read and says what came of it, event by event: one request, then nothing more until that
//!   is answered.
//! * [`Connection::respond`], [`Connection::send_data`] and [`Connection::send_end`] make bytes of its answer; [`Connection::slices`] is what
//!   is to be written; [`Connection::finish`] says whether another request may follow.
//! * [`Heads`] remembers headers that clients repeat, for all connections of a core.
//!
//! Invariants
//! - Where a request ends is never a matter of opinion: what two readers could understand differently (RFC 9112, section 11.2) is an error, after
//!   which nothing more is read.
//! - What comes of a client's bytes does not depend on where they were cut.
//! - Nothing that a client sends is held here but the beginning of one head, and the trailers of one body, both bounded.
//!
//! Deliberately absent: the client's side, upgrades and tunnels, codings other than `chunked`, trailers of answers, and limits in time: whoever
//! drives the connection asks [`Connection::owes`] and has a clock.

mod connection;
mod decoder;
mod fields;
mod heads;
mod line;
mod output;
mod respond;
#[cfg(test)]
mod tests;

pub use connection::{Connection, Error, Event};
pub use fields::{HEADERS_MAX, RequestBody};
pub use heads::Heads;
pub use respond::Answer;
