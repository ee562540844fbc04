//! Objects of the protocol: user.

use crate::objects::enums::SORT_ORDER;
use crate::objects::parts::{PAGE, TEXT_OPERATORS};
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::schema::kinds::{ENTITY_ID, TEXT, USERNAME, list};
use crate::schema::{Object, Schema, field};

/// `UserCreateResult`.
pub static USER_CREATE_RESULT: Object = Object {
    name: "UserCreateResult",
    fields: &[
        field("username", USERNAME).required(),
        field("name", TEXT).required().nullable(),
        field("email", TEXT).required().nullable(),
    ],
};

/// `UserFilterFields`.
pub static USER_FILTER_FIELDS: Object = Object {
    name: "UserFilterFields",
    fields: &[
        field("username", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("email", Schema::Filter(&TEXT, TEXT_OPERATORS)),
    ],
};

/// `UserRequest`.
pub static USER_REQUEST: Object = Object {
    name: "UserRequest",
    fields: &[
        field("password", TEXT).required(),
        field("username", ENTITY_ID).required(),
        field("name", TEXT),
        field("email", TEXT),
    ],
};

/// `UserResult`.
pub static USER_RESULT: Object = Object {
    name: "UserResult",
    fields: &[
        field("username", USERNAME).required(),
        field("name", TEXT).required().nullable(),
        field("email", TEXT).required().nullable(),
    ],
};

/// `UserSearchQueryRequest`.
pub static USER_SEARCH_QUERY_REQUEST: Object = Object {
    name: "UserSearchQueryRequest",
    fields: &[
        field("sort", list(&Schema::Object(&USER_SEARCH_QUERY_SORT_REQUEST))),
        field("filter", Schema::Object(&USER_SEARCH_QUERY_REQUEST_FILTER)),
        field("page", PAGE),
    ],
};

/// `UserSearchQueryRequestFilter`.
pub static USER_SEARCH_QUERY_REQUEST_FILTER: Object = Object {
    name: "UserSearchQueryRequestFilter",
    fields: &[
        field("username", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("name", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("email", Schema::Filter(&TEXT, TEXT_OPERATORS)),
        field("$or", list(&Schema::Object(&USER_FILTER_FIELDS))).nullable().since_8_10(),
    ],
};

/// `UserSearchQuerySortRequest`.
pub static USER_SEARCH_QUERY_SORT_REQUEST: Object = Object {
    name: "UserSearchQuerySortRequest",
    fields: &[
        field("field", Schema::Enum(&["email", "name", "username"], &[])).required(),
        field("order", SORT_ORDER),
    ],
};

/// `UserSearchResult`.
pub static USER_SEARCH_RESULT: Object = Object {
    name: "UserSearchResult",
    fields: &[
        field("items", list(&Schema::Object(&USER_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};

/// `UserUpdateRequest`.
pub static USER_UPDATE_REQUEST: Object = Object {
    name: "UserUpdateRequest",
    fields: &[field("password", TEXT), field("name", TEXT), field("email", TEXT)],
};

/// `UserUpdateResult`.
pub static USER_UPDATE_RESULT: Object = Object {
    name: "UserUpdateResult",
    fields: &[
        field("username", USERNAME).required(),
        field("name", TEXT).required().nullable(),
        field("email", TEXT).required().nullable(),
    ],
};
