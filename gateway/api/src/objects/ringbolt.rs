//! Objects of Ringbolt's own operations.

use crate::schema::kinds::{LONG, TENANT, TEXT, list};
use crate::schema::{Object, Schema, field};

/// Which jobs a stream wants.
pub static JOB_STREAM_REQUEST: Object = Object {
    name: "JobStreamRequest",
    fields: &[
        field("type", TEXT).required(),
        field("worker", TEXT).nullable(),
        field("timeout", LONG).required(),
        field("fetchVariable", list(&TEXT)).nullable(),
        field("tenantIds", list(&TENANT)),
        field("tenantFilter", Schema::Enum(&["ASSIGNED", "PROVIDED"], &[])),
    ],
};
