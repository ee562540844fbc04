//! Operations: recovery.

use crate::objects::enums::MODE;
use crate::objects::recovery::{
    CLUSTER_MODE_CHANGE_RESPONSE, CLUSTER_RESTORE_REQUEST, CLUSTER_RESTORE_RESPONSE, RESTORE_REQUEST,
    RESTORE_STATUS_RESPONSE,
};
use crate::operation::{Group, Method, Version, json, op, query, query_required};
use crate::schema::Schema;
use crate::schema::kinds::TEXT;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Recovery",
    operations: &[
        op("changeClusterModeAsClusterAdmin", Method::Patch, "/cluster/v2/mode", Version::V8_10)
            .takes(&[
                query_required("mode", MODE),
                query("physicalTenantId", TEXT),
                query("dryRun", Schema::Flag),
            ])
            .gives(&[json(200, Schema::Object(&CLUSTER_MODE_CHANGE_RESPONSE))])
            .errors(&[400, 401, 404, 409, 500]),
        op("restoreAsClusterAdmin", Method::Post, "/cluster/v2/restore", Version::V8_10)
            .takes(&[query("physicalTenantId", TEXT), query("dryRun", Schema::Flag)])
            .json(Schema::Object(&CLUSTER_RESTORE_REQUEST))
            .gives(&[json(202, Schema::Object(&CLUSTER_RESTORE_RESPONSE))])
            .errors(&[400, 401, 404, 409, 500]),
        op("changeClusterMode", Method::Patch, "/mode", Version::V8_10)
            .takes(&[query_required("mode", MODE), query("dryRun", Schema::Flag)])
            .gives(&[json(200, Schema::Object(&CLUSTER_MODE_CHANGE_RESPONSE))])
            .errors(&[400, 401, 403, 500]),
        op("getRestoreStatus", Method::Get, "/restore", Version::V8_10)
            .gives(&[json(200, Schema::Object(&RESTORE_STATUS_RESPONSE))])
            .errors(&[401, 403, 404, 500]),
        op("restore", Method::Post, "/restore", Version::V8_10)
            .takes(&[query("dryRun", Schema::Flag)])
            .json(Schema::Object(&RESTORE_REQUEST))
            .gives(&[json(202, Schema::Object(&CLUSTER_RESTORE_RESPONSE))])
            .errors(&[400, 401, 403, 404, 409, 500]),
    ],
};
