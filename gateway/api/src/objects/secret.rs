//! Objects of the protocol: secret.

use crate::schema::kinds::{TEXT, list, list_of, text};
use crate::schema::{Object, Schema, field};

/// `ResolvedSecret`.
pub static RESOLVED_SECRET: Object = Object {
    name: "ResolvedSecret",
    fields: &[field("reference", TEXT).required(), field("value", TEXT).required()],
};

/// `SecretListResult`.
pub static SECRET_LIST_RESULT: Object =
    Object { name: "SecretListResult", fields: &[field("references", list(&TEXT)).required()] };

/// `SecretResolutionError`.
pub static SECRET_RESOLUTION_ERROR: Object = Object {
    name: "SecretResolutionError",
    fields: &[
        field("reference", TEXT).required(),
        field("code", Schema::Enum(&["ACCESS_DENIED", "INVALID_REFERENCE", "NOT_FOUND", "UNREADABLE"], &[]))
            .required(),
        field("message", TEXT).required(),
    ],
};

/// `SecretResolveRequest`.
pub static SECRET_RESOLVE_REQUEST: Object = Object {
    name: "SecretResolveRequest",
    fields: &[field("references", list_of(&text(0, 256), 0, 20)).required()],
};

/// `SecretResolveResult`.
pub static SECRET_RESOLVE_RESULT: Object = Object {
    name: "SecretResolveResult",
    fields: &[
        field("resolved", list(&Schema::Object(&RESOLVED_SECRET))).required(),
        field("errors", list(&Schema::Object(&SECRET_RESOLUTION_ERROR))).required(),
    ],
};
