//! Operations: authorization.

use crate::objects::authorization::{
    AUTHORIZATION_CREATE_RESULT, AUTHORIZATION_ID_BASED_REQUEST, AUTHORIZATION_PROPERTY_BASED_REQUEST,
    AUTHORIZATION_RESULT, AUTHORIZATION_SEARCH_QUERY, AUTHORIZATION_SEARCH_RESULT,
};
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Authorization",
    operations: &[
        op("createAuthorization", Method::Post, "/authorizations", Version::V8_8)
            .json(Schema::OneOf(&[
                Schema::Object(&AUTHORIZATION_ID_BASED_REQUEST),
                Schema::Object(&AUTHORIZATION_PROPERTY_BASED_REQUEST),
            ]))
            .gives(&[json(201, Schema::Object(&AUTHORIZATION_CREATE_RESULT))])
            .errors(&[400, 401, 403, 404, 500, 503]),
        op("searchAuthorizations", Method::Post, "/authorizations/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&AUTHORIZATION_SEARCH_QUERY))
            .gives(&[json(200, Schema::Object(&AUTHORIZATION_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("deleteAuthorization", Method::Delete, "/authorizations/{authorizationKey}", Version::V8_8)
            .takes(&[path("authorizationKey", KEY)])
            .gives(&[empty(204)])
            .errors(&[401, 404, 500, 503]),
        op("getAuthorization", Method::Get, "/authorizations/{authorizationKey}", Version::V8_8)
            .takes(&[path("authorizationKey", KEY)])
            .gives(&[json(200, Schema::Object(&AUTHORIZATION_RESULT))])
            .errors(&[401, 403, 404, 500]),
        op("updateAuthorization", Method::Put, "/authorizations/{authorizationKey}", Version::V8_8)
            .takes(&[path("authorizationKey", KEY)])
            .json(Schema::OneOf(&[
                Schema::Object(&AUTHORIZATION_ID_BASED_REQUEST),
                Schema::Object(&AUTHORIZATION_PROPERTY_BASED_REQUEST),
            ]))
            .gives(&[empty(204)])
            .errors(&[401, 404, 500, 503]),
    ],
};
