//! Objects of the protocol: cluster variable.

use crate::objects::enums::{CLUSTER_VARIABLE_KIND, CLUSTER_VARIABLE_SCOPE, SORT_ORDER};
use crate::objects::parts::{ENUM_OPERATORS, PAGE, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{ENTITY_ID, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `AdvancedMetadataValueFilter`.
pub static ADVANCED_METADATA_VALUE_FILTER: Object = Object {
    name: "AdvancedMetadataValueFilter",
    fields: &[
        field("$eq", Schema::OneOf(&[TEXT, Schema::Number])),
        field("$neq", Schema::OneOf(&[TEXT, Schema::Number])),
        field("$exists", Schema::Flag),
        field("$gt", Schema::Number),
        field("$gte", Schema::Number),
        field("$lt", Schema::Number),
        field("$lte", Schema::Number),
        field("$in", list(&Schema::OneOf(&[TEXT, Schema::Number]))),
        field("$like", TEXT),
    ],
};

/// `ClusterVariableResult`.
pub static CLUSTER_VARIABLE_RESULT: Object = Object {
    name: "ClusterVariableResult",
    fields: &[
        field("value", TEXT).required(),
        field("name", ENTITY_ID).required(),
        field("scope", CLUSTER_VARIABLE_SCOPE).required(),
        field("tenantId", TEXT).required().nullable(),
        field("metadata", Schema::Map(&Schema::OneOf(&[TEXT, Schema::Number]))).required().since_8_10(),
        field("kind", CLUSTER_VARIABLE_KIND).required().since_8_10(),
    ],
};

/// `ClusterVariableSearchQueryRequest`.
pub static CLUSTER_VARIABLE_SEARCH_QUERY_REQUEST: Object = Object {
    name: "ClusterVariableSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&CLUSTER_VARIABLE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&CLUSTER_VARIABLE_SEARCH_QUERY_REQUEST_FILTER)),
        field("page", PAGE),
    ],
};

/// `ClusterVariableSearchQueryRequestFilter`.
pub static CLUSTER_VARIABLE_SEARCH_QUERY_REQUEST_FILTER: Object = Object {
    name: "ClusterVariableSearchQueryRequestFilter",
    fields: &[
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("value", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("scope", Schema::Filter(&CLUSTER_VARIABLE_SCOPE, ENUM_OPERATORS)),
        field("tenantId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("isTruncated", Schema::Flag),
        field("metadata", Schema::Map(&Schema::Object(&ADVANCED_METADATA_VALUE_FILTER))).since_8_10(),
        field("kind", Schema::Filter(&CLUSTER_VARIABLE_KIND, ENUM_OPERATORS)).since_8_10(),
    ],
};

/// `ClusterVariableSearchQueryResult`.
pub static CLUSTER_VARIABLE_SEARCH_QUERY_RESULT: Object = Object {
    name: "ClusterVariableSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&CLUSTER_VARIABLE_SEARCH_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `ClusterVariableSearchQuerySortRequest`.
pub static CLUSTER_VARIABLE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "ClusterVariableSearchQuerySortRequest",
    fields: &[
        field("field", Schema::Enum(&["name", "scope", "tenantId", "value"], &[])).required(),
        field("order", SORT_ORDER),
    ],
};

/// `ClusterVariableSearchResult`.
pub static CLUSTER_VARIABLE_SEARCH_RESULT: Object = Object {
    name: "ClusterVariableSearchResult",
    fields: &[
        field("value", TEXT).required(),
        field("isTruncated", Schema::Flag).required(),
        field("name", ENTITY_ID).required(),
        field("scope", CLUSTER_VARIABLE_SCOPE).required(),
        field("tenantId", TEXT).required().nullable(),
        field("metadata", Schema::Map(&Schema::OneOf(&[TEXT, Schema::Number]))).required().since_8_10(),
        field("kind", CLUSTER_VARIABLE_KIND).required().since_8_10(),
    ],
};

/// `CreateClusterVariableRequest`.
pub static CREATE_CLUSTER_VARIABLE_REQUEST: Object = Object {
    name: "CreateClusterVariableRequest",
    fields: &[
        field("name", ENTITY_ID).required(),
        field("value", Schema::Given).required(),
        field("metadata", Schema::Map(&Schema::OneOf(&[TEXT, Schema::Number]))).since_8_10(),
        field("kind", CLUSTER_VARIABLE_KIND).since_8_10(),
    ],
};

/// `UpdateClusterVariableRequest`.
pub static UPDATE_CLUSTER_VARIABLE_REQUEST: Object = Object {
    name: "UpdateClusterVariableRequest",
    fields: &[
        field("value", Schema::Given).required(),
        field("metadata", Schema::Map(&Schema::OneOf(&[TEXT, Schema::Number]))).since_8_10(),
    ],
};
