//! Deployments on their way to the other partitions: sent at once, and again until they are acknowledged.

use crate::contract::Effect;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_record::command::{DistributedDeployment, DistributedProcess, DistributionCommand};
use ringbolt_record::values::DeploymentDistributionRecord;
use ringbolt_record::{Command, DeploymentDistributionIntent, DurationMs, Key, PartitionId};

/// How long an acknowledgement may take before a deployment is sent again.
pub(crate) const RESEND_INTERVAL: DurationMs = DurationMs(10_000);

/// Sends a new deployment to all other partitions.
pub(crate) fn begin(p: &mut Processing<'_>, deployment_key: Key, tenant_id: &str, definitions: &[Key]) {
    let settings = p.settings;
    for partition in &settings.other_partitions {
        let record =
            DeploymentDistributionRecord { partition_id: *partition, process_definition_keys: definitions };
        p.append(DeploymentDistributionIntent::Distributing, deployment_key, &record);
        send(p, deployment_key, *partition, tenant_id, definitions);
    }
}

/// Sends a deployment to a partition.
pub(crate) fn send(
    p: &mut Processing<'_>,
    deployment_key: Key,
    partition: PartitionId,
    tenant_id: &str,
    definitions: &[Key],
) {
    let processes = definitions.iter().filter_map(|key| {
        let row = p.tables().process(*key)?;
        Some(DistributedProcess {
            process_definition_key: *key,
            bpmn_process_id: row.bpmn_process_id.to_owned(),
            version: row.version,
            version_tag: row.version_tag.to_owned(),
            resource_name: row.resource_name.to_owned(),
            checksum: row.checksum,
            resource: Bytes::copy_from_slice(row.resource),
        })
    });
    let deployment = DistributedDeployment {
        deployment_key,
        tenant_id: tenant_id.to_owned(),
        processes: processes.collect(),
    };
    let command = Command::Distribution(DistributionCommand::Distribute(deployment));
    *p.resend_at = p.now.plus(RESEND_INTERVAL);
    p.effect(Effect::Send { partition, command });
}
