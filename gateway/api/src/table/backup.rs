//! Operations: backup.

use crate::objects::backup::{
    BACKUP_INFO, CLUSTER_HISTORY_BACKUP_INFO, CLUSTER_RUNTIME_BACKUP_INFO, CLUSTER_RUNTIME_BACKUP_STATE,
    CLUSTER_TAKE_HISTORY_BACKUP_RESPONSE, CLUSTER_TAKE_RUNTIME_BACKUP_RESPONSE, HISTORY_BACKUP_INFO,
    RUNTIME_BACKUP_STATE, TAKE_HISTORY_BACKUP_REQUEST, TAKE_HISTORY_BACKUP_RESPONSE,
    TAKE_RUNTIME_BACKUP_REQUEST, TAKE_RUNTIME_BACKUP_RESPONSE,
};
use crate::operation::{Group, Method, Version, empty, json, op, path, query};
use crate::schema::kinds::{PREFIX, TEXT, at_least, list};
use crate::schema::{Bits, Schema};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Backup",
    operations: &[
        op("listHistoryBackups", Method::Get, "/backups/history", Version::V8_10)
            .takes(&[query("prefix", PREFIX), query("verbose", Schema::Flag)])
            .gives(&[json(200, list(&Schema::Object(&HISTORY_BACKUP_INFO)))])
            .errors(&[400, 401, 403, 500, 503]),
        op("takeHistoryBackup", Method::Post, "/backups/history", Version::V8_10)
            .json(Schema::Object(&TAKE_HISTORY_BACKUP_REQUEST))
            .gives(&[json(202, Schema::Object(&TAKE_HISTORY_BACKUP_RESPONSE))])
            .errors(&[400, 401, 403, 409, 500, 503]),
        op("deleteHistoryBackup", Method::Delete, "/backups/history/{backupId}", Version::V8_10)
            .takes(&[path("backupId", at_least(Bits::B64, 1))])
            .gives(&[empty(204)])
            .errors(&[401, 403, 404, 500, 503]),
        op("getHistoryBackup", Method::Get, "/backups/history/{backupId}", Version::V8_10)
            .takes(&[path("backupId", at_least(Bits::B64, 1))])
            .gives(&[json(200, Schema::Object(&HISTORY_BACKUP_INFO))])
            .errors(&[401, 403, 404, 500, 503]),
        op("listRuntimeBackups", Method::Get, "/backups/runtime", Version::V8_10)
            .takes(&[query("prefix", PREFIX)])
            .gives(&[json(200, list(&Schema::Object(&BACKUP_INFO)))])
            .errors(&[400, 401, 403, 500, 503]),
        op("takeRuntimeBackup", Method::Post, "/backups/runtime", Version::V8_10)
            .json_or_nothing(Schema::Object(&TAKE_RUNTIME_BACKUP_REQUEST))
            .gives(&[json(202, Schema::Object(&TAKE_RUNTIME_BACKUP_RESPONSE))])
            .errors(&[400, 401, 403, 409, 500, 503, 504]),
        op("deleteRuntimeBackupState", Method::Delete, "/backups/runtime/state", Version::V8_10)
            .gives(&[empty(204)])
            .errors(&[401, 403, 500, 503]),
        op("getRuntimeBackupState", Method::Get, "/backups/runtime/state", Version::V8_10)
            .gives(&[json(200, Schema::Object(&RUNTIME_BACKUP_STATE))])
            .errors(&[401, 403, 500, 503]),
        op("syncRuntimeBackupState", Method::Post, "/backups/runtime/state/sync", Version::V8_10)
            .gives(&[json(200, Schema::Object(&RUNTIME_BACKUP_STATE))])
            .errors(&[401, 403, 500, 503, 504]),
        op("deleteRuntimeBackup", Method::Delete, "/backups/runtime/{backupId}", Version::V8_10)
            .takes(&[path("backupId", at_least(Bits::B64, 1))])
            .gives(&[empty(204)])
            .errors(&[401, 403, 500, 503]),
        op("getRuntimeBackup", Method::Get, "/backups/runtime/{backupId}", Version::V8_10)
            .takes(&[path("backupId", at_least(Bits::B64, 1))])
            .gives(&[json(200, Schema::Object(&BACKUP_INFO))])
            .errors(&[401, 403, 404, 500, 503]),
        op("listHistoryBackupsAsClusterAdmin", Method::Get, "/cluster/v2/backups/history", Version::V8_10)
            .takes(&[
                query("physicalTenantId", TEXT),
                query("prefix", PREFIX),
                query("verbose", Schema::Flag),
            ])
            .gives(&[json(200, list(&Schema::Object(&CLUSTER_HISTORY_BACKUP_INFO)))])
            .errors(&[400, 401, 403, 404, 500, 503]),
        op("takeHistoryBackupAsClusterAdmin", Method::Post, "/cluster/v2/backups/history", Version::V8_10)
            .takes(&[query("physicalTenantId", TEXT)])
            .json(Schema::Object(&TAKE_HISTORY_BACKUP_REQUEST))
            .gives(&[json(202, Schema::Object(&CLUSTER_TAKE_HISTORY_BACKUP_RESPONSE))])
            .errors(&[400, 401, 403, 404, 409, 500, 503]),
        op(
            "deleteHistoryBackupAsClusterAdmin",
            Method::Delete,
            "/cluster/v2/backups/history/{backupId}",
            Version::V8_10,
        )
        .takes(&[path("backupId", at_least(Bits::B64, 1)), query("physicalTenantId", TEXT)])
        .gives(&[empty(204)])
        .errors(&[400, 401, 403, 404, 500, 503]),
        op(
            "getHistoryBackupAsClusterAdmin",
            Method::Get,
            "/cluster/v2/backups/history/{backupId}",
            Version::V8_10,
        )
        .takes(&[path("backupId", at_least(Bits::B64, 1)), query("physicalTenantId", TEXT)])
        .gives(&[json(200, Schema::Object(&CLUSTER_HISTORY_BACKUP_INFO))])
        .errors(&[400, 401, 403, 404, 500, 503]),
        op("listRuntimeBackupsAsClusterAdmin", Method::Get, "/cluster/v2/backups/runtime", Version::V8_10)
            .takes(&[query("physicalTenantId", TEXT), query("prefix", PREFIX)])
            .gives(&[json(200, list(&Schema::Object(&CLUSTER_RUNTIME_BACKUP_INFO)))])
            .errors(&[400, 401, 404, 500, 503]),
        op("takeRuntimeBackupAsClusterAdmin", Method::Post, "/cluster/v2/backups/runtime", Version::V8_10)
            .takes(&[query("physicalTenantId", TEXT)])
            .json_or_nothing(Schema::Object(&TAKE_RUNTIME_BACKUP_REQUEST))
            .gives(&[json(202, Schema::Object(&CLUSTER_TAKE_RUNTIME_BACKUP_RESPONSE))])
            .errors(&[400, 401, 404, 409, 500, 502, 503, 504]),
        op(
            "deleteRuntimeBackupStateAsClusterAdmin",
            Method::Delete,
            "/cluster/v2/backups/runtime/state",
            Version::V8_10,
        )
        .takes(&[query("physicalTenantId", TEXT)])
        .gives(&[empty(204)])
        .errors(&[401, 404, 500, 503]),
        op(
            "getRuntimeBackupStateAsClusterAdmin",
            Method::Get,
            "/cluster/v2/backups/runtime/state",
            Version::V8_10,
        )
        .takes(&[query("physicalTenantId", TEXT)])
        .gives(&[json(200, Schema::Object(&CLUSTER_RUNTIME_BACKUP_STATE))])
        .errors(&[401, 404, 500, 503]),
        op(
            "syncRuntimeBackupStateAsClusterAdmin",
            Method::Post,
            "/cluster/v2/backups/runtime/state/sync",
            Version::V8_10,
        )
        .takes(&[query("physicalTenantId", TEXT)])
        .gives(&[json(200, Schema::Object(&CLUSTER_RUNTIME_BACKUP_STATE))])
        .errors(&[401, 404, 500, 503, 504]),
        op(
            "deleteRuntimeBackupAsClusterAdmin",
            Method::Delete,
            "/cluster/v2/backups/runtime/{backupId}",
            Version::V8_10,
        )
        .takes(&[path("backupId", at_least(Bits::B64, 1)), query("physicalTenantId", TEXT)])
        .gives(&[empty(204)])
        .errors(&[400, 401, 404, 500, 503]),
        op(
            "getRuntimeBackupAsClusterAdmin",
            Method::Get,
            "/cluster/v2/backups/runtime/{backupId}",
            Version::V8_10,
        )
        .takes(&[path("backupId", at_least(Bits::B64, 1)), query("physicalTenantId", TEXT)])
        .gives(&[json(200, Schema::Object(&CLUSTER_RUNTIME_BACKUP_INFO))])
        .errors(&[400, 401, 404, 500, 503]),
    ],
};
