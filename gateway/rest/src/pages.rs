//! What stands beside the operations: their description, and a page to try them. All of it is in the binary; nothing is loaded from
//! elsewhere.

mod openapi;

use crate::answer::{Answer, AnswerBody, JSON};
use crate::route::Page;
use bytes::Bytes;
use ringbolt_api::schema::Level;
use std::sync::OnceLock;

use openapi::describe;
#[cfg(test)]
pub(crate) use openapi::page;

const HTML: &str = include_str!("pages/try.html");
const SCRIPT: &str = include_str!("pages/try.js");
const STYLE: &str = include_str!("pages/try.css");

impl Page {
    /// Its content type.
    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::OpenApi => JSON,
            Self::Try => "text/html; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Style => "text/css; charset=utf-8",
        }
    }

    /// The page's answer.
    pub(crate) fn answer<S>(self, level: Level) -> Answer<S> {
        let body = match self {
            Self::OpenApi => description(level),
            Self::Try => Bytes::from_static(HTML.as_bytes()),
            Self::Script => Bytes::from_static(SCRIPT.as_bytes()),
            Self::Style => Bytes::from_static(STYLE.as_bytes()),
        };
        Answer {
            status: 200,
            content_type: Some(self.media()),
            extra: None,
            body: AnswerBody::Document(body),
        }
    }
}

/// The description of a level, made when somebody asks first.
fn description(level: Level) -> Bytes {
    static MADE: [OnceLock<Bytes>; 2] = [OnceLock::new(), OnceLock::new()];
    MADE[level as usize].get_or_init(|| describe(level).into()).clone()
}
