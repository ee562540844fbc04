//! Objects of the protocol: backup.

use crate::objects::enums::{BACKUP_TYPE, STATE_CODE};
use crate::schema::kinds::{DATE_TIME, LONG, TEXT, at_least, list};
use crate::schema::{Bits, Object, Schema, field};

/// `BackupInfo`.
pub static BACKUP_INFO: Object = Object {
    name: "BackupInfo",
    fields: &[
        field("backupId", at_least(Bits::B64, 1)).required(),
        field("state", STATE_CODE).required(),
        field("failureReason", TEXT).required().nullable(),
        field("details", list(&Schema::Object(&PARTITION_BACKUP_INFO))).required(),
    ],
};

/// `ClusterHistoryBackupInfo`.
pub static CLUSTER_HISTORY_BACKUP_INFO: Object = Object {
    name: "ClusterHistoryBackupInfo",
    fields: &[
        field("backupId", at_least(Bits::B64, 1)).required(),
        field("physicalTenants", list(&Schema::Object(&CLUSTER_HISTORY_BACKUP_TENANT_INFO))).required(),
    ],
};

/// `ClusterHistoryBackupTakeResult`.
pub static CLUSTER_HISTORY_BACKUP_TAKE_RESULT: Object = Object {
    name: "ClusterHistoryBackupTakeResult",
    fields: &[
        field("physicalTenantId", TEXT).required(),
        field("scheduledSnapshots", list(&TEXT)).required(),
    ],
};

/// `ClusterHistoryBackupTenantInfo`.
pub static CLUSTER_HISTORY_BACKUP_TENANT_INFO: Object = Object {
    name: "ClusterHistoryBackupTenantInfo",
    fields: &[
        field("physicalTenantId", TEXT).required(),
        field(
            "state",
            Schema::Enum(
                &["COMPLETED", "FAILED", "INCOMPATIBLE", "INCOMPLETE", "IN_PROGRESS", "NOT_FOUND"],
                &[],
            ),
        )
        .required(),
        field("failureReason", TEXT).required().nullable(),
        field("details", list(&Schema::Object(&HISTORY_BACKUP_SNAPSHOT_INFO))).required(),
    ],
};

/// `ClusterRuntimeBackupInfo`.
pub static CLUSTER_RUNTIME_BACKUP_INFO: Object = Object {
    name: "ClusterRuntimeBackupInfo",
    fields: &[
        field("backupId", at_least(Bits::B64, 1)).required(),
        field("state", STATE_CODE).required(),
        field("failureReason", TEXT).required().nullable(),
        field("physicalTenants", list(&Schema::Object(&CLUSTER_RUNTIME_BACKUP_TENANT_INFO))).required(),
    ],
};

/// `ClusterRuntimeBackupState`.
pub static CLUSTER_RUNTIME_BACKUP_STATE: Object = Object {
    name: "ClusterRuntimeBackupState",
    fields: &[
        field("physicalTenants", list(&Schema::Object(&CLUSTER_RUNTIME_BACKUP_TENANT_STATE))).required()
    ],
};

/// `ClusterRuntimeBackupTakeResult`.
pub static CLUSTER_RUNTIME_BACKUP_TAKE_RESULT: Object = Object {
    name: "ClusterRuntimeBackupTakeResult",
    fields: &[
        field("physicalTenantId", TEXT).required(),
        field("backupId", at_least(Bits::B64, 1)).required().nullable(),
        field("outcome", Schema::Enum(&["FAILED", "TRIGGERED", "UNKNOWN"], &[])).required(),
        field("reason", TEXT).required().nullable(),
    ],
};

/// `ClusterRuntimeBackupTenantInfo`.
pub static CLUSTER_RUNTIME_BACKUP_TENANT_INFO: Object = Object {
    name: "ClusterRuntimeBackupTenantInfo",
    fields: &[
        field("physicalTenantId", TEXT).required(),
        field("state", STATE_CODE).required(),
        field("failureReason", TEXT).required().nullable(),
        field("details", list(&Schema::Object(&PARTITION_BACKUP_INFO))).required(),
    ],
};

