//! Objects of the protocol: cluster.

use crate::schema::kinds::{DATE_TIME, INT, LONG, TEXT, at_least, list};
use crate::schema::{Bits, Object, Schema, field};

/// `BrokerInfo`.
pub static BROKER_INFO: Object = Object {
    name: "BrokerInfo",
    fields: &[
        field("nodeId", INT).required(),
        field("brokerId", TEXT).required().since_8_10(),
        field("host", TEXT).required(),
        field("port", INT).required(),
        field("partitions", list(&Schema::Object(&PARTITION))).required(),
        field("version", TEXT).required(),
    ],
};

/// `ClusterBalanceResponse`.
pub static CLUSTER_BALANCE_RESPONSE: Object = Object {
    name: "ClusterBalanceResponse",
    fields: &[
        field("state", Schema::Enum(&["BALANCED", "BALANCING", "UNBALANCED"], &[])).required(),
        field("partitions", list(&Schema::Object(&CLUSTER_REBALANCE_PARTITION))).required(),
        field("runningRebalance", Schema::Object(&CLUSTER_BALANCE_RESPONSE_RUNNING_REBALANCE))
            .required()
            .nullable(),
        field("lastCompletedRebalance", Schema::Object(&CLUSTER_BALANCE_RESPONSE_LAST_COMPLETED_REBALANCE))
            .required()
            .nullable(),
    ],
};

/// `ClusterBalanceResponseLastCompletedRebalance`.
pub static CLUSTER_BALANCE_RESPONSE_LAST_COMPLETED_REBALANCE: Object = Object {
    name: "ClusterBalanceResponseLastCompletedRebalance",
    fields: &[
        field("rebalanceId", LONG).required(),
        field("partitions", list(&Schema::Object(&CLUSTER_REBALANCE_OPERATION_PARTITION))).required(),
        field("startedAt", DATE_TIME).required(),
        field("finishedAt", DATE_TIME).required(),
        field("result", Schema::Enum(&["CANCELLED", "COMPLETED", "FAILED"], &[])).required(),
    ],
};

/// `ClusterBalanceResponseRunningRebalance`.
pub static CLUSTER_BALANCE_RESPONSE_RUNNING_REBALANCE: Object = Object {
    name: "ClusterBalanceResponseRunningRebalance",
    fields: &[
        field("rebalanceId", LONG).required(),
        field("partitions", list(&Schema::Object(&CLUSTER_REBALANCE_OPERATION_PARTITION))).required(),
        field("startedAt", DATE_TIME).required(),
        field("dryRun", Schema::Flag).required(),
        field("cancelRequested", Schema::Flag).required(),
    ],
};

/// `ClusterBrokerInfo`.
pub static CLUSTER_BROKER_INFO: Object = Object {
    name: "ClusterBrokerInfo",
    fields: &[
        field("brokerId", TEXT).required(),
        field("host", TEXT).required(),
        field("port", INT).required(),
        field("version", TEXT).required(),
    ],
};

/// `ClusterRebalanceOperationPartition`.
pub static CLUSTER_REBALANCE_OPERATION_PARTITION: Object = Object {
    name: "ClusterRebalanceOperationPartition",
    fields: &[
        field("partitionId", INT).required(),
        field("physicalTenantId", TEXT).required(),
        field("currentLeader", TEXT).required().nullable(),
        field("desiredLeader", TEXT).required(),
        field("progress", Schema::Enum(&["COMPLETED", "PENDING", "TRANSFERRING"], &[])).required(),
        field(
            "result",
            Schema::Enum(
                &[
                    "ALREADY_LEADER",
                    "CANCELLED",
                    "CONFIGURATION_CHANGE_IN_PROGRESS",
                    "LAG_TOO_HIGH",
                    "LEADER_CHANGED",
                    "LEADER_INITIALIZING",
                    "NOT_COORDINATOR",
                    "NOT_MEMBER",
                    "NOT_REPLICATING",
                    "NO_LEADER",
                    "NO_RESPONSE",
                    "PAUSE_FAILED",
                    "PHYSICAL_TENANT_DISABLED",
                    "PHYSICAL_TENANT_RECOVERING",
                    "REPLICATION_TIMED_OUT",
                    "STALE_CONFIGURATION",
                    "TIMEOUT_NOW_EXHAUSTED",
                    "TRANSFERRED",
                    "TRANSFER_IN_PROGRESS",
                    "UNREACHABLE",
                ],
                &[],
            ),
        )
        .required()
        .nullable(),
    ],
};

