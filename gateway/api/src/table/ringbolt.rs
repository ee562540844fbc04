//! Operations that Ringbolt has beyond the protocol.

use crate::objects::ringbolt::JOB_STREAM_REQUEST;
use crate::operation::{Group, Method, Special, Version, media, op};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Ringbolt",
    operations: &[op("streamJobs", Method::Post, "/jobs/streaming", Version::Own)
        .says("Pushes jobs of a type as they come, a line of JSON each, until the client goes")
        .special(Special::StreamJobs)
        .json(Schema::Object(&JOB_STREAM_REQUEST))
        .gives(&[media(200, "application/x-ndjson", Schema::Any)])
        .errors(&[400, 503])],
};
