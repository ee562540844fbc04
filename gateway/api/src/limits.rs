//! Every bound of the gateway, as named settings with their defaults.

use crate::schema::Level;
use ringbolt_record::{ID_BYTES_MAX, JOB_BYTES_MAX};
use std::time::Duration;

/// What a request spends besides its variables: names, keys, punctuation, framing.
pub const ENVELOPE_BYTES: usize = 64 * 1024;

/// Bounds of requests. One set for both protocols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Which level of the protocols clients are told, and given.
    pub level: Level,
    /// Whether there is secondary storage, by which batch operations select.
    pub is_searchable: bool,
    /// Scheme of the addresses that clients are told.
    pub scheme: &'static str,
    /// JSON of the variables of one request, bytes. What is larger is refused.
    pub variables_bytes_max: usize,
    /// All resources of one deployment, bytes. What is larger is refused.
    pub deployment_bytes_max: usize,
    /// All documents of one request, bytes. What is larger is refused.
    pub documents_bytes_max: usize,
    /// Documents of one request. More are refused.
    pub documents_max: usize,
    /// Resources of one deployment. More are refused.
    pub deployment_resources_max: usize,
    /// Jobs of one activation. Whoever asks for more gets this many.
    pub activation_jobs_max: u32,
    /// Variables of the jobs of one activation, bytes. Whoever asks for more gets fewer jobs.
    pub activation_bytes_max: u32,
    /// Type of a job or id of a process, bytes: they are part of state keys. Longer ones are refused.
    pub id_bytes_max: usize,
    /// How long a message may ask to be kept, milliseconds. Longer is refused.
    pub message_time_to_live_max: i64,
    /// Name of a worker, bytes. Longer ones are refused.
    pub worker_bytes_max: usize,
    /// Names of variables to fetch, and start or runtime instructions. More are refused.
    pub list_items_max: usize,
    /// Names of variables to fetch together, bytes: they are kept for as long as a poll waits or a stream is open. More are refused.
    pub names_bytes_max: usize,
    /// An expression that a client has evaluated, bytes. Longer ones are refused.
    pub expression_bytes_max: usize,
    /// Message of an error or failure, bytes. Longer ones are refused.
    pub error_message_bytes_max: usize,
    /// How long a request waits for its answer, unless it says otherwise.
    pub request_timeout: Duration,
    /// The longest that a request may ask to wait for its answer.
    pub request_timeout_max: Duration,
    /// How long an activation waits for jobs, unless it says otherwise.
    pub long_poll_timeout: Duration,
    /// The longest that an activation may ask to wait; longer ones end with no job after this.
    pub long_poll_timeout_max: Duration,
    /// How long the body of a request may take to arrive.
    pub body_timeout: Duration,
    /// Pushed jobs that wait for room in their connection, for each stream.
    pub stream_frames_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            level: Level::default(),
            is_searchable: true,
            scheme: "http",
            variables_bytes_max: 4 * 1024 * 1024,
            deployment_bytes_max: 4 * 1024 * 1024,
            documents_bytes_max: 10 * 1024 * 1024,
            documents_max: 256,
            deployment_resources_max: 256,
            activation_jobs_max: 4096,
            activation_bytes_max: JOB_BYTES_MAX,
            id_bytes_max: ID_BYTES_MAX,
            message_time_to_live_max: 365_000 * 86_400_000,
            worker_bytes_max: 1024,
            list_items_max: 1024,
            names_bytes_max: 64 * 1024,
            expression_bytes_max: 64 * 1024,
            error_message_bytes_max: 64 * 1024,
            request_timeout: Duration::from_secs(15),
            request_timeout_max: Duration::from_secs(3600),
            long_poll_timeout: Duration::from_secs(10),
            long_poll_timeout_max: Duration::from_secs(3600),
            body_timeout: Duration::from_secs(30),
            stream_frames_max: 128,
        }
    }
}

impl Limits {
    /// Bytes of a whole request other than a deployment.
    pub fn request_bytes_max(&self) -> usize {
        self.variables_bytes_max.saturating_add(ENVELOPE_BYTES)
    }

    /// Bytes of a whole deployment.
    pub fn deployment_request_bytes_max(&self) -> usize {
        self.deployment_bytes_max.saturating_add(ENVELOPE_BYTES)
    }

    /// Bytes of a whole request with documents.
    pub fn documents_request_bytes_max(&self) -> usize {
        self.documents_bytes_max.saturating_add(ENVELOPE_BYTES)
    }

    /// How long to wait for an answer when the client asks for this many milliseconds; 0 or less is the default.
    pub fn request_timeout_of(&self, asked_ms: i64) -> Duration {
        match u64::try_from(asked_ms) {
            Ok(0) | Err(_) => self.request_timeout,
            Ok(asked_ms) => Duration::from_millis(asked_ms).min(self.request_timeout_max),
        }
    }
}