/// `ClusterRuntimeBackupTenantState`.
pub static CLUSTER_RUNTIME_BACKUP_TENANT_STATE: Object = Object {
    name: "ClusterRuntimeBackupTenantState",
    fields: &[
        field("physicalTenantId", TEXT).required(),
        field("state", Schema::Object(&CLUSTER_RUNTIME_BACKUP_TENANT_STATE_STATE)).required(),
    ],
};

/// `ClusterRuntimeBackupTenantStateState`.
pub static CLUSTER_RUNTIME_BACKUP_TENANT_STATE_STATE: Object = Object {
    name: "ClusterRuntimeBackupTenantStateState",
    fields: &[
        field("checkpointStates", list(&Schema::Object(&PARTITION_CHECKPOINT_STATE))).required(),
        field("backupStates", list(&Schema::Object(&PARTITION_BACKUP_STATE))).required(),
        field("ranges", list(&Schema::Object(&PARTITION_BACKUP_RANGE))).required(),
    ],
};

/// `ClusterTakeHistoryBackupResponse`.
pub static CLUSTER_TAKE_HISTORY_BACKUP_RESPONSE: Object = Object {
    name: "ClusterTakeHistoryBackupResponse",
    fields: &[
        field("backupId", at_least(Bits::B64, 1)).required(),
        field("physicalTenants", list(&Schema::Object(&CLUSTER_HISTORY_BACKUP_TAKE_RESULT))).required(),
    ],
};

/// `ClusterTakeRuntimeBackupResponse`.
pub static CLUSTER_TAKE_RUNTIME_BACKUP_RESPONSE: Object = Object {
    name: "ClusterTakeRuntimeBackupResponse",
    fields: &[field("physicalTenants", list(&Schema::Object(&CLUSTER_RUNTIME_BACKUP_TAKE_RESULT))).required()],
};

/// `HistoryBackupInfo`.
pub static HISTORY_BACKUP_INFO: Object = Object {
    name: "HistoryBackupInfo",
    fields: &[
        field("backupId", at_least(Bits::B64, 1)).required(),
        field(
            "state",
            Schema::Enum(&["COMPLETED", "FAILED", "INCOMPATIBLE", "INCOMPLETE", "IN_PROGRESS"], &[]),
        )
        .required(),
        field("failureReason", TEXT).required().nullable(),
        field("details", list(&Schema::Object(&HISTORY_BACKUP_SNAPSHOT_INFO))).required(),
    ],
};

/// `HistoryBackupSnapshotInfo`.
pub static HISTORY_BACKUP_SNAPSHOT_INFO: Object = Object {
    name: "HistoryBackupSnapshotInfo",
    fields: &[
        field("snapshotName", TEXT).required(),
        field("state", TEXT).required().nullable(),
        field("startTime", DATE_TIME).required().nullable(),
        field("failures", list(&TEXT)).required(),
    ],
};

/// `PartitionBackupInfo`.
pub static PARTITION_BACKUP_INFO: Object = Object {
    name: "PartitionBackupInfo",
    fields: &[
        field("partitionId", at_least(Bits::B32, 1)).required(),
        field("state", STATE_CODE).required(),
        field("failureReason", TEXT).required().nullable(),
        field("createdAt", DATE_TIME).required().nullable(),
        field("lastUpdatedAt", DATE_TIME).required().nullable(),
        field("snapshotId", TEXT).required().nullable(),
        field("firstLogPosition", LONG).required().nullable(),
        field("checkpointPosition", LONG).required().nullable(),
        field("brokerId", at_least(Bits::B32, 0)).required().nullable(),
        field("brokerVersion", TEXT).required().nullable(),
    ],
};

/// `PartitionBackupRange`.
pub static PARTITION_BACKUP_RANGE: Object = Object {
    name: "PartitionBackupRange",
    fields: &[
        field("partitionId", at_least(Bits::B32, 1)).required(),
        field("start", Schema::Object(&PARTITION_BACKUP_RANGE_START)).required().nullable(),
        field("end", Schema::Object(&PARTITION_BACKUP_RANGE_END)).required().nullable(),
    ],
};

