//! Objects of the protocol: variable.

use crate::objects::enums::{SORT_ORDER, VARIABLE_SEARCH_QUERY_SORT_REQUEST_FIELD};
use crate::objects::parts::{KEY_OPERATORS, PAGE, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{KEY, TENANT, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `VariableResult`.
pub static VARIABLE_RESULT: Object = Object {
    name: "VariableResult",
    fields: &[
        field("value", TEXT).required(),
        field("name", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("variableKey", KEY).required(),
        field("scopeKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
    ],
};

/// `VariableSearchQuery`.
pub static VARIABLE_SEARCH_QUERY: Object = Object {
    name: "VariableSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&VARIABLE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&VARIABLE_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `VariableSearchQueryFilter`.
pub static VARIABLE_SEARCH_QUERY_FILTER: Object = Object {
    name: "VariableSearchQueryFilter",
    fields: &[
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("value", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("tenantId", TENANT),
        field("isTruncated", Schema::Flag),
        field("variableKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("scopeKey", Schema::Filter(&KEY, KEY_OPERATORS)),
        field("processInstanceKey", Schema::Filter(&KEY, KEY_OPERATORS)),
    ],
};

/// `VariableSearchQueryResult`.
pub static VARIABLE_SEARCH_QUERY_RESULT: Object = Object {
    name: "VariableSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&VARIABLE_SEARCH_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `VariableSearchQuerySortRequest`.
pub static VARIABLE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "VariableSearchQuerySortRequest",
    fields: &[
        field("field", VARIABLE_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `VariableSearchResult`.
pub static VARIABLE_SEARCH_RESULT: Object = Object {
    name: "VariableSearchResult",
    fields: &[
        field("value", TEXT).required(),
        field("isTruncated", Schema::Flag).required(),
        field("name", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("variableKey", KEY).required(),
        field("scopeKey", KEY).required(),
        field("processInstanceKey", KEY).required(),
        field("rootProcessInstanceKey", KEY).required().nullable(),
    ],
};
