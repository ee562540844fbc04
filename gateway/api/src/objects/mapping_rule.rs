//! Objects of the protocol: mapping rule.

use crate::objects::enums::SORT_ORDER;
use crate::objects::parts::{PAGE, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{ENTITY_ID, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `MappingRuleCreateRequest`.
pub static MAPPING_RULE_CREATE_REQUEST: Object = Object {
    name: "MappingRuleCreateRequest",
    fields: &[
        field("mappingRuleId", ENTITY_ID).required(),
        field("claimName", TEXT).required(),
        field("claimValue", TEXT).required(),
        field("name", TEXT).required(),
    ],
};

/// `MappingRuleCreateResult`.
pub static MAPPING_RULE_CREATE_RESULT: Object = Object {
    name: "MappingRuleCreateResult",
    fields: &[
        field("claimName", TEXT).required(),
        field("claimValue", TEXT).required(),
        field("name", TEXT).required(),
        field("mappingRuleId", ENTITY_ID).required(),
    ],
};

/// `MappingRuleFilterFields`.
pub static MAPPING_RULE_FILTER_FIELDS: Object = Object {
    name: "MappingRuleFilterFields",
    fields: &[
        field("claimName", TEXT),
        field("claimValue", TEXT),
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("mappingRuleId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `MappingRuleResult`.
pub static MAPPING_RULE_RESULT: Object = Object {
    name: "MappingRuleResult",
    fields: &[
        field("claimName", TEXT).required(),
        field("claimValue", TEXT).required(),
        field("name", TEXT).required(),
        field("mappingRuleId", ENTITY_ID).required(),
    ],
};

/// `MappingRuleSearchQueryRequest`.
pub static MAPPING_RULE_SEARCH_QUERY_REQUEST: Object = Object {
    name: "MappingRuleSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&MAPPING_RULE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&MAPPING_RULE_SEARCH_QUERY_REQUEST_FILTER)),
        field("page", PAGE),
    ],
};

/// `MappingRuleSearchQueryRequestFilter`.
pub static MAPPING_RULE_SEARCH_QUERY_REQUEST_FILTER: Object = Object {
    name: "MappingRuleSearchQueryRequestFilter",
    fields: &[
        field("claimName", TEXT),
        field("claimValue", TEXT),
        field("name", Schema::Levels(&TEXT, &Schema::Filter(&TEXT, TEXT_OPERATORS))),
        field("mappingRuleId", Schema::Levels(&TEXT, &Schema::Filter(&TEXT, TEXT_OPERATORS))),
        field("$or", list(&Schema::Object(&MAPPING_RULE_FILTER_FIELDS))).nullable().since_8_10(),
    ],
};

/// `MappingRuleSearchQueryResult`.
pub static MAPPING_RULE_SEARCH_QUERY_RESULT: Object = Object {
    name: "MappingRuleSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&MAPPING_RULE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `MappingRuleSearchQuerySortRequest`.
pub static MAPPING_RULE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "MappingRuleSearchQuerySortRequest",
    fields: &[
        field("field", Schema::Enum(&["claimName", "claimValue", "mappingRuleId", "name"], &[])).required(),
        field("order", SORT_ORDER),
    ],
};

/// `MappingRuleUpdateRequest`.
pub static MAPPING_RULE_UPDATE_REQUEST: Object = Object {
    name: "MappingRuleUpdateRequest",
    fields: &[
        field("claimName", TEXT).required(),
        field("claimValue", TEXT).required(),
        field("name", TEXT).required(),
    ],
};

/// `MappingRuleUpdateResult`.
pub static MAPPING_RULE_UPDATE_RESULT: Object = Object {
    name: "MappingRuleUpdateResult",
    fields: &[
        field("claimName", TEXT).required(),
        field("claimValue", TEXT).required(),
        field("name", TEXT).required(),
        field("mappingRuleId", ENTITY_ID).required(),
    ],
};
