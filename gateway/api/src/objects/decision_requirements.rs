//! Objects of the protocol: decision requirements.

use crate::objects::enums::SORT_ORDER;
use crate::objects::parts::PAGE;
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{INT, KEY, TENANT, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `DecisionRequirementsResult`.
pub static DECISION_REQUIREMENTS_RESULT: Object = Object {
    name: "DecisionRequirementsResult",
    fields: &[
        field("decisionRequirementsId", TEXT).required(),
        field("decisionRequirementsKey", KEY).required(),
        field("decisionRequirementsName", TEXT).required(),
        field("resourceName", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("version", INT).required(),
    ],
};

/// `DecisionRequirementsSearchQuery`.
pub static DECISION_REQUIREMENTS_SEARCH_QUERY: Object = Object {
    name: "DecisionRequirementsSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&DECISION_REQUIREMENTS_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&DECISION_REQUIREMENTS_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `DecisionRequirementsSearchQueryFilter`.
pub static DECISION_REQUIREMENTS_SEARCH_QUERY_FILTER: Object = Object {
    name: "DecisionRequirementsSearchQueryFilter",
    fields: &[
        field("decisionRequirementsName", TEXT),
        field("decisionRequirementsId", TEXT),
        field("decisionRequirementsKey", KEY),
        field("version", INT),
        field("tenantId", TENANT),
        field("resourceName", TEXT),
    ],
};

/// `DecisionRequirementsSearchQueryResult`.
pub static DECISION_REQUIREMENTS_SEARCH_QUERY_RESULT: Object = Object {
    name: "DecisionRequirementsSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&DECISION_REQUIREMENTS_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `DecisionRequirementsSearchQuerySortRequest`.
pub static DECISION_REQUIREMENTS_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "DecisionRequirementsSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &[
                    "decisionRequirementsId",
                    "decisionRequirementsKey",
                    "decisionRequirementsName",
                    "tenantId",
                    "version",
                ],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};
