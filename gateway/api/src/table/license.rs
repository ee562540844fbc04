//! Operations: license.

use crate::objects::license::LICENSE_RESPONSE;
use crate::operation::{Group, Method, Version, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "License",
    operations: &[op("getLicense", Method::Get, "/license", Version::V8_6)
        .gives(&[json(200, Schema::Object(&LICENSE_RESPONSE))])
        .errors(&[500])],
};
