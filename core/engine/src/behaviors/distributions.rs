//! Deployments, deletions, signals, batch operations and changes of cluster variables on their way to the other partitions, and what has become of them.

use crate::behaviors::partitions;
use crate::writers::Processing;
use bytes::Bytes;
use ringbolt_record::partition_message::{
    DeleteResource, DeploymentReference, DistributedBatchOperation, DistributedBatchOperationChange,
    DistributedDecision, DistributedDecisionRequirements, DistributedDeployment, DistributedProcess,
    DistributedResource, DistributedSignal,
};
use ringbolt_record::values::CommandDistributionRecord;
use ringbolt_record::{
    BatchOperationCreationIntent, CommandDistributionIntent, DeploymentIntent, Intent, Key, PartitionId,
    PartitionMessage, ResourceDeletionIntent, SignalIntent,
};
use ringbolt_tables::{ResourceKind, Tables};

/// The key and the intent of the command that a message hands on to every partition; none of what is for one alone.
fn command_of(message: &PartitionMessage) -> Option<(Key, Intent)> {
    match message {
        PartitionMessage::DeploymentReference(DeploymentReference { deployment_key, .. }) => {
            Some((*deployment_key, DeploymentIntent::Create.into()))
        }
        PartitionMessage::DeleteResource(DeleteResource { deletion_key, .. }) => {
            Some((*deletion_key, ResourceDeletionIntent::Delete.into()))
        }
        PartitionMessage::Signal(DistributedSignal { signal_key, .. }) => {
            Some((*signal_key, SignalIntent::Broadcast.into()))
        }
        PartitionMessage::BatchOperation(DistributedBatchOperation { batch_operation_key, .. }) => {
            Some((*batch_operation_key, BatchOperationCreationIntent::Create.into()))
        }
        PartitionMessage::BatchOperationChange(DistributedBatchOperationChange {
            change_key,
            intent,
            ..
        }) => Some((*change_key, (*intent).into())),
        PartitionMessage::ClusterVariable(changed) => Some((changed.key, changed.change.command().into())),
        _ => None,
    }
}

/// Sends a command to all other partitions.
pub(crate) fn begin(p: &mut Processing<'_>, message: &PartitionMessage) {
    let others: Vec<PartitionId> = partitions::others(p).collect();
    let Some((key, command)) = command_of(message).filter(|_| !others.is_empty()) else { return };
    append(p, CommandDistributionIntent::Started, key, command, p.settings.partition_id);
    for partition in others {
        append(p, CommandDistributionIntent::Distributing, key, command, partition);
        partitions::send(p, partition, message);
    }
}

/// A partition has taken a message over that may have been a command for every partition.
pub(crate) fn acknowledge(p: &mut Processing<'_>, partition: PartitionId, message: &PartitionMessage) {
    let Some((key, command)) = command_of(message) else { return };
    append(p, CommandDistributionIntent::Acknowledged, key, command, partition);
    if !p.tables().has_distribution(key) {
        append(p, CommandDistributionIntent::Finished, key, command, p.settings.partition_id);
    }
}

fn append(
    p: &mut Processing<'_>,
    intent: CommandDistributionIntent,
    key: Key,
    command: Intent,
    partition_id: PartitionId,
) {
    let record = CommandDistributionRecord {
        partition_id,
        value_type: command.value_type(),
        intent: command.number(),
    };
    p.append(intent, key, &record);
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
        forms: resources(tables, definitions, ResourceKind::Form),
        resources: resources(tables, definitions, ResourceKind::Other),
    }
}

/// The owner of a deployment, as its first definition has it.
fn tenant_of(tables: &Tables, definitions: &[Key]) -> String {
    let tenant_id = definitions.first().and_then(|key| {
        let of_process = tables.process(*key).map(|row| row.tenant_id);
        let of_model = || tables.decision_requirements(*key).map(|row| row.tenant_id);
        of_process.or_else(of_model).or_else(|| tables.resource(*key).map(|row| row.tenant_id))
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
        resource: tables.process_resource(key)?.to_vec(),
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

fn resources(tables: &Tables, definitions: &[Key], kind: ResourceKind) -> Vec<DistributedResource> {
    let rows = definitions.iter().filter_map(|key| Some((*key, tables.resource(*key)?)));
    let rows = rows.filter(|(_, row)| row.kind == kind);
    rows.map(|(resource_key, row)| DistributedResource {
        resource_key,
        resource_id: row.resource_id.to_owned(),
        version: row.version,
        version_tag: row.version_tag.to_owned(),
        resource_name: row.resource_name.to_owned(),
        checksum: row.checksum,
        content: row.content.to_vec(),
    })
    .collect()
}
