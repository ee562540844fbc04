//! Operations: authentication.

use crate::objects::authentication::{CAMUNDA_USER_RESULT, OWN_AUTHORIZATION_SEARCH_RESULT};
use crate::objects::authorization::AUTHORIZATION_SEARCH_QUERY;
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Authentication",
    operations: &[
        op("getAuthentication", Method::Get, "/authentication/me", Version::V8_8)
            .gives(&[json(200, Schema::Object(&CAMUNDA_USER_RESULT))])
            .errors(&[401, 403, 500]),
        op(
            "searchOwnAuthorizations",
            Method::Post,
            "/authentication/me/authorizations/search",
            Version::V8_10,
        )
        .json_or_nothing(Schema::Object(&AUTHORIZATION_SEARCH_QUERY))
        .gives(&[json(200, Schema::Object(&OWN_AUTHORIZATION_SEARCH_RESULT))])
        .errors(&[400, 401, 500]),
    ],
};
