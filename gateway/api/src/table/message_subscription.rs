//! Operations: message subscription.

use crate::objects::message_subscription::{
    CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY, CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT,
    MESSAGE_SUBSCRIPTION_SEARCH_QUERY, MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;
use crate::search::rows_of;
use ringbolt_query::views::messages::{CORRELATED_MESSAGE_SUBSCRIPTIONS, MESSAGE_SUBSCRIPTIONS};

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
        .says("Searches correlations of messages")
        .search(rows_of(&CORRELATED_MESSAGE_SUBSCRIPTIONS))
        .gives(&[json(200, Schema::Object(&CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT))])
        .errors(&[400, 401, 403, 500]),
        op("searchMessageSubscriptions", Method::Post, "/message-subscriptions/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&MESSAGE_SUBSCRIPTION_SEARCH_QUERY))
            .says("Searches message subscriptions")
            .search(rows_of(&MESSAGE_SUBSCRIPTIONS))
            .gives(&[json(200, Schema::Object(&MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
    ],
};
