//! Takes over definitions that another partition made, under their keys and versions, and says so.

use super::other_resources::append_created;
use crate::behaviors::starts;
use crate::writers::Processing;
use ringbolt_record::partition_message::{
    DistributedDecisionRequirements, DistributedDeployment, DistributedProcess, DistributedResource,
};
use ringbolt_record::values::{
    DecisionMetadata, DecisionRecord, DecisionRequirementsMetadata, DecisionRequirementsRecord,
    DeploymentRecord, ProcessMetadata, ProcessRecord, ResourceMetadata, ResourceRecord,
};
use ringbolt_record::{DecisionIntent, DecisionRequirementsIntent, DeploymentIntent, Key, ProcessIntent};
use ringbolt_tables::ResourceKind;

pub(crate) fn take_over(p: &mut Processing<'_>, deployment: &DistributedDeployment) {
    let newest = |p: &Processing<'_>, process: &DistributedProcess| {
        p.tables().latest_process(&deployment.tenant_id, &process.bpmn_process_id).map(|latest| latest.key)
    };
    let before: Vec<Option<Key>> = deployment.processes.iter().map(|process| newest(p, process)).collect();
    for process in &deployment.processes {
        take_over_process(p, deployment, process);
    }
    for model in &deployment.decision_requirements {
        take_over_model(p, deployment, model);
    }
    take_over_resources(p, deployment, ResourceKind::Form, &deployment.forms);
    take_over_resources(p, deployment, ResourceKind::Other, &deployment.resources);
    let process_names = deployment.processes.iter().map(|process| process.resource_name.as_str());
    let model_names = deployment.decision_requirements.iter().map(|model| model.resource_name.as_str());
    let others = deployment.forms.iter().chain(&deployment.resources);
    let other_names = others.map(|resource| resource.resource_name.as_str());
    let record = DeploymentRecord {
        tenant_id: &deployment.tenant_id,
        resource_names: process_names.chain(model_names).chain(other_names).collect(),
        processes: deployment.processes.iter().map(process_metadata).collect(),
        decisions: deployment.decision_requirements.iter().flat_map(decisions_metadata).collect(),
        decision_requirements: deployment.decision_requirements.iter().map(model_metadata).collect(),
        forms: deployment.forms.iter().map(resource_metadata).collect(),
        resources: deployment.resources.iter().map(resource_metadata).collect(),
    };
    p.append(DeploymentIntent::Distributed, deployment.deployment_key, &record);
    for (process, before) in deployment.processes.iter().zip(before) {
        if newest(p, process) == Some(process.process_definition_key) {
            begin_to_wait(p, process.process_definition_key, before, &deployment.tenant_id);
        }
    }
}

/// The start events of a definition wait for messages, signals and conditions, in place of those of the version before it; those of a model that this
/// version of Ringbolt cannot read do not.
fn begin_to_wait(p: &mut Processing<'_>, definition_key: Key, before: Option<Key>, tenant_id: &str) {
    if let Some(before) = before {
        starts::wait_no_more(p, before);
    }
    if let Ok(Some(definition)) = p.definition(definition_key) {
        starts::begin_to_wait(p, definition_key, &definition.process, tenant_id);
    }
}

fn take_over_process(
    p: &mut Processing<'_>,
    deployment: &DistributedDeployment,
    process: &DistributedProcess,
) {
    let record = ProcessRecord {
        process_definition_key: process.process_definition_key,
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

fn take_over_model(
    p: &mut Processing<'_>,
    deployment: &DistributedDeployment,
    model: &DistributedDecisionRequirements,
) {
    let record = DecisionRequirementsRecord {
        decision_requirements_key: model.decision_requirements_key,
        decision_requirements_id: &model.decision_requirements_id,
        decision_requirements_name: &model.decision_requirements_name,
        decision_requirements_version: model.version,
        namespace: &model.namespace,
        deployment_key: deployment.deployment_key,
        resource_name: &model.resource_name,
        checksum: model.checksum,
        resource: &model.resource,
        tenant_id: &deployment.tenant_id,
    };
    p.append(DecisionRequirementsIntent::Created, model.decision_requirements_key, &record);
    for decision in &model.decisions {
        let record = DecisionRecord {
            decision_key: decision.decision_key,
            decision_id: &decision.decision_id,
            decision_name: &decision.decision_name,
            version: decision.version,
            version_tag: &decision.version_tag,
            decision_requirements_id: &model.decision_requirements_id,
            decision_requirements_key: model.decision_requirements_key,
            deployment_key: deployment.deployment_key,
            tenant_id: &deployment.tenant_id,
        };
        p.append(DecisionIntent::Created, decision.decision_key, &record);
    }
}

fn take_over_resources(
    p: &mut Processing<'_>,
    deployment: &DistributedDeployment,
    kind: ResourceKind,
    resources: &[DistributedResource],
) {
    for resource in resources {
        let record = ResourceRecord {
            resource_key: resource.resource_key,
            resource_id: &resource.resource_id,
            version: resource.version,
            version_tag: &resource.version_tag,
            deployment_key: deployment.deployment_key,
            resource_name: &resource.resource_name,
            checksum: resource.checksum,
            content: &resource.content,
            tenant_id: &deployment.tenant_id,
        };
        append_created(p, kind, record);
    }
}

fn resource_metadata(resource: &DistributedResource) -> ResourceMetadata<'_> {
    ResourceMetadata {
        resource_id: &resource.resource_id,
        version: resource.version,
        version_tag: &resource.version_tag,
        resource_key: resource.resource_key,
        resource_name: &resource.resource_name,
        is_duplicate: false,
    }
}

fn process_metadata(process: &DistributedProcess) -> ProcessMetadata<'_> {
    ProcessMetadata {
        bpmn_process_id: &process.bpmn_process_id,
        version: process.version,
        process_definition_key: process.process_definition_key,
        resource_name: &process.resource_name,
        is_duplicate: false,
    }
}

fn model_metadata(model: &DistributedDecisionRequirements) -> DecisionRequirementsMetadata<'_> {
    DecisionRequirementsMetadata {
        decision_requirements_id: &model.decision_requirements_id,
        decision_requirements_name: &model.decision_requirements_name,
        decision_requirements_version: model.version,
        decision_requirements_key: model.decision_requirements_key,
        namespace: &model.namespace,
        resource_name: &model.resource_name,
        is_duplicate: false,
    }
}

fn decisions_metadata(model: &DistributedDecisionRequirements) -> impl Iterator<Item = DecisionMetadata<'_>> {
    model.decisions.iter().map(|decision| DecisionMetadata {
        decision_id: &decision.decision_id,
        decision_name: &decision.decision_name,
        version: decision.version,
        version_tag: &decision.version_tag,
        decision_key: decision.decision_key,
        decision_requirements_id: &model.decision_requirements_id,
        decision_requirements_key: model.decision_requirements_key,
        is_duplicate: false,
    })
}
