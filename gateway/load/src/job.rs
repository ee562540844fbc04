//! Jobs, whichever protocol they come by.

use std::time::Duration;

/// How long a published message waits for whom it is.
pub(crate) const MESSAGE_LIFE: Duration = Duration::from_secs(60);

/// A job that this client was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) key: i64,
    pub(crate) instance_key: i64,
    /// When the server may give it to somebody else, Unix milliseconds.
    pub(crate) deadline_ms: i64,
}

/// Which jobs a worker asks for.
#[derive(Clone, Debug)]
pub(crate) struct JobQuery {
    pub(crate) job_type: String,
    pub(crate) worker: String,
    /// How long a job stays this worker's.
    pub(crate) timeout_ms: i64,
}
