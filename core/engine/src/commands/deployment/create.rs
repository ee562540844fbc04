//! Deploys resources together: all of them or none. A deployment that brings nothing new makes no definitions; one
//! that brings anything new makes a new version of everything in it, so that they stay together.

use super::decisions::FoundModel;
use super::other_resources::FoundResource;
use super::processes::FoundProcess;
use super::resources::{self, Found};
use crate::behaviors::distributions;
use crate::failure::{Refusal, invalid_argument};
use crate::writers::Processing;
use ringbolt_record::command::CreateDeployment;
use ringbolt_record::partition_message::DeploymentReference;
use ringbolt_record::reply::DeploymentReply;
use ringbolt_record::values::DeploymentRecord;
use ringbolt_record::{DeploymentIntent, Key, PartitionMessage, Rejection, RejectionType, Reply};
use ringbolt_tables::ResourceKind;

/// The part of an entry that a deployment leaves free, so that it fits on the other partitions too, where it is told
/// with other words. A resource stands in an entry once for each of its processes.
const ENTRY_SHARE_RESERVED: usize = 8;
/// Records that are kept free for one more model with its decisions, and for what follows.
const RECORDS_RESERVED: usize = 16 * 1024;

pub(crate) fn process_create(p: &mut Processing<'_>, create: &CreateDeployment) -> Result<(), Refusal> {
    if create.resources.is_empty() {
        return Err(invalid_argument("Expected to deploy at least one resource, but none given"));
    }
    let mut found = resources::read(p, create)?;
    for found in &mut found {
        match found {
            Found::Process(process) => process.find_duplicate(p, &create.tenant_id),
            Found::Model(model) => model.find_duplicate(p, &create.tenant_id),
            Found::Resource(resource) => resource.find_duplicate(p, &create.tenant_id),
        }
    }
    let deployment_key = p.next_key();
    let is_new = !found.iter().all(Found::is_duplicate);
    if is_new {
        for found in &mut found {
            match found {
                Found::Process(process) => process.make(p, &create.tenant_id, deployment_key),
                Found::Model(model) => model.make(p, &create.tenant_id, deployment_key),
                Found::Resource(resource) => resource.make(p, &create.tenant_id, deployment_key),
            }
            check_size(p)?;
        }
        processes(&found).for_each(|process| process.wait_for_timers(p, &create.tenant_id));
    }
    append_created(p, create, deployment_key, &found);
    if is_new {
        processes(&found).for_each(|process| process.begin_to_wait(p, &create.tenant_id));
    }
    check_size(p)?;
    if is_new {
        let definitions = found.iter().map(Found::key).collect();
        let reference = DeploymentReference { deployment_key, definitions };
        distributions::begin(p, &PartitionMessage::DeploymentReference(reference));
    }
    p.reply(Reply::Deployed(DeploymentReply {
        deployment_key,
        tenant_id: create.tenant_id.clone(),
        processes: processes(&found).map(FoundProcess::deployed).collect(),
        decisions: models(&found).flat_map(FoundModel::deployed_decisions).collect(),
        decision_requirements: models(&found).map(FoundModel::deployed).collect(),
        forms: resources(&found, ResourceKind::Form).map(FoundResource::deployed).collect(),
        resources: resources(&found, ResourceKind::Other).map(FoundResource::deployed).collect(),
    }));
    Ok(())
}

/// Refuses a deployment as soon as its entry grows beyond what may be logged.
fn check_size(p: &Processing<'_>) -> Result<(), Refusal> {
    let bytes_max = p.settings.entry_bytes_max - p.settings.entry_bytes_max / ENTRY_SHARE_RESERVED;
    if !p.has_overflowed() && p.entry_bytes() <= bytes_max && p.records_left() >= RECORDS_RESERVED {
        return Ok(());
    }
    let reason = format!(
        "Expected to deploy new resources, but their definitions do not fit into one entry of the log: {} records of {} \
         bytes so far. Please deploy them one by one, or split files with many processes",
        p.record_count(),
        p.entry_bytes()
    );
    Err(Rejection::new(RejectionType::ExceededBatchRecordSize, reason).into())
}

fn append_created(
    p: &mut Processing<'_>,
    create: &CreateDeployment,
    deployment_key: Key,
    found: &[Found<'_>],
) {
    let record = DeploymentRecord {
        tenant_id: &create.tenant_id,
        resource_names: create.resources.iter().map(|resource| resource.name.as_str()).collect(),
        processes: processes(found).map(FoundProcess::metadata).collect(),
        decisions: models(found).flat_map(FoundModel::decisions_metadata).collect(),
        decision_requirements: models(found).map(FoundModel::metadata).collect(),
        forms: resources(found, ResourceKind::Form).map(FoundResource::metadata).collect(),
        resources: resources(found, ResourceKind::Other).map(FoundResource::metadata).collect(),
    };
    p.append(DeploymentIntent::Created, deployment_key, &record);
}

fn processes<'f, 'a>(found: &'f [Found<'a>]) -> impl Iterator<Item = &'f FoundProcess<'a>> {
    found.iter().filter_map(|found| match found {
        Found::Process(process) => Some(process),
        Found::Model(_) | Found::Resource(_) => None,
    })
}

fn models<'f, 'a>(found: &'f [Found<'a>]) -> impl Iterator<Item = &'f FoundModel<'a>> {
    found.iter().filter_map(|found| match found {
        Found::Model(model) => Some(model),
        Found::Process(_) | Found::Resource(_) => None,
    })
}

fn resources<'f, 'a>(
    found: &'f [Found<'a>],
    kind: ResourceKind,
) -> impl Iterator<Item = &'f FoundResource<'a>> {
    found.iter().filter_map(move |found| match found {
        Found::Resource(resource) if resource.kind == kind => Some(resource),
        Found::Resource(_) | Found::Process(_) | Found::Model(_) => None,
    })
}
