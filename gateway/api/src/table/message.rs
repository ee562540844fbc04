//! Operations: message.

use crate::objects::message::{
    MESSAGE_CORRELATION_REQUEST, MESSAGE_CORRELATION_RESULT, MESSAGE_PUBLICATION_REQUEST,
    MESSAGE_PUBLICATION_RESULT,
};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Message",
    operations: &[
        op("correlateMessage", Method::Post, "/messages/correlation", Version::V8_6)
            .json(Schema::Object(&MESSAGE_CORRELATION_REQUEST))
            .gives(&[json(200, Schema::Object(&MESSAGE_CORRELATION_RESULT))])
            .errors(&[400, 403, 404, 500, 503]),
        op("publishMessage", Method::Post, "/messages/publication", Version::V8_6)
            .json(Schema::Object(&MESSAGE_PUBLICATION_REQUEST))
            .gives(&[json(200, Schema::Object(&MESSAGE_PUBLICATION_RESULT))])
            .errors(&[400, 500, 503]),
    ],
};
