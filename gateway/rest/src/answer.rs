//! A response before it is HTTP.

use bytes::Bytes;
use ringbolt_api::watch::Watching;
use ringbolt_http::Receipt;

/// A response. `S` is the stream of jobs behind a streamed one.
#[derive(Debug)]
pub struct Answer<S> {
    /// HTTP status.
    pub status: u16,
    /// Value of `content-type`; none without a body.
    pub content_type: Option<&'static str>,
    /// A header that only some responses have.
    pub extra: Option<(&'static str, String)>,
    /// The partitions of which there may be more than it has.
    pub incomplete: Option<Box<str>>,
    /// What follows the headers.
    pub body: AnswerBody<S>,
}

/// What follows the headers.
#[derive(Debug)]
pub enum AnswerBody<S> {
    /// Nothing.
    Empty,
    /// A document.
    Document(Bytes),
    /// A document that nobody else is given, and who hears whether it arrived.
    Once(Bytes, Box<dyn Receipt>),
    /// A document of a client's own, which no browser shows as a page.
    Attachment(Attachment),
    /// A page for people, or a part of one, with the headers that pages have.
    Page(Bytes, Vec<(&'static str, String)>),
    /// Jobs, a line each, as they come.
    Jobs(S),
    /// What changes, an event each, as it does.
    Live(Box<dyn Watching>),
}

/// A document of a client's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The bytes.
    pub content: Bytes,
    /// The client's word for what it is; not trusted.
    pub content_type: String,
    /// The client's name for it.
    pub file_name: String,
}

/// A JSON document.
pub(crate) const JSON: &str = "application/json";
/// A problem document.
pub(crate) const PROBLEM: &str = "application/problem+json";
/// Lines of JSON.
pub(crate) const NDJSON: &str = "application/x-ndjson";

impl<S> Answer<S> {
    /// 204.
    pub(crate) fn no_content() -> Self {
        Self { status: 204, content_type: None, extra: None, incomplete: None, body: AnswerBody::Empty }
    }

    /// 200 with a document.
    pub(crate) fn json(document: Vec<u8>) -> Self {
        Self {
            status: 200,
            content_type: Some(JSON),
            extra: None,
            incomplete: None,
            body: AnswerBody::Document(document.into()),
        }
    }
}
