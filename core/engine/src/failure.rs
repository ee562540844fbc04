//! How processing ends other than well.

use ringbolt_record::{ErrorType, Key, Rejection, RejectionType};

/// A command does not succeed; everything it did is undone.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The client asked for what cannot be.
    Rejected(Rejection),
    /// Something that cannot happen has happened.
    Unexpected(Unexpected),
}

/// Something that cannot happen has happened in an instance.
#[derive(Debug)]
pub(crate) struct Unexpected {
    /// The instance to ban; none when the failure belongs to none.
    pub(crate) process_instance_key: Key,
    pub(crate) message: String,
}

/// An element instance cannot go on: an incident is raised, what was done so far stays.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error_type: ErrorType,
    pub(crate) message: String,
    /// Where variables that mend it belong; the element instance itself if none.
    pub(crate) variable_scope_key: Key,
}

/// How an element's hook ends other than well.
#[derive(Debug)]
pub(crate) enum Interruption {
    Incident(Failure),
    Unexpected(Unexpected),
}

impl Failure {
    pub(crate) fn new(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into(), variable_scope_key: Key::NONE }
    }
}

impl Unexpected {
    pub(crate) fn new(process_instance_key: Key, message: impl Into<String>) -> Self {
        Self { process_instance_key, message: message.into() }
    }
}

impl From<Failure> for Interruption {
    fn from(failure: Failure) -> Self {
        Self::Incident(failure)
    }
}

impl From<Unexpected> for Interruption {
    fn from(unexpected: Unexpected) -> Self {
        Self::Unexpected(unexpected)
    }
}

impl From<Unexpected> for Refusal {
    fn from(unexpected: Unexpected) -> Self {
        Self::Unexpected(unexpected)
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Shorthands for the usual rejections.
pub(crate) fn not_found(reason: String) -> Refusal {
    Rejection::new(RejectionType::NotFound, reason).into()
}

pub(crate) fn invalid_state(reason: String) -> Refusal {
    Rejection::new(RejectionType::InvalidState, reason).into()
}

pub(crate) fn invalid_argument(reason: impl Into<String>) -> Refusal {
    Rejection::new(RejectionType::InvalidArgument, reason).into()
}
