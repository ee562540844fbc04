//! Objects of the protocol: message subscription.

use crate::objects::enums::{MESSAGE_SUBSCRIPTION_STATE, MESSAGE_SUBSCRIPTION_TYPE, SORT_ORDER};
use crate::objects::parts::{ENUM_OPERATORS, KEY_OPERATORS, PAGE, RANGE_OPERATORS, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{DATE_TIME, INT, KEY, MODEL_ID, TENANT, TEXT, list, text};
use crate::schema::{Object, Schema, field};

/// `CorrelatedMessageSubscriptionResult`.
pub static CORRELATED_MESSAGE_SUBSCRIPTION_RESULT: Object = Object {
    name: "CorrelatedMessageSubscriptionResult",
    fields: &[
        field("businessId", text(1, 256)).required().nullable().since_8_10(),
        field("correlationKey", TEXT).required().nullable(),
        field("correlationTime", DATE_TIME).required(),
        field("elementId", TEXT).required(),
        field("elementInstanceKey", KEY).required().nullable(),
        field("messageKey", KEY).required(),
        field("messageName", TEXT).required(),
        field("partitionId", INT).required(),
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionKey", KEY).required().nullable_since_8_10(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("subscriptionKey", KEY).required(),
        field("tenantId", TENANT).required(),
    ],
};

/// `CorrelatedMessageSubscriptionSearchQuery`.
pub static CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY: Object = Object {
    name: "CorrelatedMessageSubscriptionSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `CorrelatedMessageSubscriptionSearchQueryFilter`.
pub static CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_FILTER: Object = Object {
    name: "CorrelatedMessageSubscriptionSearchQueryFilter",
    fields: &[
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)).since_8_10(),
        field("correlationKey", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("correlationTime", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("messageKey", Schema::Filter(&TEXT, KEY_OPERATORS)),
        field("messageName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("partitionId", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("subscriptionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `CorrelatedMessageSubscriptionSearchQueryResult`.
pub static CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT: Object = Object {
    name: "CorrelatedMessageSubscriptionSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&CORRELATED_MESSAGE_SUBSCRIPTION_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `CorrelatedMessageSubscriptionSearchQuerySortRequest`.
pub static CORRELATED_MESSAGE_SUBSCRIPTION_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "CorrelatedMessageSubscriptionSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "correlationKey",
                    "correlationTime",
                    "elementId",
                    "elementInstanceKey",
                    "messageKey",
                    "messageName",
                    "partitionId",
                    "processDefinitionId",
                    "processDefinitionKey",
                    "processInstanceKey",
                    "subscriptionKey",
                    "tenantId",
                ],
                &["businessId"],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `MessageSubscriptionResult`.
pub static MESSAGE_SUBSCRIPTION_RESULT: Object = Object {
    name: "MessageSubscriptionResult",
    fields: &[
        field("businessId", text(1, 256)).required().nullable().since_8_10(),
        field("messageSubscriptionKey", KEY).required(),
        field("processDefinitionId", MODEL_ID).required(),
        field("processDefinitionKey", KEY).required().nullable(),
        field("processInstanceKey", KEY).required().nullable(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
        field("elementId", TEXT).required(),
        field("elementInstanceKey", KEY).required().nullable(),
        field("messageSubscriptionState", MESSAGE_SUBSCRIPTION_STATE).required(),
        field("lastUpdatedDate", DATE_TIME).required(),
        field("messageName", TEXT).required(),
        field("correlationKey", TEXT).required().nullable(),
        field("messageSubscriptionType", MESSAGE_SUBSCRIPTION_TYPE).required(),
        field("toolProperties", Schema::Map(&TEXT)).required().since_8_10(),
        field("processDefinitionName", TEXT).required().nullable(),
        field("processDefinitionVersion", INT).required().nullable(),
        field("toolName", TEXT).required().nullable(),
        field("inboundConnectorType", TEXT).required().nullable(),
        field("tenantId", TENANT).required(),
        field("extensionProperties", Schema::Map(&TEXT)).required().until_8_9(),
    ],
};

/// `MessageSubscriptionSearchQuery`.
pub static MESSAGE_SUBSCRIPTION_SEARCH_QUERY: Object = Object {
    name: "MessageSubscriptionSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&MESSAGE_SUBSCRIPTION_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&MESSAGE_SUBSCRIPTION_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `MessageSubscriptionSearchQueryFilter`.
pub static MESSAGE_SUBSCRIPTION_SEARCH_QUERY_FILTER: Object = Object {
    name: "MessageSubscriptionSearchQueryFilter",
    fields: &[
        field("businessId", Schema::Filter(&TEXT, TEXT_OPERATORS)).since_8_10(),
        field("messageSubscriptionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processDefinitionId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("elementId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("elementInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("messageSubscriptionState", Schema::Filter(&MESSAGE_SUBSCRIPTION_STATE, ENUM_OPERATORS)),
        field("lastUpdatedDate", Schema::Filter(&DATE_TIME, RANGE_OPERATORS)),
        field("messageName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("correlationKey", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("messageSubscriptionType", Schema::Filter(&MESSAGE_SUBSCRIPTION_TYPE, ENUM_OPERATORS)),
        field("processDefinitionName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("processDefinitionVersion", Schema::Filter(&INT, RANGE_OPERATORS)),
        field("toolName", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("inboundConnectorType", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `MessageSubscriptionSearchQueryResult`.
pub static MESSAGE_SUBSCRIPTION_SEARCH_QUERY_RESULT: Object = Object {
    name: "MessageSubscriptionSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&MESSAGE_SUBSCRIPTION_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `MessageSubscriptionSearchQuerySortRequest`.
pub static MESSAGE_SUBSCRIPTION_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "MessageSubscriptionSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "correlationKey",
                    "elementId",
                    "elementInstanceKey",
                    "inboundConnectorType",
                    "lastUpdatedDate",
                    "messageName",
                    "messageSubscriptionKey",
                    "messageSubscriptionState",
                    "messageSubscriptionType",
                    "processDefinitionId",
                    "processDefinitionName",
                    "processDefinitionVersion",
                    "processInstanceKey",
                    "tenantId",
                    "toolName",
                ],
                &["businessId"],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};
