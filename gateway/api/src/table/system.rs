//! Operations: system.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_number, put_text};
use crate::objects::system::{SYSTEM_CONFIGURATION_RESPONSE, USAGE_METRICS_RESPONSE};
use crate::operation::{Group, Method, Operation, Version, View, json, op, query, query_required};
use crate::schema::kinds::{DATE_TIME, TENANT};
use crate::schema::{Level, Schema};
use crate::search::{Look, told};
use crate::time::unix_ms_of;
use ringbolt_query::{JOB_COUNTS_MAX, UsageFigures};
use ringbolt_record::DEFAULT_TENANT;

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
            .says("How many process instances and decisions there were in a time, and for how many people, to the minute")
            .look(usage)
            .gives(&[json(200, Schema::Object(&USAGE_METRICS_RESPONSE))])
            .errors(&[400, 401, 403, 500]),
    ],
};

fn usage(call: &mut Call<'_>, _: &'static Operation) -> Result<Look, ApiError> {
    let moment = |call: &mut Call<'_>, name: &str| {
        let found = call.query(name).and_then(unix_ms_of);
        if found.is_none() {
            call.violated(format!("The value for {name} is no moment that there is"));
        }
        found.unwrap_or_default()
    };
    let (from, until) = (moment(call, "startTime"), moment(call, "endTime"));
    let is_of_other =
        call.query("tenantId").is_some_and(|tenant| !tenant.is_empty() && tenant != DEFAULT_TENANT);
    let has_tenants = call.query("withTenants") == Some("true");
    call.check()?;
    Ok(Box::new(move |searcher, cancel| {
        let used = match is_of_other {
            true => UsageFigures::default(),
            false => searcher.usage(from, until, cancel).map_err(|error| told(&error))?,
        };
        let is_active = used != UsageFigures::default();
        let mut out = b"{".to_vec();
        put_usage(&mut out, &used);
        put(&mut out, r#","activeTenants":"#);
        put_number(&mut out, u8::from(is_active));
        put(&mut out, r#","tenants":{"#);
        if has_tenants && is_active {
            put_text(&mut out, DEFAULT_TENANT);
            put(&mut out, ":{");
            put_usage(&mut out, &used);
            put(&mut out, "}");
        }
        put(&mut out, "}}");
        Ok(Some(out))
    }))
}

fn put_usage(out: &mut Vec<u8>, used: &UsageFigures) {
    put(out, r#""processInstances":"#);
    put_number(out, used.process_instances);
    put(out, r#","decisionInstances":"#);
    put_number(out, used.decision_instances);
    put(out, r#","assignees":"#);
    put_number(out, used.assignees);
}

/// What became of jobs is kept by the minute (`searches` count it), as soon as it is written.
fn configuration(view: &View<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    put(out, r#"{"jobMetrics":{"enabled":true,"exportInterval":"PT1M","maxWorkerNameLength":"#);
    put_number(out, view.limits.worker_bytes_max);
    put(out, r#","maxJobTypeLength":"#);
    put_number(out, view.limits.id_bytes_max);
    put(out, r#","maxTenantIdLength":"#);
    put_number(out, TENANT_ID_MAX);
    put(out, r#","maxUniqueKeys":"#);
    put_number(out, JOB_COUNTS_MAX);
    put(out, "}");
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
