//! Objects of the protocol: role.

use crate::objects::enums::{
    ROLE_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD, ROLE_GROUP_SEARCH_QUERY_SORT_REQUEST_FIELD,
    ROLE_USER_SEARCH_QUERY_SORT_REQUEST_FIELD, SORT_ORDER,
};
use crate::objects::mapping_rule::MAPPING_RULE_RESULT;
use crate::objects::parts::{PAGE, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::objects::tenant::{
    TENANT_CLIENT_RESULT, TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST, TENANT_USER_RESULT,
    TENANT_USER_SEARCH_QUERY_SORT_REQUEST,
};
use crate::schema::kinds::{ENTITY_ID, GROUP_ID, NAME, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `RoleClientResult`.
pub static ROLE_CLIENT_RESULT: Object =
    Object { name: "RoleClientResult", fields: &[field("clientId", NAME).required()] };

/// `RoleClientSearchQueryRequest`.
pub static ROLE_CLIENT_SEARCH_QUERY_REQUEST: Object = Object {
    name: "RoleClientSearchQueryRequest",
    fields: &[
        field(
            "sort",
            list(&Schema::Levels(
                &Schema::Object(&TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST),
                &Schema::Object(&ROLE_CLIENT_SEARCH_QUERY_SORT_REQUEST),
            )),
        ),
        field("page", PAGE),
    ],
};

/// `RoleClientSearchQuerySortRequest`.
pub static ROLE_CLIENT_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "RoleClientSearchQuerySortRequest",
    fields: &[
        field("field", ROLE_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `RoleClientSearchResult`.
pub static ROLE_CLIENT_SEARCH_RESULT: Object = Object {
    name: "RoleClientSearchResult",
    fields: &[
        field(
            "items",
            list(&Schema::Levels(
                &Schema::Object(&TENANT_CLIENT_RESULT),
                &Schema::Object(&ROLE_CLIENT_RESULT),
            )),
        )
        .required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `RoleCreateRequest`.
pub static ROLE_CREATE_REQUEST: Object = Object {
    name: "RoleCreateRequest",
    fields: &[
        field("roleId", ENTITY_ID).required(),
        field("name", TEXT).required(),
        field("description", TEXT),
    ],
};

/// `RoleCreateResult`.
pub static ROLE_CREATE_RESULT: Object = Object {
    name: "RoleCreateResult",
    fields: &[
        field("roleId", ENTITY_ID).required(),
        field("name", TEXT).required(),
        field("description", TEXT).required().nullable(),
    ],
};

/// `RoleFilterFields`.
pub static ROLE_FILTER_FIELDS: Object = Object {
    name: "RoleFilterFields",
    fields: &[
        field("roleId", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `RoleGroupResult`.
pub static ROLE_GROUP_RESULT: Object =
    Object { name: "RoleGroupResult", fields: &[field("groupId", GROUP_ID).required()] };

/// `RoleGroupSearchQueryRequest`.
pub static ROLE_GROUP_SEARCH_QUERY_REQUEST: Object = Object {
    name: "RoleGroupSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&ROLE_GROUP_SEARCH_QUERY_SORT_REQUEST))),
        field("page", PAGE),
    ],
};

/// `RoleGroupSearchQuerySortRequest`.
pub static ROLE_GROUP_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "RoleGroupSearchQuerySortRequest",
    fields: &[
        field("field", ROLE_GROUP_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `RoleGroupSearchResult`.
pub static ROLE_GROUP_SEARCH_RESULT: Object = Object {
    name: "RoleGroupSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&ROLE_GROUP_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `RoleMappingRuleSearchResult`.
pub static ROLE_MAPPING_RULE_SEARCH_RESULT: Object = Object {
    name: "RoleMappingRuleSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&MAPPING_RULE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `RoleResult`.
pub static ROLE_RESULT: Object = Object {
    name: "RoleResult",
    fields: &[
        field("name", TEXT).required(),
        field("roleId", ENTITY_ID).required(),
        field("description", TEXT).required().nullable(),
    ],
};

/// `RoleSearchQueryRequest`.
pub static ROLE_SEARCH_QUERY_REQUEST: Object = Object {
    name: "RoleSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&ROLE_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&ROLE_SEARCH_QUERY_REQUEST_FILTER)),
        field("page", PAGE),
    ],
};

/// `RoleSearchQueryRequestFilter`.
pub static ROLE_SEARCH_QUERY_REQUEST_FILTER: Object = Object {
    name: "RoleSearchQueryRequestFilter",
    fields: &[
        field("roleId", Schema::Levels(&TEXT, &Schema::Filter(&TEXT, TEXT_OPERATORS))),
        field("name", Schema::Levels(&TEXT, &Schema::Filter(&TEXT, TEXT_OPERATORS))),
        field("$or", list(&Schema::Object(&ROLE_FILTER_FIELDS))).nullable().since_8_10(),
    ],
};

/// `RoleSearchQueryResult`.
pub static ROLE_SEARCH_QUERY_RESULT: Object = Object {
    name: "RoleSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&ROLE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `RoleSearchQuerySortRequest`.
pub static ROLE_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "RoleSearchQuerySortRequest",
    fields: &[field("field", Schema::Enum(&["name", "roleId"], &[])).required(), field("order", SORT_ORDER)],
};

/// `RoleUpdateRequest`.
pub static ROLE_UPDATE_REQUEST: Object = Object {
    name: "RoleUpdateRequest",
    fields: &[field("name", TEXT).required(), field("description", TEXT)],
};

/// `RoleUpdateResult`.
pub static ROLE_UPDATE_RESULT: Object = Object {
    name: "RoleUpdateResult",
    fields: &[
        field("name", TEXT).required(),
        field("description", TEXT).required().nullable(),
        field("roleId", ENTITY_ID).required(),
    ],
};

/// `RoleUserResult`.
pub static ROLE_USER_RESULT: Object =
    Object { name: "RoleUserResult", fields: &[field("username", NAME).required()] };

/// `RoleUserSearchQueryRequest`.
pub static ROLE_USER_SEARCH_QUERY_REQUEST: Object = Object {
    name: "RoleUserSearchQueryRequest",
    fields: &[
        field(
            "sort",
            list(&Schema::Levels(
                &Schema::Object(&TENANT_USER_SEARCH_QUERY_SORT_REQUEST),
                &Schema::Object(&ROLE_USER_SEARCH_QUERY_SORT_REQUEST),
            )),
        ),
        field("page", PAGE),
    ],
};

/// `RoleUserSearchQuerySortRequest`.
pub static ROLE_USER_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "RoleUserSearchQuerySortRequest",
    fields: &[
        field("field", ROLE_USER_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `RoleUserSearchResult`.
pub static ROLE_USER_SEARCH_RESULT: Object = Object {
    name: "RoleUserSearchResult",
    fields: &[
        field(
            "items",
            list(&Schema::Levels(&Schema::Object(&TENANT_USER_RESULT), &Schema::Object(&ROLE_USER_RESULT))),
        )
        .required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};
