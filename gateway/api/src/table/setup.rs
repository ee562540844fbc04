//! Operations: setup.

use crate::objects::user::{USER_CREATE_RESULT, USER_REQUEST};
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Setup",
    operations: &[op("createAdminUser", Method::Post, "/setup/user", Version::V8_8)
        .json(Schema::Object(&USER_REQUEST))
        .gives(&[json(201, Schema::Object(&USER_CREATE_RESULT))])
        .errors(&[400, 403, 500, 503])
        .errors_8_10(&[409])],
};
