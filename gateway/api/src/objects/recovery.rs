//! Objects of the protocol: recovery.

use crate::schema::kinds::{DATE_TIME, INT, LONG, TEXT, list};
use crate::schema::{Object, Schema, field};

/// `ClusterModeChangeOperation`.
pub static CLUSTER_MODE_CHANGE_OPERATION: Object = Object {
    name: "ClusterModeChangeOperation",
    fields: &[field("operation", TEXT).required(), field("mode", TEXT).required().nullable()],
};

/// `ClusterModeChangePlannedChange`.
pub static CLUSTER_MODE_CHANGE_PLANNED_CHANGE: Object = Object {
    name: "ClusterModeChangePlannedChange",
    fields: &[
        field("physicalTenantId", TEXT).required().nullable(),
        field("operations", list(&Schema::Object(&CLUSTER_MODE_CHANGE_OPERATION))).required(),
    ],
};

/// `ClusterModeChangeResponse`.
pub static CLUSTER_MODE_CHANGE_RESPONSE: Object = Object {
    name: "ClusterModeChangeResponse",
    fields: &[
        field("changeId", TEXT).required(),
        field("plannedChanges", list(&Schema::Object(&CLUSTER_MODE_CHANGE_PLANNED_CHANGE))).required(),
    ],
};

/// `ClusterRestoreAwaitModeChangeOperation`.
pub static CLUSTER_RESTORE_AWAIT_MODE_CHANGE_OPERATION: Object = Object {
    name: "ClusterRestoreAwaitModeChangeOperation",
    fields: &[
        field("operation", TEXT).required(),
        field("brokerId", TEXT).required(),
        field("mode", TEXT).required(),
    ],
};

/// `ClusterRestoreBrokerOperation`.
pub static CLUSTER_RESTORE_BROKER_OPERATION: Object = Object {
    name: "ClusterRestoreBrokerOperation",
    fields: &[field("operation", TEXT).required(), field("brokerId", TEXT).required()],
};

/// `ClusterRestoreModeChangeOperation`.
pub static CLUSTER_RESTORE_MODE_CHANGE_OPERATION: Object = Object {
    name: "ClusterRestoreModeChangeOperation",
    fields: &[
        field("operation", TEXT).required(),
        field("brokerId", TEXT).required(),
        field("mode", TEXT).required(),
    ],
};

/// `ClusterRestorePartitionOperation`.
pub static CLUSTER_RESTORE_PARTITION_OPERATION: Object = Object {
    name: "ClusterRestorePartitionOperation",
    fields: &[
        field("operation", TEXT).required(),
        field("brokerId", TEXT).required(),
        field("partitionId", INT).required(),
    ],
};

/// `ClusterRestorePartitionRestoreOperation`.
pub static CLUSTER_RESTORE_PARTITION_RESTORE_OPERATION: Object = Object {
    name: "ClusterRestorePartitionRestoreOperation",
    fields: &[
        field("operation", TEXT).required(),
        field("brokerId", TEXT).required(),
        field("partitionId", INT).required(),
        field("backupIds", list(&LONG)).required(),
    ],
};

/// `ClusterRestorePlannedChange`.
pub static CLUSTER_RESTORE_PLANNED_CHANGE: Object = Object {
    name: "ClusterRestorePlannedChange",
    fields: &[
        field("physicalTenantId", TEXT).required().nullable(),
        field(
            "operations",
            list(&Schema::OneOf(&[
                Schema::Object(&CLUSTER_RESTORE_BROKER_OPERATION),
                Schema::Object(&CLUSTER_RESTORE_PARTITION_OPERATION),
                Schema::Object(&CLUSTER_RESTORE_PARTITION_RESTORE_OPERATION),
                Schema::Object(&CLUSTER_RESTORE_MODE_CHANGE_OPERATION),
                Schema::Object(&CLUSTER_RESTORE_AWAIT_MODE_CHANGE_OPERATION),
            ])),
        )
        .required(),
    ],
};

/// `ClusterRestoreRequest`.
pub static CLUSTER_RESTORE_REQUEST: Object = Object {
    name: "ClusterRestoreRequest",
    fields: &[
        field("overrides", Schema::Map(&Schema::Object(&RESTORE_REQUEST))).nullable(),
        field("from", DATE_TIME).nullable(),
        field("to", DATE_TIME).nullable(),
        field("backupIds", list(&LONG)).nullable(),
    ],
};

/// `ClusterRestoreResponse`.
pub static CLUSTER_RESTORE_RESPONSE: Object = Object {
    name: "ClusterRestoreResponse",
    fields: &[
        field("changeId", TEXT).required(),
        field("plannedChanges", list(&Schema::Object(&CLUSTER_RESTORE_PLANNED_CHANGE))).required(),
    ],
};

/// `RestoreBrokerStatus`.
pub static RESTORE_BROKER_STATUS: Object = Object {
    name: "RestoreBrokerStatus",
    fields: &[
        field("brokerId", TEXT).required(),
        field("partitionsRestored", INT).required(),
        field("partitionsToRestore", INT).required(),
        field("partitions", list(&Schema::Object(&RESTORE_PARTITION_STATUS))).required(),
    ],
};

/// `RestorePartitionStatus`.
pub static RESTORE_PARTITION_STATUS: Object = Object {
    name: "RestorePartitionStatus",
    fields: &[
        field("partitionId", INT).required(),
        field("state", Schema::Enum(&["PENDING", "RESTORED", "RESTORING"], &[])).required(),
        field("backupIds", list(&LONG)).required(),
        field("completedAt", DATE_TIME).required().nullable(),
    ],
};

/// `RestoreRequest`.
pub static RESTORE_REQUEST: Object = Object {
    name: "RestoreRequest",
    fields: &[
        field("from", DATE_TIME).nullable(),
        field("to", DATE_TIME).nullable(),
        field("backupIds", list(&LONG)).nullable(),
    ],
};

/// `RestoreStatusResponse`.
pub static RESTORE_STATUS_RESPONSE: Object = Object {
    name: "RestoreStatusResponse",
    fields: &[
        field("status", Schema::Enum(&["CANCELLED", "COMPLETED", "FAILED", "IN_PROGRESS"], &[])).required(),
        field("changeId", TEXT).required(),
        field("startedAt", DATE_TIME).required().nullable(),
        field("brokers", list(&Schema::Object(&RESTORE_BROKER_STATUS))).required(),
    ],
};
