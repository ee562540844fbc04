//! Topology, status and license.

use crate::answer::Answer;
use crate::json::{put, put_number, put_text, put_text_or_null};
use crate::problem::Problem;
use crate::rest::Rest;
use ringbolt_api::{
    Broker, BrokerInfo, COMPATIBLE_VERSION, ErrorKind, PartitionHealth, PartitionRole, RINGBOLT_VERSION,
};

impl<B: Broker> Rest<B> {
    pub(crate) fn topology(&self) -> Answer<B::JobStream> {
        let topology = self.gateway.topology();
        let mut out = Vec::with_capacity(512);
        put(&mut out, r#"{"brokers":["#);
        for (at, broker) in topology.brokers.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            put_broker(&mut out, broker);
        }
        put(&mut out, r#"],"clusterId":"#);
        put_text_or_null(&mut out, &topology.cluster_id);
        put(&mut out, r#","clusterSize":"#);
        put_number(&mut out, topology.cluster_size);
        put(&mut out, r#","partitionsCount":"#);
        put_number(&mut out, topology.partitions_count);
        put(&mut out, r#","replicationFactor":"#);
        put_number(&mut out, topology.replication_factor);
        put(&mut out, r#","gatewayVersion":"#);
        put_text(&mut out, COMPATIBLE_VERSION);
        put(&mut out, r#","lastCompletedChangeId":""#);
        put_number(&mut out, topology.last_completed_change_id);
        put(&mut out, r#""}"#);
        let mut answer = Answer::json(out);
        // Beside the document: some clients refuse documents with members that they do not know.
        answer.extra = Some(("ringbolt-version", RINGBOLT_VERSION.to_owned()));
        answer
    }

    pub(crate) fn status(&self) -> Result<Answer<B::JobStream>, Problem> {
        if self.gateway.topology().has_healthy_leader() {
            return Ok(Answer::no_content());
        }
        let kind = ErrorKind::Unavailable;
        Err(Problem::new(kind.http_status(), kind.title(), "No partition has a healthy leader"))
    }

    /// Ringbolt needs no license key: it is always valid.
    pub(crate) fn license(&self) -> Answer<B::JobStream> {
        const LICENSE: &str =
            r#"{"validLicense":true,"licenseType":"apache-2.0","isCommercial":false,"expiresAt":null}"#;
        Answer::json(LICENSE.into())
    }
}

fn put_broker(out: &mut Vec<u8>, broker: &BrokerInfo) {
    put(out, r#"{"nodeId":"#);
    put_number(out, broker.node_id);
    put(out, r#","host":"#);
    put_text(out, &broker.host);
    put(out, r#","port":"#);
    put_number(out, broker.port);
    put(out, r#","partitions":["#);
    for (at, partition) in broker.partitions.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
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
        out.push(b'}');
    }
    put(out, r#"],"version":"#);
    put_text(out, COMPATIBLE_VERSION);
    out.push(b'}');
}
