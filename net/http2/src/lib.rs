//! The server's side of one HTTP/2 connection (RFC 9113, RFC 7541): bytes in, events out, bytes out. No I/O, no tasks, no clock.
//!
//! * [`Connection::receive`] takes what was read and says what came of it, event by event.
//! * [`Connection::respond`], [`Connection::send_data`] and [`Connection::send_trailers`] make frames of answers, as far as the client's windows
//!   have room; [`Connection::slices`] is what is to be written.
//! * Each stream carries a `T` of whoever drives the connection; it comes back when the stream ends.
//!
//! Invariants
//! - Nothing that a client sends is held here but the beginning of one frame and of one header block, both bounded: bodies are handed out as
//!   they come, and the client's windows open only for what was given back by [`Connection::return_bytes`].
//! - An error of a stream ends that stream, an error of the connection is returned once, and then nothing more is read.
//!
//! Deliberately absent: the client's side, pushes, priorities, and limits in time: whoever drives the connection asks [`Connection::owes`]
//! and [`Connection::counts`] and has a clock.

mod blocks;
mod code;
mod connection;
mod frame;
mod hpack;
mod memo;
mod output;
mod request;
mod send;
mod settings;
mod stream;
#[cfg(test)]
mod tests;

pub use code::{Code, Error};
pub use connection::{By, Connection, Counts, Event};
pub use frame::{PREFACE, Payload};
pub use request::RequestHead;
pub use settings::Bounds;
pub use stream::Key;
