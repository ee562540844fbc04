//! Operations: license.

use crate::error::ApiError;
use crate::json::put;
use crate::objects::license::LICENSE_RESPONSE;
use crate::operation::{Group, Method, Version, View, json, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "License",
    operations: &[op("getLicense", Method::Get, "/license", Version::V8_6)
        .says("Says which license holds")
        .get(license)
        .gives(&[json(200, Schema::Object(&LICENSE_RESPONSE))])
        .errors(&[500])],
};

/// Ringbolt needs no license key: it is always valid.
fn license(_: &View<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    put(out, r#"{"validLicense":true,"licenseType":"apache-2.0","isCommercial":false,"expiresAt":null}"#);
    Ok(())
}
