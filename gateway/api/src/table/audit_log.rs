//! Operations: audit log.

use crate::objects::audit_log::{
    AUDIT_LOG_RESULT, AUDIT_LOG_SEARCH_QUERY_REQUEST, AUDIT_LOG_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Method, Version, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::KEY;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Audit Log",
    operations: &[
        op("searchAuditLogs", Method::Post, "/audit-logs/search", Version::V8_9)
            .json_or_nothing(Schema::Object(&AUDIT_LOG_SEARCH_QUERY_REQUEST))
            .gives(&[json(200, Schema::Object(&AUDIT_LOG_SEARCH_QUERY_RESULT))])
            .errors(&[400, 401, 403, 500]),
        op("getAuditLog", Method::Get, "/audit-logs/{auditLogKey}", Version::V8_9)
            .takes(&[path("auditLogKey", KEY)])
            .gives(&[json(200, Schema::Object(&AUDIT_LOG_RESULT))])
            .errors(&[401, 403, 404, 500]),
    ],
};
