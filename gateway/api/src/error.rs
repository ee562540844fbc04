//! What a client is told when it does not get what it asked for, with HTTP status and gRPC code.
//!
//! Codes, titles and the form of messages are Camunda's, since clients switch on them.

use crate::broker::Refusal;
use ringbolt_record::{Rejection, RejectionType, Reply};
use std::time::Duration;

/// An error for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What kind.
    pub kind: ErrorKind,
    /// What and where, for a person.
    pub message: String,
    /// When to try again, if that makes sense.
    pub retry_after: Option<Duration>,
}

/// Kinds of errors, named as Camunda names them in a problem's title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request cannot be read.
    Unreadable,
    /// The request makes no sense.
    InvalidArgument,
    /// What it is about is not there.
    NotFound,
    /// What it makes is there already.
    AlreadyExists,
    /// What it is about is in no state for it.
    InvalidState,
    /// Nobody knows who asks.
    Unauthorized,
    /// Who asks may not.
    Forbidden,
    /// Too much work, too much data, or no space.
    ResourceExhausted,
    /// Not now.
    Unavailable,
    /// What was read belongs together and was changed between: to be read again.
    Torn,
    /// Not in time.
    DeadlineExceeded,
    /// An error of ours.
    Internal,
    /// What the command causes is more than one entry of the log may hold.
    ExceededBatchRecordSize,
    /// Not built yet.
    Unimplemented,
}

impl ErrorKind {
    /// Status of the HTTP response.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Unreadable | Self::InvalidArgument => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::InvalidState => 409,
            Self::Internal | Self::ExceededBatchRecordSize => 500,
            Self::Unimplemented => 501,
            Self::ResourceExhausted | Self::Unavailable | Self::Torn => 503,
            Self::DeadlineExceeded => 504,
        }
    }

    /// Number of the gRPC status.
    pub const fn grpc_code(self) -> u8 {
        match self {
            Self::ExceededBatchRecordSize => 2,
            Self::Unreadable | Self::InvalidArgument => 3,
            Self::DeadlineExceeded => 4,
            Self::NotFound => 5,
            Self::AlreadyExists => 6,
            Self::Unauthorized | Self::Forbidden => 7,
            Self::ResourceExhausted => 8,
            Self::InvalidState => 9,
            Self::Unimplemented => 12,
            Self::Internal => 13,
            Self::Unavailable | Self::Torn => 14,
        }
    }

    /// Title of the problem document.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unreadable => "Bad Request",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::InvalidState => "INVALID_STATE",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::Unavailable | Self::Torn => "UNAVAILABLE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::Internal | Self::ExceededBatchRecordSize => "INTERNAL",
            Self::Unimplemented => "UNIMPLEMENTED",
        }
    }
}

impl From<RejectionType> for ErrorKind {
    fn from(kind: RejectionType) -> Self {
        match kind {
            RejectionType::InvalidArgument => Self::InvalidArgument,
            RejectionType::NotFound => Self::NotFound,
            RejectionType::AlreadyExists => Self::AlreadyExists,
            RejectionType::InvalidState => Self::InvalidState,
            RejectionType::ProcessingError => Self::Internal,
            RejectionType::ExceededBatchRecordSize => Self::ExceededBatchRecordSize,
            RejectionType::Unauthorized => Self::Unauthorized,
            RejectionType::Forbidden => Self::Forbidden,
            RejectionType::ResourceExhausted => Self::ResourceExhausted,
        }
    }
}

/// When to try again what the engine has no room for: it comes as time goes on.
const ROOM_AFTER: Duration = Duration::from_secs(5);

impl ApiError {
    /// An error of a kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }

    /// A request that makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// A request that makes no sense for several reasons, joined as Camunda joins them.
    pub fn violations(violations: &[String]) -> Self {
        let mut message = violations.join(". ");
        if !message.ends_with('.') {
            message.push('.');
        }
        Self::invalid(message)
    }

    /// The engine answered something else than was asked: an error of ours.
    pub fn unexpected(reply: &Reply) -> Self {
        let kind = match reply {
            Reply::Done => "nothing",
            Reply::Deployed(_) => "a deployment",
            Reply::ResourceDeleted { .. } => "a deletion",
            Reply::Resource(_) => "a resource",
            Reply::ProcessInstanceCreated(_) => "an instance",
            Reply::ProcessInstanceResult { .. } => "an instance's result",
            Reply::JobsActivated(_) => "jobs",
            Reply::VariablesSet { .. } => "a key of variables",
            Reply::MessagePublished { .. } => "a message",
            Reply::MessageCorrelated { .. } => "a correlated message",
            Reply::SignalBroadcasted { .. } => "a signal",
            Reply::BatchOperationCreated { .. } => "a batch operation",
            Reply::ConditionalsEvaluated { .. } => "an evaluation of conditions",
            Reply::ClusterVariableChanged(_) => "a cluster variable",
            Reply::ClusterVariables(_) => "cluster variables",
            Reply::DecisionEvaluated(_) => "a decision's evaluation",
            Reply::ExpressionEvaluated(_) => "an expression's evaluation",
        };
        Self::new(
            ErrorKind::Internal,
            format!("Unexpected error occurred during the request processing: the answer was {kind}"),
        )
    }

    /// A rejected command, in the form that users of Camunda know.
    pub fn rejected(intent: &str, rejection: &Rejection) -> Self {
        let Rejection { kind, reason } = rejection;
        let message = format!("Command '{intent}' rejected with code '{kind}': {reason}");
        let retry_after = (*kind == RejectionType::ResourceExhausted).then_some(ROOM_AFTER);
        Self { retry_after, ..Self::new((*kind).into(), message) }
    }

    /// A command without a reply; `intent` is its name on the wire.
    pub fn refused(intent: &str, refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::rejected(intent, &rejection),
            Refusal::Overloaded { retry_after } => Self {
                kind: ErrorKind::ResourceExhausted,
                message: format!(
                    "Expected to handle command '{intent}', but the partition is overloaded; try again in {} ms",
                    retry_after.as_millis()
                ),
                retry_after: Some(retry_after),
            },
            Refusal::PartitionUnavailable { partition, reason } => Self::new(
                ErrorKind::Unavailable,
                format!("Expected to handle command '{intent}' on partition {partition}, but {reason}"),
            ),
            Refusal::UnknownPartition(partition) => Self::new(
                ErrorKind::NotFound,
                format!("Expected to handle command '{intent}' on partition {partition}, but there is none"),
            ),
            Refusal::DeadlineExceeded => Self::new(
                ErrorKind::DeadlineExceeded,
                format!(
                    "Expected to handle command '{intent}', but it was not answered in time; it may still take effect"
                ),
            ),
            Refusal::EvaluationTooLong { limit } => Self::new(
                ErrorKind::DeadlineExceeded,
                format!(
                    "Expected to evaluate the expression within {} ms, but it takes longer",
                    limit.as_millis()
                ),
            ),
            Refusal::DiskFull => Self::new(
                ErrorKind::ResourceExhausted,
                format!(
                    "Expected to handle command '{intent}', but the server's disk is full; \
                     new work is accepted again as soon as there is space"
                ),
            ),
            Refusal::ShuttingDown => Self::new(
                ErrorKind::Unavailable,
                format!("Expected to handle command '{intent}', but the server is shutting down"),
            ),
            Refusal::Internal(reason) => Self::new(
                ErrorKind::Internal,
                format!("Unexpected error occurred during the request processing: {reason}"),
            ),
        }
    }
}
