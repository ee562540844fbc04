//! Objects of the protocol: authorization.

use crate::objects::enums::{OWNER_TYPE, PERMISSION_TYPE, RESOURCE_TYPE, SORT_ORDER};
use crate::objects::parts::PAGE;
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{KEY, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `AuthorizationCreateResult`.
pub static AUTHORIZATION_CREATE_RESULT: Object =
    Object { name: "AuthorizationCreateResult", fields: &[field("authorizationKey", KEY).required()] };

/// `AuthorizationIdBasedRequest`.
pub static AUTHORIZATION_ID_BASED_REQUEST: Object = Object {
    name: "AuthorizationIdBasedRequest",
    fields: &[
        field("ownerId", TEXT).required(),
        field("ownerType", OWNER_TYPE).required(),
        field("resourceId", TEXT).required(),
        field("resourceType", RESOURCE_TYPE).required(),
        field("permissionTypes", list(&PERMISSION_TYPE)).required(),
    ],
};

/// `AuthorizationPropertyBasedRequest`.
pub static AUTHORIZATION_PROPERTY_BASED_REQUEST: Object = Object {
    name: "AuthorizationPropertyBasedRequest",
    fields: &[
        field("ownerId", TEXT).required(),
        field("ownerType", OWNER_TYPE).required(),
        field("resourcePropertyName", TEXT).required(),
        field("resourceType", RESOURCE_TYPE).required(),
        field("permissionTypes", list(&PERMISSION_TYPE)).required(),
    ],
};

/// `AuthorizationResult`.
pub static AUTHORIZATION_RESULT: Object = Object {
    name: "AuthorizationResult",
    fields: &[
        field("ownerId", TEXT).required(),
        field("ownerType", OWNER_TYPE).required(),
        field("resourceType", RESOURCE_TYPE).required(),
        field("resourceId", TEXT).required().nullable(),
        field("resourcePropertyName", TEXT).required().nullable(),
        field("permissionTypes", list(&PERMISSION_TYPE)).required(),
        field("authorizationKey", KEY).required(),
    ],
};

/// `AuthorizationSearchQuery`.
pub static AUTHORIZATION_SEARCH_QUERY: Object = Object {
    name: "AuthorizationSearchQuery",
    fields: &[
        field("sort", list(&Schema::Object(&AUTHORIZATION_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&AUTHORIZATION_SEARCH_QUERY_FILTER)),
        field("page", PAGE),
    ],
};

/// `AuthorizationSearchQueryFilter`.
pub static AUTHORIZATION_SEARCH_QUERY_FILTER: Object = Object {
    name: "AuthorizationSearchQueryFilter",
    fields: &[
        field("ownerId", TEXT),
        field("ownerType", OWNER_TYPE),
        field("resourceIds", list(&TEXT)),
        field("resourcePropertyNames", list(&TEXT)),
        field("resourceType", RESOURCE_TYPE),
    ],
};

/// `AuthorizationSearchQuerySortRequest`.
pub static AUTHORIZATION_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "AuthorizationSearchQuerySortRequest",
    fields: &[
        field(
            "field",
            Schema::Enum(
                &["ownerId", "ownerType", "resourceId", "resourcePropertyName", "resourceType"],
                &[],
            ),
        )
        .required(),
        field("order", SORT_ORDER),
    ],
};

/// `AuthorizationSearchResult`.
pub static AUTHORIZATION_SEARCH_RESULT: Object = Object {
    name: "AuthorizationSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&AUTHORIZATION_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};
