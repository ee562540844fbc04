//! Operations: message.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_key, put_text};
use crate::objects::message::{
    MESSAGE_CORRELATION_REQUEST, MESSAGE_CORRELATION_RESULT, MESSAGE_PUBLICATION_REQUEST,
    MESSAGE_PUBLICATION_RESULT,
};
use crate::operation::{Group, Method, Version, Written, json, op};
use crate::request::Request;
use crate::schema::{Level, Object, Schema};
use ringbolt_record::command::{CorrelateMessage, PublishMessage};
use ringbolt_record::{DEFAULT_TENANT, DurationMs, Key, Reply};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Message",
    operations: &[
        op("correlateMessage", Method::Post, "/messages/correlation", Version::V8_6)
            .json(Schema::Object(&MESSAGE_CORRELATION_REQUEST))
            .says("Publishes a message that is not kept, and answers when it has reached an instance")
            .new_work("CORRELATE", correlate, correlated)
            .gives(&[json(200, Schema::Object(&MESSAGE_CORRELATION_RESULT))])
            .errors(&[400, 403, 404, 500, 503]),
        op("publishMessage", Method::Post, "/messages/publication", Version::V8_6)
            .json(Schema::Object(&MESSAGE_PUBLICATION_REQUEST))
            .says("Publishes a message, for those who wait for it or will before its time is over")
            .new_work("PUBLISH", publish, published)
            .gives(&[json(200, Schema::Object(&MESSAGE_PUBLICATION_RESULT))])
            .errors(&[400, 500, 503]),
    ],
};

fn publish(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &MESSAGE_PUBLICATION_REQUEST;
    call.check()?;
    let message = PublishMessage {
        name: call.text_or_empty(const { BODY.at("name") }),
        correlation_key: call.text_or_empty(const { BODY.at("correlationKey") }),
        time_to_live: DurationMs(call.long(const { BODY.at("timeToLive") }).unwrap_or_default()),
        message_id: call.text_or_empty(const { BODY.at("messageId") }),
        business_id: call.text_or_empty(const { BODY.at("businessId") }),
        variables: call.variables(const { BODY.at("variables") })?,
        tenant_id: call.text_or_empty(const { BODY.at("tenantId") }),
    };
    call.mapper.publish_message(message)
}

fn correlate(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &MESSAGE_CORRELATION_REQUEST;
    call.check()?;
    let message = CorrelateMessage {
        name: call.text_or_empty(const { BODY.at("name") }),
        correlation_key: call.text_or_empty(const { BODY.at("correlationKey") }),
        business_id: call.text_or_empty(const { BODY.at("businessId") }),
        variables: call.variables(const { BODY.at("variables") })?,
        tenant_id: call.text_or_empty(const { BODY.at("tenantId") }),
    };
    call.mapper.correlate_message(message)
}

fn correlated(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::MessageCorrelated { message_key, process_instance_key } = reply else {
        return Written::Unexpected;
    };
    put_message(out, *message_key);
    put(out, r#","processInstanceKey":"#);
    put_key(out, *process_instance_key);
    out.push(b'}');
    Written::Yes
}

fn published(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::MessagePublished { message_key } = reply else { return Written::Unexpected };
    put_message(out, *message_key);
    out.push(b'}');
    Written::Yes
}

/// The beginning of an answer about a message.
fn put_message(out: &mut Vec<u8>, message_key: Key) {
    put(out, r#"{"tenantId":"#);
    put_text(out, DEFAULT_TENANT);
    put(out, r#","messageKey":"#);
    put_key(out, message_key);
}
