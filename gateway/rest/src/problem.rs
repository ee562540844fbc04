//! Errors as RFC 9457 documents, with the titles and details of Camunda's gateway.

use crate::answer::{Answer, AnswerBody, PROBLEM};
use bytes::Bytes;
use ringbolt_api::json::{put, put_number, put_text};
use ringbolt_api::{ApiError, ErrorKind};

/// An error that a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) title: &'static str,
    pub(crate) detail: String,
    pub(crate) extra: Option<(&'static str, String)>,
    /// The partitions of which there may be more than was looked through.
    pub(crate) incomplete: Option<Box<str>>,
    /// A read met the middle of something that ends: it is to be tried again.
    pub(crate) is_torn: bool,
}

impl Problem {
    pub(crate) fn new(status: u16, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into(), extra: None, incomplete: None, is_torn: false }
    }

    /// The body or path cannot be read at all.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, "Bad Request", detail)
    }

    /// The response; `instance` is the request's path.
    pub(crate) fn answer<S>(self, instance: &str) -> Answer<S> {
        let document = self.document(instance);
        Answer {
            status: self.status,
            content_type: Some(PROBLEM),
            extra: self.extra,
            incomplete: self.incomplete,
            body: AnswerBody::Document(document),
        }
    }

    /// Its text.
    pub(crate) fn document(&self, instance: &str) -> Bytes {
        let mut out = Vec::with_capacity(160 + self.detail.len() + instance.len());
        put(&mut out, r#"{"type":"about:blank","title":"#);
        put_text(&mut out, self.title);
        put(&mut out, r#","status":"#);
        put_number(&mut out, self.status);
        put(&mut out, r#","detail":"#);
        put_text(&mut out, &self.detail);
        put(&mut out, r#","instance":"#);
        put_text(&mut out, instance);
        out.push(b'}');
        out.into()
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        let mut problem = Self::new(error.kind.http_status(), error.kind.title(), error.message);
        problem.is_torn = error.kind == ErrorKind::Torn;
        if let Some(after) = error.retry_after {
            // The header knows whole seconds only; never earlier than asked.
            problem.extra = Some(("retry-after", after.as_millis().div_ceil(1000).max(1).to_string()));
        }
        problem
    }
}
