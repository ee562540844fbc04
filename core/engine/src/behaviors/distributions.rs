//! Deployments on their way to the other partitions: sent at once, and again until they are acknowledged.

use crate::contract::Effect;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_record::command::{
    DistributedDecision, DistributedDecisionRequirements, DistributedDeployment, DistributedProcess,
    DistributionCommand,
};
use ringbolt_record::values::DeploymentDistributionRecord;
use ringbolt_record::{Command, DeploymentDistributionIntent, DurationMs, Key, PartitionId};
use ringbolt_tables::Tables;

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
    let deployment = DistributedDeployment {
        deployment_key,
        tenant_id: tenant_id.to_owned(),
        processes: definitions.iter().filter_map(|key| process(p.tables(), *key)).collect(),
        decision_requirements: definitions.iter().filter_map(|key| model(p.tables(), *key)).collect(),
    };
    let command = Command::Distribution(DistributionCommand::Distribute(deployment));
    *p.resend_at = p.now.plus(RESEND_INTERVAL);
    p.effect(Effect::Send { partition, command });
}

/// The owner of a deployment, as its first definition has it.
pub(crate) fn tenant_of(p: &Processing<'_>, definitions: &[Key]) -> String {
    let tables = p.tables();
    let tenant_id = definitions.first().and_then(|key| {
        let of_process = tables.process(*key).map(|row| row.tenant_id);
        of_process.or_else(|| tables.decision_requirements(*key).map(|row| row.tenant_id))
    });
    tenant_id.unwrap_or_default().to_owned()
}

fn process(tables: &Tables, key: Key) -> Option<DistributedProcess> {
    let row = tables.process(key)?;
    Some(DistributedProcess {
        process_definition_key: key,
        bpmn_process_id: row.bpmn_process_id.to_owned(),
        version: row.version,
        version_tag: row.version_tag.to_owned(),
        resource_name: row.resource_name.to_owned(),
        checksum: row.checksum,
        resource: Bytes::copy_from_slice(row.resource),
    })
}

fn model(tables: &Tables, key: Key) -> Option<DistributedDecisionRequirements> {
    let row = tables.decision_requirements(key)?;
    let decisions = tables.decisions_of(key).filter_map(|decision_key| {
        let row = tables.decision(decision_key)?;
        Some(DistributedDecision {
            decision_key,
            decision_id: row.decision_id.to_owned(),
            decision_name: row.decision_name.to_owned(),
            version: row.version,
            version_tag: row.version_tag.to_owned(),
        })
    });
    Some(DistributedDecisionRequirements {
        decision_requirements_key: key,
        decision_requirements_id: row.decision_requirements_id.to_owned(),
        decision_requirements_name: row.decision_requirements_name.to_owned(),
        version: row.version,
        namespace: row.namespace.to_owned(),
        resource_name: row.resource_name.to_owned(),
        checksum: row.checksum,
        resource: Bytes::copy_from_slice(row.resource),
        decisions: decisions.collect(),
    })
}
