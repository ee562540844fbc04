//! Operations: exporting.

use crate::objects::exporting::EXPORTING_STATUS_RESPONSE;
use crate::operation::{Group, Method, Version, empty, json, op, query};
use crate::schema::Schema;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Exporting",
    operations: &[
        op("getClusterExportingStatus", Method::Get, "/cluster/v2/exporting", Version::V8_10)
            .gives(&[json(200, Schema::Object(&EXPORTING_STATUS_RESPONSE))])
            .errors(&[401, 403, 500, 503]),
        op("pauseClusterExporting", Method::Post, "/cluster/v2/exporting/pause", Version::V8_10)
            .takes(&[query("soft", Schema::Flag)])
            .gives(&[empty(204)])
            .errors(&[401, 403, 500, 503]),
        op("resumeClusterExporting", Method::Post, "/cluster/v2/exporting/resume", Version::V8_10)
            .gives(&[empty(204)])
            .errors(&[401, 403, 500, 503]),
        op("getExportingStatus", Method::Get, "/exporting", Version::V8_10)
            .gives(&[json(200, Schema::Object(&EXPORTING_STATUS_RESPONSE))])
            .errors(&[401, 403, 500, 503]),
        op("pauseExporting", Method::Post, "/exporting/pause", Version::V8_10)
            .takes(&[query("soft", Schema::Flag)])
            .gives(&[empty(204)])
            .errors(&[401, 403, 500, 503]),
        op("resumeExporting", Method::Post, "/exporting/resume", Version::V8_10)
            .gives(&[empty(204)])
            .errors(&[401, 403, 500, 503]),
    ],
};
