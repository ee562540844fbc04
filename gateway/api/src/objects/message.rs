//! Objects of the protocol: message.

use crate::schema::kinds::{KEY, LONG, TENANT, TEXT, text};
use crate::schema::{Object, Schema, field};

/// `MessageCorrelationRequest`.
pub static MESSAGE_CORRELATION_REQUEST: Object = Object {
    name: "MessageCorrelationRequest",
    fields: &[
        field("name", TEXT).required(),
        field("correlationKey", TEXT),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
        field("businessId", text(1, 256)).since_8_10(),
    ],
};

/// `MessageCorrelationResult`.
pub static MESSAGE_CORRELATION_RESULT: Object = Object {
    name: "MessageCorrelationResult",
    fields: &[
        field("tenantId", TENANT).required(),
        field("messageKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
    ],
};

/// `MessagePublicationRequest`.
pub static MESSAGE_PUBLICATION_REQUEST: Object = Object {
    name: "MessagePublicationRequest",
    fields: &[
        field("name", TEXT).required(),
        field("correlationKey", TEXT),
        field("timeToLive", LONG),
        field("messageId", TEXT),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
        field("businessId", text(1, 256)).since_8_10(),
    ],
};

/// `MessagePublicationResult`.
pub static MESSAGE_PUBLICATION_RESULT: Object = Object {
    name: "MessagePublicationResult",
    fields: &[field("tenantId", TENANT).required(), field("messageKey", KEY).required()],
};
