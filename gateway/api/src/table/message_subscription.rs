//! Operations: message subscription.

use crate::objects::message_subscription::{
    CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY, CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT,
    MESSAGE_SUBSCRIPTION_SEARCH_QUERY, MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Message subscription",
    operations: &[
        op(
            "searchCorrelatedMessageSubscriptions",
            Method::Post,
            "/correlated-message-subscriptions/search",
            Version::V8_8,
        )
        .json_or_nothing(Schema::Object(&CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY))
        .gives(&[json(200, Schema::Object(&CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("searchMessageSubscriptions", Method::Post, "/message-subscriptions/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&MESSAGE_SUBSCRIPTION_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
    ],
};
