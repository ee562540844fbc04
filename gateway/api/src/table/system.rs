//! Operations: system.

use crate::objects::system::{SYSTEM_CONFIGURATION_RESPONSE, USAGE_METRICS_RESPONSE};
use crate::operation::{Group, Method, Version, json, op, query, query_required};
use crate::schema::Schema;
use crate::schema::kinds::{DATE_TIME, TENANT};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "System",
    operations: &[
        op("getSystemConfiguration", Method::Get, "/system/configuration", Version::V8_9)
            .gives(&[json(200, Schema::Object(&SYSTEM_CONFIGURATION_RESPONSE))])
            .errors(&[401, 500]),
        op("getUsageMetrics", Method::Get, "/system/usage-metrics", Version::V8_8)
            .takes(&[
                query_required("startTime", DATE_TIME),
                query_required("endTime", DATE_TIME),
                query("tenantId", TENANT),
                query("withTenants", Schema::Flag),
            ])
            .gives(&[json(200, Schema::Object(&USAGE_METRICS_RESPONSE))])
            .errors(&[400, 401, 403, 500]),
    ],
};
