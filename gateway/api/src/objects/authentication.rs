//! Objects of the protocol: authentication.

use crate::objects::authorization::AUTHORIZATION_RESULT;
use crate::objects::shared::SEARCH_QUERY_PAGE_RESPONSE;
use crate::objects::tenant::TENANT_RESULT;
use crate::schema::kinds::{TEXT, USERNAME, list};
use crate::schema::{Object, Schema, field};

/// `CamundaUserResult`.
pub static CAMUNDA_USER_RESULT: Object = Object {
    name: "CamundaUserResult",
    fields: &[
        field("username", USERNAME).required(),
        field("displayName", TEXT).required().nullable(),
        field("email", TEXT).required().nullable(),
        field("authorizedComponents", list(&TEXT)).required(),
        field("tenants", list(&Schema::Object(&TENANT_RESULT))).required(),
        field("groups", list(&TEXT)).required(),
        field("roles", list(&TEXT)).required(),
        field("salesPlanType", TEXT).required().nullable(),
        field("c8Links", Schema::Map(&TEXT)).required(),
        field("canLogout", Schema::Flag).required(),
    ],
};

/// `OwnAuthorizationSearchResult`.
pub static OWN_AUTHORIZATION_SEARCH_RESULT: Object = Object {
    name: "OwnAuthorizationSearchResult",
    fields: &[
        field("authorizationsEnabled", Schema::Flag).required(),
        field("items", list(&Schema::Object(&AUTHORIZATION_RESULT))).required(),
        field("page", Schema::Object(&SEARCH_QUERY_PAGE_RESPONSE)).required(),
    ],
};
