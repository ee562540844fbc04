//! Operations: cluster.

use crate::objects::cluster::{
    CLUSTER_BALANCE_RESPONSE, CLUSTER_REBALANCE_REQUEST, CLUSTER_STATUS_RESPONSE, CLUSTER_TOPOLOGY_RESPONSE,
    CLUSTER_UPGRADE_STATUS_RESPONSE, REBALANCE_CANCELLATION_RESPONSE, TOPOLOGY_RESPONSE,
};
use crate::operation::{Group, Method, Version, empty, json, op, query};
use crate::schema::Schema;

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
            .gives(&[json(200, Schema::Object(&CLUSTER_STATUS_RESPONSE))])
            .errors(&[503]),
        op("getClusterUpgradeStatus", Method::Get, "/cluster/v2/status/upgrade", Version::V8_10)
            .gives(&[json(200, Schema::Object(&CLUSTER_UPGRADE_STATUS_RESPONSE))]),
        op("getClusterTopology", Method::Get, "/cluster/v2/topology", Version::V8_10)
            .gives(&[json(200, Schema::Object(&CLUSTER_TOPOLOGY_RESPONSE))])
            .errors(&[401, 403, 500]),
        op("getStatus", Method::Get, "/status", Version::V8_8).gives(&[empty(204)]).errors(&[503]),
        op("getTopology", Method::Get, "/topology", Version::V8_5)
            .gives(&[json(200, Schema::Object(&TOPOLOGY_RESPONSE))])
            .errors(&[401, 500]),
    ],
};
