//! How a single request failed, in one vocabulary for both protocols.

use ringbolt_grpc::{Code, Status};
use std::fmt;

/// What kind of failure; the name under which it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A gRPC status other than OK.
    Grpc(Code),
    /// An HTTP status of 400 or more.
    Http(u16),
    /// No answer: the connection could not be made or broke.
    Connection,
    /// An answer that says something else than the protocol.
    Answer,
}

impl Failure {
    /// Whether the server asked for less load or time; the same request may succeed later.
    pub(crate) fn is_overload(self) -> bool {
        match self {
            Self::Grpc(code) => matches!(code, Code::ResourceExhausted | Code::Unavailable),
            Self::Http(status) => matches!(status, 429 | 503),
            Self::Connection | Self::Answer => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grpc(code) => write!(f, "{code:?}"),
            Self::Http(status) => write!(f, "HTTP {status}"),
            Self::Connection => f.write_str("connection"),
            Self::Answer => f.write_str("answer"),
        }
    }
}

/// A failed request.
#[derive(Clone, Debug)]
pub(crate) struct CallError {
    pub(crate) failure: Failure,
    /// The server's words, or the connection's error.
    pub(crate) message: String,
}

impl CallError {
    pub(crate) fn new(failure: Failure, message: impl Into<String>) -> Self {
        Self { failure, message: message.into() }
    }

    pub(crate) fn connection(error: impl fmt::Display) -> Self {
        Self::new(Failure::Connection, error.to_string())
    }
}

impl From<Status> for CallError {
    fn from(status: Status) -> Self {
        Self { failure: Failure::Grpc(status.code), message: status.message }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.failure, self.message)
    }
}
