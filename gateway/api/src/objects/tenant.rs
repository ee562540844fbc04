//! Objects of the protocol: tenant.

use crate::objects::enums::{
    SORT_ORDER, TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD, TENANT_GROUP_SEARCH_QUERY_SORT_REQUEST_FIELD,
    TENANT_USER_SEARCH_QUERY_SORT_REQUEST_FIELD,
};
use crate::objects::mapping_rule::MAPPING_RULE_RESULT;
use crate::objects::parts::PAGE;
use crate::objects::role::ROLE_RESULT;
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{ENTITY_ID, GROUP_ID, OLD_NAME, TENANT, TEXT, USERNAME, list};
use crate::schema::{Object, Schema, field};

/// `TenantClientResult`.
pub static TENANT_CLIENT_RESULT: Object =
    Object { name: "TenantClientResult", fields: &[field("clientId", ENTITY_ID).required()] };

/// `TenantClientSearchQueryRequest`.
pub static TENANT_CLIENT_SEARCH_QUERY_REQUEST: Object = Object {
    name: "TenantClientSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST))),
        field("page", PAGE),
    ],
};

/// `TenantClientSearchQuerySortRequest`.
pub static TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "TenantClientSearchQuerySortRequest",
    fields: &[
        field("field", TENANT_CLIENT_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `TenantClientSearchResult`.
pub static TENANT_CLIENT_SEARCH_RESULT: Object = Object {
    name: "TenantClientSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&TENANT_CLIENT_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `TenantCreateRequest`.
pub static TENANT_CREATE_REQUEST: Object = Object {
    name: "TenantCreateRequest",
    fields: &[
        field("tenantId", Schema::Levels(&OLD_NAME, &TENANT)).required(),
        field("name", TEXT).required(),
        field("description", TEXT),
    ],
};

/// `TenantCreateResult`.
pub static TENANT_CREATE_RESULT: Object = Object {
    name: "TenantCreateResult",
    fields: &[
        field("tenantId", TENANT).required(),
        field("name", TEXT).required(),
        field("description", TEXT).required().nullable(),
    ],
};

/// `TenantGroupResult`.
pub static TENANT_GROUP_RESULT: Object =
    Object { name: "TenantGroupResult", fields: &[field("groupId", GROUP_ID).required()] };

/// `TenantGroupSearchQueryRequest`.
pub static TENANT_GROUP_SEARCH_QUERY_REQUEST: Object = Object {
    name: "TenantGroupSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&TENANT_GROUP_SEARCH_QUERY_SORT_REQUEST))),
        field("page", PAGE),
    ],
};

/// `TenantGroupSearchQuerySortRequest`.
pub static TENANT_GROUP_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "TenantGroupSearchQuerySortRequest",
    fields: &[
        field("field", TENANT_GROUP_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `TenantGroupSearchResult`.
pub static TENANT_GROUP_SEARCH_RESULT: Object = Object {
    name: "TenantGroupSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&TENANT_GROUP_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `TenantMappingRuleSearchResult`.
pub static TENANT_MAPPING_RULE_SEARCH_RESULT: Object = Object {
    name: "TenantMappingRuleSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&MAPPING_RULE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `TenantResult`.
pub static TENANT_RESULT: Object = Object {
    name: "TenantResult",
    fields: &[
        field("name", TEXT).required(),
        field("tenantId", TENANT).required(),
        field("description", TEXT).required().nullable(),
    ],
};

/// `TenantRoleSearchResult`.
pub static TENANT_ROLE_SEARCH_RESULT: Object = Object {
    name: "TenantRoleSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&ROLE_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `TenantSearchQueryRequest`.
pub static TENANT_SEARCH_QUERY_REQUEST: Object = Object {
    name: "TenantSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&TENANT_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&TENANT_SEARCH_QUERY_REQUEST_FILTER)),
        field("page", PAGE),
    ],
};

/// `TenantSearchQueryRequestFilter`.
pub static TENANT_SEARCH_QUERY_REQUEST_FILTER: Object = Object {
    name: "TenantSearchQueryRequestFilter",
    fields: &[field("tenantId", TENANT), field("name", TEXT)],
};

/// `TenantSearchQueryResult`.
pub static TENANT_SEARCH_QUERY_RESULT: Object = Object {
    name: "TenantSearchQueryResult",
    fields: &[
        field("items", list(&Schema::Object(&TENANT_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `TenantSearchQuerySortRequest`.
pub static TENANT_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "TenantSearchQuerySortRequest",
    fields: &[
        field("field", Schema::Enum(&["key", "name", "tenantId"], &[])).required(),
        field("order", SORT_ORDER),
    ],
};

/// `TenantUpdateRequest`.
pub static TENANT_UPDATE_REQUEST: Object = Object {
    name: "TenantUpdateRequest",
    fields: &[field("name", TEXT).required(), field("description", TEXT)],
};

/// `TenantUpdateResult`.
pub static TENANT_UPDATE_RESULT: Object = Object {
    name: "TenantUpdateResult",
    fields: &[
        field("tenantId", TENANT).required(),
        field("name", TEXT).required(),
        field("description", TEXT).required().nullable(),
    ],
};

/// `TenantUserResult`.
pub static TENANT_USER_RESULT: Object =
    Object { name: "TenantUserResult", fields: &[field("username", USERNAME).required()] };

/// `TenantUserSearchQueryRequest`.
pub static TENANT_USER_SEARCH_QUERY_REQUEST: Object = Object {
    name: "TenantUserSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&TENANT_USER_SEARCH_QUERY_SORT_REQUEST))),
        field("page", PAGE),
    ],
};

/// `TenantUserSearchQuerySortRequest`.
pub static TENANT_USER_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "TenantUserSearchQuerySortRequest",
    fields: &[
        field("field", TENANT_USER_SEARCH_QUERY_SORT_REQUEST_FIELD).required(),
        field("order", SORT_ORDER),
    ],
};

/// `TenantUserSearchResult`.
pub static TENANT_USER_SEARCH_RESULT: Object = Object {
    name: "TenantUserSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&TENANT_USER_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};