/// `ClusterRebalancePartition`.
pub static CLUSTER_REBALANCE_PARTITION: Object = Object {
    name: "ClusterRebalancePartition",
    fields: &[
        field("partitionId", INT).required(),
        field("physicalTenantId", TEXT).required(),
        field("currentLeader", TEXT).required().nullable(),
        field("desiredLeader", TEXT).required(),
        field("state", Schema::Enum(&["BALANCED", "TRANSFERRING", "UNBALANCED"], &[])).required(),
    ],
};

/// `ClusterRebalanceRequest`.
pub static CLUSTER_REBALANCE_REQUEST: Object = Object {
    name: "ClusterRebalanceRequest",
    fields: &[
        field("replicationLagThreshold", at_least(Bits::B64, 0)),
        field("replicationTimeout", TEXT),
        field("maxTransferAttempts", at_least(Bits::B32, 1)),
        field("leaderWaitTimeout", TEXT),
    ],
};

/// `ClusterStatusResponse`.
pub static CLUSTER_STATUS_RESPONSE: Object = Object {
    name: "ClusterStatusResponse",
    fields: &[field("status", Schema::Enum(&["DEGRADED", "DOWN", "HEALTHY"], &[])).required()],
};

/// `ClusterTopologyResponse`.
pub static CLUSTER_TOPOLOGY_RESPONSE: Object = Object {
    name: "ClusterTopologyResponse",
    fields: &[
        field("brokers", list(&Schema::Object(&CLUSTER_BROKER_INFO))).required(),
        field("clusterId", TEXT).required().nullable(),
        field("clusterSize", INT).required(),
        field("gatewayVersion", TEXT).required().nullable(),
        field("physicalTenants", list(&Schema::Object(&PHYSICAL_TENANT_TOPOLOGY))).required(),
    ],
};

/// `ClusterUpgradeStatusResponse`.
pub static CLUSTER_UPGRADE_STATUS_RESPONSE: Object = Object {
    name: "ClusterUpgradeStatusResponse",
    fields: &[
        field("status", Schema::Enum(&["MIGRATED", "MIGRATION_IN_PROGRESS", "UNKNOWN"], &[])).required()
    ],
};

/// `Partition`.
pub static PARTITION: Object = Object {
    name: "Partition",
    fields: &[
        field("partitionId", INT).required(),
        field("role", Schema::Enum(&["follower", "inactive", "leader"], &[])).required(),
        field("health", Schema::Enum(&["dead", "healthy", "unhealthy"], &[])).required(),
        field(
            "state",
            Schema::Enum(&["active", "joining", "learner", "leaving", "recovering", "unknown"], &[]),
        )
        .required()
        .since_8_10(),
    ],
};

/// `PhysicalTenantBrokerTopology`.
pub static PHYSICAL_TENANT_BROKER_TOPOLOGY: Object = Object {
    name: "PhysicalTenantBrokerTopology",
    fields: &[
        field("brokerId", TEXT).required(),
        field("partitions", list(&Schema::Object(&PARTITION))).required(),
    ],
};

/// `PhysicalTenantTopology`.
pub static PHYSICAL_TENANT_TOPOLOGY: Object = Object {
    name: "PhysicalTenantTopology",
    fields: &[
        field("physicalTenantId", TEXT).required(),
        field("partitionsCount", INT).required(),
        field("replicationFactor", INT).required(),
        field("lastCompletedChangeId", TEXT).required(),
        field("brokers", list(&Schema::Object(&PHYSICAL_TENANT_BROKER_TOPOLOGY))).required(),
    ],
};

/// `RebalanceCancellationResponse`.
pub static REBALANCE_CANCELLATION_RESPONSE: Object =
    Object { name: "RebalanceCancellationResponse", fields: &[field("wasRunning", Schema::Flag).required()] };

/// `TopologyResponse`.
pub static TOPOLOGY_RESPONSE: Object = Object {
    name: "TopologyResponse",
    fields: &[
        field("brokers", list(&Schema::Object(&BROKER_INFO))).required(),
        field("clusterId", TEXT).required().nullable(),
        field("clusterSize", INT).required(),
        field("partitionsCount", INT).required(),
        field("replicationFactor", INT).required(),
        field("gatewayVersion", TEXT).required(),
        field("lastCompletedChangeId", TEXT).required(),
    ],
};
