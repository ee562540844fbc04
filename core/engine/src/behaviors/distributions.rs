//! Deployments on their way to the other partitions, and what has become of them.

use crate::behaviors::partitions;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_record::partition_message::{
    DeploymentReference, DistributedDecision, DistributedDecisionRequirements, DistributedDeployment,
    DistributedProcess,
};
use ringbolt_record::values::CommandDistributionRecord;
use ringbolt_record::{
    CommandDistributionIntent, DeploymentIntent, Key, PartitionId, PartitionMessage, ValueType,
};
use ringbolt_tables::Tables;

/// Sends a new deployment to all other partitions.
pub(crate) fn begin(p: &mut Processing<'_>, deployment_key: Key, definitions: &[Key]) {
    let others: Vec<PartitionId> = partitions::others(p).collect();
    if others.is_empty() {
        return;
    }
    append(p, CommandDistributionIntent::Started, deployment_key, p.settings.partition_id);
    let definitions = definitions.to_vec();
    let message = PartitionMessage::DeploymentReference(DeploymentReference { deployment_key, definitions });
    for partition in others {
        append(p, CommandDistributionIntent::Distributing, deployment_key, partition);
        partitions::send(p, partition, &message);
    }
}

/// A partition has taken a message over that may have been a deployment.
pub(crate) fn acknowledge(p: &mut Processing<'_>, partition: PartitionId, message: &PartitionMessage) {
    let PartitionMessage::DeploymentReference(DeploymentReference { deployment_key, .. }) = message else {
        return;
    };
    append(p, CommandDistributionIntent::Acknowledged, *deployment_key, partition);
    if !p.tables().has_distribution(*deployment_key) {
        append(p, CommandDistributionIntent::Finished, *deployment_key, p.settings.partition_id);
    }
}

fn append(
    p: &mut Processing<'_>,
    intent: CommandDistributionIntent,
    deployment_key: Key,
    partition_id: PartitionId,
) {
    let (value_type, intent_of_command) = (ValueType::Deployment, DeploymentIntent::Create.number());
    let record = CommandDistributionRecord { partition_id, value_type, intent: intent_of_command };
    p.append(intent, deployment_key, &record);
}

/// A message as it leaves: a deployment's definitions are read now, so that neither log nor outbox hold them once for each
/// partition.
pub(crate) fn whole(tables: &Tables, stored: &[u8]) -> Bytes {
    match PartitionMessage::read(stored) {
        Ok(PartitionMessage::DeploymentReference(reference)) => {
            PartitionMessage::Deployment(deployment(tables, &reference)).to_bytes().into()
        }
        Ok(_) | Err(_) => Bytes::copy_from_slice(stored),
    }
}

fn deployment(tables: &Tables, reference: &DeploymentReference) -> DistributedDeployment {
    let DeploymentReference { deployment_key, definitions } = reference;
    DistributedDeployment {
        deployment_key: *deployment_key,
        tenant_id: tenant_of(tables, definitions),
        processes: definitions.iter().filter_map(|key| process(tables, *key)).collect(),
        decision_requirements: definitions.iter().filter_map(|key| model(tables, *key)).collect(),
    }
}

/// The owner of a deployment, as its first definition has it.
fn tenant_of(tables: &Tables, definitions: &[Key]) -> String {
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
        resource: row.resource.to_vec(),
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
        resource: row.resource.to_vec(),
        decisions: decisions.collect(),
    })
}
