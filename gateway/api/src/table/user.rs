//! Operations: user.

use crate::objects::user::{
    USER_CREATE_RESULT, USER_REQUEST, USER_RESULT, USER_SEARCH_QUERY_REQUEST, USER_SEARCH_RESULT,
    USER_UPDATE_REQUEST, USER_UPDATE_RESULT,
};
use crate::operation::{Group, Method, Version, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::USERNAME;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "User",
    operations: &[
        op("createUser", Method::Post, "/users", Version::V8_8)
            .json(Schema::Object(&USER_REQUEST))
            .gives(&[json(201, Schema::Object(&USER_CREATE_RESULT))])
            .errors(&[400, 401, 403, 409, 500, 503]),
        op("searchUsers", Method::Post, "/users/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&USER_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&USER_SEARCH_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("deleteUser", Method::Delete, "/users/{username}", Version::V8_8)
            .takes(&[path("username", USERNAME)])
            .gives(&[empty(204)])
            .errors(&[400, 404, 500, 503]),
        op("getUser", Method::Get, "/users/{username}", Version::V8_8)
            .takes(&[path("username", USERNAME)])
            .gives(&[json(200, Schema::Object(&USER_RESULT))])
            .errors(&[401, 403, 404, 500]),
        op("updateUser", Method::Put, "/users/{username}", Version::V8_8)
            .takes(&[path("username", USERNAME)])
            .json(Schema::Object(&USER_UPDATE_REQUEST))
            .gives(&[json(200, Schema::Object(&USER_UPDATE_RESULT))])
            .errors(&[400, 403, 404, 500, 503]),
    ],
};
