//! Objects of the protocol: group.

use crate::objects::enums::{
    GROUP_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD, GROUP_USER_SEARCH_QUERY_SORT_REQUEST_FIELD, SORT_ORDER,
};
use crate::objects::mapping_rule::MAPPING_RULE_RESULT;
use crate::objects::parts::{PAGE, TEXT_OPERATORS};
use crate::objects::role::ROLE_RESULT;
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::objects::tenant::{
    TENANT_CLIENT_RESULT, TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST, TENANT_USER_RESULT,
    TENANT_USER_SEARCH_QUERY_SORT_REQUEST,
};
use crate::schema::kinds::{GROUP_ID, NAME, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `GroupClientResult`.
pub static GROUP_CLIENT_RESULT: Object =
    Object { name: "GroupClientResult", fields: &[field("clientId", NAME).required()] };

/// `GroupClientSearchQueryRequest`.
pub static GROUP_CLIENT_SEARCH_QUERY_REQUEST: Object = Object {
    name: "GroupClientSearchQueryRequest",
    fields: &[
        field(
            "sort",
            list(&Schema::Levels(
                &Schema::Object(&TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST),
                &Schema::Object(&GROUP_CLIENT_SEARCH_QUERY_SORT_REQUEST),
            )),
        ),
        field("page", PAGE),
    ],
};

/// `GroupClientSearchQuerySortRequest`.
pub static GROUP_CLIENT_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "GroupClientSearchQuerySortRequest",
    fields: &[
        field("field", GROUP_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `GroupClientSearchResult`.
pub static GROUP_CLIENT_SEARCH_RESULT: Object = Object {
    name: "GroupClientSearchResult",
    fields: &[
        field(
            "items",
            list(&Schema::Levels(
                &Schema::Object(&TENANT_CLIENT_RESULT),
                &Schema::Object(&GROUP_CLIENT_RESULT),
            )),
        )
        .required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `GroupCreateRequest`.
pub static GROUP_CREATE_REQUEST: Object = Object {
    name: "GroupCreateRequest",
    fields: &[
        field("groupId", GROUP_ID).required(),
        field("name", TEXT).required(),
        field("description", TEXT),
    ],
};

/// `GroupCreateResult`.
pub static GROUP_CREATE_RESULT: Object = Object {
    name: "GroupCreateResult",
    fields: &[
        field("groupId", GROUP_ID).required(),
        field("name", TEXT).required(),
        field("description", TEXT).required().nullable(),
    ],
};

/// `GroupFilterFields`.
pub static GROUP_FILTER_FIELDS: Object = Object {
    name: "GroupFilterFields",
    fields: &[
        field("groupId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `GroupMappingRuleSearchResult`.
pub static GROUP_MAPPING_RULE_SEARCH_RESULT: Object = Object {
    name: "GroupMappingRuleSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&MAPPING_RULE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `GroupResult`.
pub static GROUP_RESULT: Object = Object {
    name: "GroupResult",
    fields: &[
        field("name", TEXT).required(),
        field("groupId", GROUP_ID).required(),
        field("description", TEXT).required().nullable(),
    ],
};

/// `GroupRoleSearchResult`.
pub static GROUP_ROLE_SEARCH_RESULT: Object = Object {
    name: "GroupRoleSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&ROLE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `GroupSearchQueryRequest`.
pub static GROUP_SEARCH_QUERY_REQUEST: Object = Object {
    name: "GroupSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&GROUP_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&GROUP_SEARCH_QUERY_REQUEST_FILTER)),
        field("page", PAGE),
    ],
};

/// `GroupSearchQueryRequestFilter`.
pub static GROUP_SEARCH_QUERY_REQUEST_FILTER: Object = Object {
    name: "GroupSearchQueryRequestFilter",
    fields: &[
        field("groupId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("name", Schema::Levels(&TEXT, &Schema::Filter(&TEXT, TEXT_OPERATORS))),
        field("$or", list(&Schema::Object(&GROUP_FILTER_FIELDS))).nullable().since_8_10(),
    ],
};

/// `GroupSearchQueryResult`.
pub static GROUP_SEARCH_QUERY_RESULT: Object = Object {
    name: "GroupSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&GROUP_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `GroupSearchQuerySortRequest`.
pub static GROUP_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "GroupSearchQuerySortRequest",
    fields: &[field("field", Schema::Enum(&["groupId", "name"], &[])).required(), field("order", SORT_ORDER)],
};

/// `GroupUpdateRequest`.
pub static GROUP_UPDATE_REQUEST: Object = Object {
    name: "GroupUpdateRequest",
    fields: &[field("name", TEXT).required(), field("description", TEXT)],
};

/// `GroupUpdateResult`.
pub static GROUP_UPDATE_RESULT: Object = Object {
    name: "GroupUpdateResult",
    fields: &[
        field("groupId", GROUP_ID).required(),
        field("name", TEXT).required(),
        field("description", TEXT).required().nullable(),
    ],
};

/// `GroupUserResult`.
pub static GROUP_USER_RESULT: Object =
    Object { name: "GroupUserResult", fields: &[field("username", NAME).required()] };

/// `GroupUserSearchQueryRequest`.
pub static GROUP_USER_SEARCH_QUERY_REQUEST: Object = Object {
    name: "GroupUserSearchQueryRequest",
    fields: &[
        field(
            "sort",
            list(&Schema::Levels(
                &Schema::Object(&TENANT_USER_SEARCH_QUERY_SORT_REQUEST),
                &Schema::Object(&GROUP_USER_SEARCH_QUERY_SORT_REQUEST),
            )),
        ),
        field("page", PAGE),
    ],
};

/// `GroupUserSearchQuerySortRequest`.
pub static GROUP_USER_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "GroupUserSearchQuerySortRequest",
    fields: &[
        field("field", GROUP_USER_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `GroupUserSearchResult`.
pub static GROUP_USER_SEARCH_RESULT: Object = Object {
    name: "GroupUserSearchResult",
    fields: &[
        field(
            "items",
            list(&Schema::Levels(&Schema::Object(&TENANT_USER_RESULT), &Schema::Object(&GROUP_USER_RESULT))),
        )
        .required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};
