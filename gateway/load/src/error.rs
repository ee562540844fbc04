//! Why a load application ended early. What goes wrong with single requests is counted, not an [`Error`].

use crate::call::CallError;

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A host name or address that leads nowhere.
    #[error("the address {address} cannot be used: {why}")]
    Address {
        /// As it was given.
        address: String,
        /// The reason.
        why: String,
    },
    /// A step before the load failed.
    #[error("{step} failed: {why}")]
    Setup {
        /// What was tried.
        step: &'static str,
        /// The server's answer or the connection's error.
        why: String,
    },
    /// Arguments that contradict each other.
    #[error("{0}")]
    Arguments(String),
    /// A file could not be read or written.
    #[error("cannot {action} {path}: {error}")]
    File {
        /// `read` or `write`.
        action: &'static str,
        /// Which file.
        path: String,
        /// The system's reason.
        error: std::io::Error,
    },
    /// The executor could not be started.
    #[error("{0}")]
    Start(String),
}

impl Error {
    pub(crate) fn call(step: &'static str, error: &CallError) -> Self {
        Self::Setup { step, why: error.to_string() }
    }
}
