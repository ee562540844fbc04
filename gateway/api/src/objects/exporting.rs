//! Objects of the protocol: exporting.

use crate::schema::{Object, Schema, field};

/// `ExportingStatusResponse`.
pub static EXPORTING_STATUS_RESPONSE: Object = Object {
    name: "ExportingStatusResponse",
    fields: &[field("status", Schema::Enum(&["EXPORTING", "MIXED", "PAUSED", "SOFT_PAUSED"], &[])).required()],
};
