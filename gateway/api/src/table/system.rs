//! Operations: system.

use crate::error::ApiError;
use crate::json::{put, put_number};
use crate::objects::system::{SYSTEM_CONFIGURATION_RESPONSE, USAGE_METRICS_RESPONSE};
use crate::operation::{Group, Method, Version, View, json, op, query, query_required};
use crate::schema::kinds::{DATE_TIME, TENANT};
use crate::schema::{Level, Schema};

/// Longest id of a tenant, characters.
const TENANT_ID_MAX: u32 = 31;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "System",
    operations: &[
        op("getSystemConfiguration", Method::Get, "/system/configuration", Version::V8_9)
            .says("Shows what clients may want to know of the server's settings")
            .get(configuration)
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

/// Metrics of jobs are not kept; their bounds are those of a server that keeps none.
fn configuration(view: &View<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    put(out, r#"{"jobMetrics":{"enabled":false,"exportInterval":"PT0S","maxWorkerNameLength":"#);
    put_number(out, view.limits.worker_bytes_max);
    put(out, r#","maxJobTypeLength":"#);
    put_number(out, view.limits.id_bytes_max);
    put(out, r#","maxTenantIdLength":"#);
    put_number(out, TENANT_ID_MAX);
    put(out, r#","maxUniqueKeys":0}"#);
    if view.limits.level >= Level::V8_10 {
        put(
            out,
            r#","components":{"active":[]},"deployment":{"isMultiTenancyEnabled":false,"maxRequestSize":"#,
        );
        put_number(out, view.limits.request_bytes_max());
        put(out, r#"},"authentication":{"canLogout":false,"isLoginDelegated":false},"cloud":{"stage":null}"#);
    }
    out.push(b'}');
    Ok(())
}
