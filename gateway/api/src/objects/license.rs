//! Objects of the protocol: license.

use crate::schema::kinds::{DATE_TIME, TEXT};
use crate::schema::{Object, Schema, field};

/// `LicenseResponse`.
pub static LICENSE_RESPONSE: Object = Object {
    name: "LicenseResponse",
    fields: &[
        field("validLicense", Schema::Flag).required(),
        field("licenseType", TEXT).required(),
        field("isCommercial", Schema::Flag).required(),
        field("expiresAt", DATE_TIME).required().nullable(),
    ],
};
