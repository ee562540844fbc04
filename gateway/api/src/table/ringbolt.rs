//! Operations that Ringbolt has beyond the protocol.

use crate::objects::ringbolt::{JOB_STREAM_REQUEST, TIMER_SEARCH_QUERY, TIMER_SEARCH_QUERY_RESULT};
use crate::operation::{Group, Method, Special, Version, json, media, op};
use crate::schema::Schema;
use crate::search::rows_of;
use ringbolt_query::views::jobs::TIMERS;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Ringbolt",
    operations: &[
        op("streamJobs", Method::Post, "/jobs/streaming", Version::Own)
            .says("Pushes jobs of a type as they come, a line of JSON each, until the client goes")
            .special(Special::StreamJobs)
            .json(Schema::Object(&JOB_STREAM_REQUEST))
            .gives(&[media(200, "application/x-ndjson", Schema::Any)])
            .errors(&[400, 503]),
        op("searchTimers", Method::Post, "/timers/search", Version::Own)
            .says("Searches timers of running instances: of catch events, on borders and of event sub-processes")
            .json_or_nothing(Schema::Object(&TIMER_SEARCH_QUERY))
            .search(rows_of(&TIMERS))
            .gives(&[json(200, Schema::Object(&TIMER_SEARCH_QUERY_RESULT))])
            .errors(&[400, 500]),
    ],
};