/// `PartitionBackupRangeEnd`.
pub static PARTITION_BACKUP_RANGE_END: Object = Object {
    name: "PartitionBackupRangeEnd",
    fields: &[
        field("checkpointId", at_least(Bits::B64, 0)).required(),
        field("checkpointType", BACKUP_TYPE).required(),
        field("partitionId", at_least(Bits::B32, 1)).required().nullable(),
        field("checkpointPosition", LONG).required(),
        field("firstLogPosition", LONG).required(),
        field("checkpointTimestamp", DATE_TIME).required(),
    ],
};

/// `PartitionBackupRangeStart`.
pub static PARTITION_BACKUP_RANGE_START: Object = Object {
    name: "PartitionBackupRangeStart",
    fields: &[
        field("checkpointId", at_least(Bits::B64, 0)).required(),
        field("checkpointType", BACKUP_TYPE).required(),
        field("partitionId", at_least(Bits::B32, 1)).required().nullable(),
        field("checkpointPosition", LONG).required(),
        field("firstLogPosition", LONG).required(),
        field("checkpointTimestamp", DATE_TIME).required(),
    ],
};

/// `PartitionBackupState`.
pub static PARTITION_BACKUP_STATE: Object = Object {
    name: "PartitionBackupState",
    fields: &[
        field("checkpointId", at_least(Bits::B64, 0)).required(),
        field("checkpointType", BACKUP_TYPE).required(),
        field("partitionId", at_least(Bits::B32, 1)).required().nullable(),
        field("checkpointPosition", LONG).required(),
        field("firstLogPosition", LONG).required(),
        field("checkpointTimestamp", DATE_TIME).required(),
    ],
};

/// `PartitionCheckpointState`.
pub static PARTITION_CHECKPOINT_STATE: Object = Object {
    name: "PartitionCheckpointState",
    fields: &[
        field("checkpointId", at_least(Bits::B64, 0)).required(),
        field("checkpointType", Schema::Enum(&["MANUAL_BACKUP", "MARKER", "SCHEDULED_BACKUP"], &[]))
            .required(),
        field("partitionId", at_least(Bits::B32, 1)).required(),
        field("checkpointPosition", LONG).required(),
        field("checkpointTimestamp", DATE_TIME).required(),
    ],
};

/// `RuntimeBackupState`.
pub static RUNTIME_BACKUP_STATE: Object = Object {
    name: "RuntimeBackupState",
    fields: &[
        field("checkpointStates", list(&Schema::Object(&PARTITION_CHECKPOINT_STATE))).required(),
        field("backupStates", list(&Schema::Object(&PARTITION_BACKUP_STATE))).required(),
        field("ranges", list(&Schema::Object(&PARTITION_BACKUP_RANGE))).required(),
    ],
};

/// `TakeHistoryBackupRequest`.
pub static TAKE_HISTORY_BACKUP_REQUEST: Object = Object {
    name: "TakeHistoryBackupRequest",
    fields: &[field("backupId", at_least(Bits::B64, 1)).required()],
};

/// `TakeHistoryBackupResponse`.
pub static TAKE_HISTORY_BACKUP_RESPONSE: Object = Object {
    name: "TakeHistoryBackupResponse",
    fields: &[
        field("backupId", at_least(Bits::B64, 1)).required(),
        field("scheduledSnapshots", list(&TEXT)).required(),
    ],
};

/// `TakeRuntimeBackupRequest`.
pub static TAKE_RUNTIME_BACKUP_REQUEST: Object = Object {
    name: "TakeRuntimeBackupRequest",
    fields: &[field("backupId", at_least(Bits::B64, 1)).nullable()],
};

/// `TakeRuntimeBackupResponse`.
pub static TAKE_RUNTIME_BACKUP_RESPONSE: Object = Object {
    name: "TakeRuntimeBackupResponse",
    fields: &[field("backupId", at_least(Bits::B64, 1)).required()],
};
