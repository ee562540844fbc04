//! Takes over definitions that another partition made, under their keys and versions, and says so. A deployment that
//! has come before is only acknowledged again.

use crate::contract::Effect;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::command::{DistributedDeployment, DistributionCommand};
use ringbolt_record::values::{DeploymentRecord, ProcessMetadata, ProcessRecord};
use ringbolt_record::{Command, DeploymentIntent, ProcessIntent, Reply};

pub(crate) fn process_distribute(
    p: &mut Processing<'_>,
    deployment: &DistributedDeployment,
) -> Result<(), Refusal> {
    let deployment_key = deployment.deployment_key;
    if !p.tables().has_seen_distribution(deployment_key) {
        take_over(p, deployment);
    }
    let partition = p.settings.partition_id;
    let command = Command::Distribution(DistributionCommand::Acknowledge { deployment_key, partition });
    p.effect(Effect::Send { partition: deployment_key.partition(), command });
    p.reply(Reply::Done);
    Ok(())
}

fn take_over(p: &mut Processing<'_>, deployment: &DistributedDeployment) {
    for process in &deployment.processes {
        let record = ProcessRecord {
            bpmn_process_id: &process.bpmn_process_id,
            version: process.version,
            version_tag: &process.version_tag,
            deployment_key: deployment.deployment_key,
            resource_name: &process.resource_name,
            checksum: process.checksum,
            resource: &process.resource,
            tenant_id: &deployment.tenant_id,
        };
        p.append(ProcessIntent::Created, process.process_definition_key, &record);
    }
    let processes = deployment.processes.iter().map(|process| ProcessMetadata {
        bpmn_process_id: &process.bpmn_process_id,
        version: process.version,
        process_definition_key: process.process_definition_key,
        resource_name: &process.resource_name,
        is_duplicate: false,
    });
    let record = DeploymentRecord {
        tenant_id: &deployment.tenant_id,
        resource_names: deployment.processes.iter().map(|process| process.resource_name.as_str()).collect(),
        processes: processes.collect(),
    };
    p.append(DeploymentIntent::Distributed, deployment.deployment_key, &record);
}
