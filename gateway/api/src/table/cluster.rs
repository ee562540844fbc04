//! Operations: cluster.

use crate::broker::{BrokerInfo, PartitionHealth, PartitionRole};
use crate::error::{ApiError, ErrorKind};
use crate::json::{put, put_list, put_number, put_text, put_text_or_null};
use crate::objects::cluster::{
    CLUSTER_BALANCE_RESPONSE, CLUSTER_REBALANCE_REQUEST, CLUSTER_STATUS_RESPONSE, CLUSTER_TOPOLOGY_RESPONSE,
    CLUSTER_UPGRADE_STATUS_RESPONSE, REBALANCE_CANCELLATION_RESPONSE, TOPOLOGY_RESPONSE,
};
use crate::operation::{Group, Method, Special, Version, View, empty, json, op, query};
use crate::schema::{Level, Schema};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Cluster",
    operations: &[
        op("cancelClusterRebalance", Method::Delete, "/cluster/v2/rebalance", Version::V8_10)
            .gives(&[json(200, Schema::Object(&REBALANCE_CANCELLATION_RESPONSE))])
            .errors(&[401, 500, 502, 503, 504]),
        op("getClusterRebalance", Method::Get, "/cluster/v2/rebalance", Version::V8_10)
            .gives(&[json(200, Schema::Object(&CLUSTER_BALANCE_RESPONSE))])
            .errors(&[401, 500, 502, 503, 504]),
        op("triggerClusterRebalance", Method::Post, "/cluster/v2/rebalance", Version::V8_10)
            .takes(&[query("dryRun", Schema::Flag)])
            .json_or_nothing(Schema::Object(&CLUSTER_REBALANCE_REQUEST))
            .gives(&[json(202, Schema::Object(&CLUSTER_BALANCE_RESPONSE))])
            .errors(&[400, 401, 409, 500, 502, 503, 504]),
        op("getClusterStatus", Method::Get, "/cluster/v2/status", Version::V8_10)
            .says("Says whether all partitions are well, some, or none")
            .get(cluster_status)
            .gives(&[json(200, Schema::Object(&CLUSTER_STATUS_RESPONSE))])
            .errors(&[503]),
        op("getClusterUpgradeStatus", Method::Get, "/cluster/v2/status/upgrade", Version::V8_10)
            .gives(&[json(200, Schema::Object(&CLUSTER_UPGRADE_STATUS_RESPONSE))]),
        op("getClusterTopology", Method::Get, "/cluster/v2/topology", Version::V8_10)
            .gives(&[json(200, Schema::Object(&CLUSTER_TOPOLOGY_RESPONSE))])
            .errors(&[401, 403, 500]),
        op("getStatus", Method::Get, "/status", Version::V8_8)
            .says("Says whether some partition has a leader that is well")
            .get(status)
            .gives(&[empty(204)])
            .errors(&[503]),
        op("getTopology", Method::Get, "/topology", Version::V8_5)
            .says("Shows the members of the cluster and their partitions")
            .special(Special::Topology)
            .gives(&[json(200, Schema::Object(&TOPOLOGY_RESPONSE))])
            .errors(&[401, 500]),
    ],
};

fn cluster_status(view: &View<'_>, out: &mut Vec<u8>) -> Result<(), ApiError> {
    status(view, out)?;
    let mut partitions = view.topology.brokers.iter().flat_map(|broker| &broker.partitions);
    let is_well = partitions.all(|partition| partition.health == PartitionHealth::Healthy);
    put(out, if is_well { r#"{"status":"HEALTHY"}"# } else { r#"{"status":"DEGRADED"}"# });
    Ok(())
}

fn status(view: &View<'_>, _: &mut Vec<u8>) -> Result<(), ApiError> {
    if view.topology.has_healthy_leader() {
        return Ok(());
    }
    Err(ApiError::new(ErrorKind::Unavailable, "No partition has a healthy leader"))
}

/// The cluster as a document.
pub fn put_topology(view: &View<'_>, out: &mut Vec<u8>) {
    let (topology, level) = (view.topology, view.limits.level);
    put(out, r#"{"brokers":"#);
    put_list(out, topology.brokers.iter(), |out, broker| put_broker(out, broker, level));
    put(out, r#","clusterId":"#);
    put_text_or_null(out, &topology.cluster_id);
    put(out, r#","clusterSize":"#);
    put_number(out, topology.cluster_size);
    put(out, r#","partitionsCount":"#);
    put_number(out, topology.partitions_count);
    put(out, r#","replicationFactor":"#);
    put_number(out, topology.replication_factor);
    put(out, r#","gatewayVersion":"#);
    put_text(out, level.camunda_version());
    put(out, r#","lastCompletedChangeId":""#);
    put_number(out, topology.last_completed_change_id);
    put(out, r#""}"#);
}

fn put_broker(out: &mut Vec<u8>, broker: &BrokerInfo, level: Level) {
    put(out, r#"{"nodeId":"#);
    put_number(out, broker.node_id);
    if level >= Level::V8_10 {
        put(out, r#","brokerId":""#);
        put_number(out, broker.node_id);
        out.push(b'"');
    }
    put(out, r#","host":"#);
    put_text(out, &broker.host);
    put(out, r#","port":"#);
    put_number(out, broker.port);
    put(out, r#","partitions":"#);
    put_list(out, broker.partitions.iter(), |out, partition| {
        put(out, r#"{"partitionId":"#);
        put_number(out, partition.partition_id.0);
        put(out, r#","role":"#);
        put_text(
            out,
            match partition.role {
                PartitionRole::Leader => "leader",
                PartitionRole::Follower => "follower",
                PartitionRole::Inactive => "inactive",
            },
        );
        put(out, r#","health":"#);
        put_text(
            out,
            match partition.health {
                PartitionHealth::Healthy => "healthy",
                PartitionHealth::Unhealthy => "unhealthy",
                PartitionHealth::Dead => "dead",
            },
        );
        put(out, if level >= Level::V8_10 { r#","state":"active"}"# } else { "}" });
    });
    put(out, r#","version":"#);
    put_text(out, level.camunda_version());
    out.push(b'}');
}
