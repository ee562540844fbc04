//! Deploys resources together: all of them or none. A deployment that brings nothing new makes no definitions; one
//! that brings anything new makes a new version of everything in it, so that they stay together.

use crate::behaviors::distributions;
use crate::failure::{Refusal, invalid_argument};
use crate::writers::Processing;
use ringbolt_model::{DEPLOYMENT_REJECTION_PREFIX, Process, REPORT_BYTES_MAX, format_violations};
use ringbolt_record::command::{CreateDeployment, Resource};
use ringbolt_record::reply::{DeployedProcess, DeploymentReply};
use ringbolt_record::values::{DeploymentRecord, ProcessMetadata, ProcessRecord};
use ringbolt_record::{DeploymentIntent, Key, ProcessIntent, Reply};
use std::fmt::Write;
use xxhash_rust::xxh3::xxh3_128;

/// Endings of resources that hold BPMN.
const BPMN_ENDINGS: [&str; 2] = [".bpmn", ".xml"];

/// A process of the deployment.
struct Found<'a> {
    resource: &'a Resource,
    checksum: [u8; 16],
    process: Process,
    version: i32,
    key: Key,
    is_duplicate: bool,
}

pub(crate) fn process_create(p: &mut Processing<'_>, create: &CreateDeployment) -> Result<(), Refusal> {
    if create.resources.is_empty() {
        return Err(invalid_argument("Expected to deploy at least one resource, but none given"));
    }
    let mut found = read(p, create)?;
    find_duplicates(p, create, &mut found);
    let deployment_key = p.next_key();
    let is_new = found.iter().any(|process| !process.is_duplicate);
    if is_new {
        for process in &mut found {
            process.is_duplicate = false;
            make_definition(p, create, process, deployment_key);
        }
    }
    let processes = found.iter().map(|process| ProcessMetadata {
        bpmn_process_id: &process.process.bpmn_process_id,
        version: process.version,
        process_definition_key: process.key,
        resource_name: &process.resource.name,
        is_duplicate: process.is_duplicate,
    });
    let record = DeploymentRecord {
        tenant_id: &create.tenant_id,
        resource_names: create.resources.iter().map(|resource| resource.name.as_str()).collect(),
        processes: processes.collect(),
    };
    p.append(DeploymentIntent::Created, deployment_key, &record);
    if is_new {
        let keys: Vec<Key> = found.iter().map(|process| process.key).collect();
        distributions::begin(p, deployment_key, &create.tenant_id, &keys);
    }
    p.reply(Reply::Deployed(reply(deployment_key, create, &found)));
    Ok(())
}

/// Reads all resources; what is wrong with any of them goes into one rejection, whose size is bounded as the text of
/// one resource is: clients read it from a header.
fn read<'a>(p: &Processing<'_>, create: &'a CreateDeployment) -> Result<Vec<Found<'a>>, Refusal> {
    let mut found: Vec<Found<'a>> = Vec::new();
    let mut errors = String::new();
    let mut left_out = 0;
    for resource in &create.resources {
        if !BPMN_ENDINGS.iter().any(|ending| resource.name.ends_with(ending)) {
            let _ = write!(errors, "\n\n'{}': unknown resource type", resource.name);
            continue;
        }
        let checksum = xxh3_128(&resource.content).to_be_bytes();
        match ringbolt_model::parse(&resource.name, &resource.content, &p.settings.model_limits) {
            Err(_) if errors.len() > REPORT_BYTES_MAX => left_out += 1,
            Err(violations) => {
                let _ = write!(errors, "\n{}", format_violations(&resource.name, &violations));
            }
            Ok(parsed) => found.extend(parsed.processes.into_iter().map(|process| Found {
                resource,
                checksum,
                process,
                version: 0,
                key: Key::NONE,
                is_duplicate: false,
            })),
        }
    }
    for (number, process) in found.iter().enumerate() {
        let id = &process.process.bpmn_process_id;
        let first = found[..number].iter().find(|other| other.process.bpmn_process_id == *id);
        if let Some(first) = first {
            let (one, two) = (&first.resource.name, &process.resource.name);
            let _ = write!(errors, "\nDuplicated process id in resources '{one}' and '{two}'");
        }
    }
    if left_out > 0 {
        let _ = write!(errors, "\nand {left_out} more resources with errors");
    }
    if errors.is_empty() {
        return Ok(found);
    }
    Err(invalid_argument(format!("{DEPLOYMENT_REJECTION_PREFIX}{errors}")))
}

/// Marks what is the newest definition of its id already: the same bytes under the same resource name.
fn find_duplicates(p: &Processing<'_>, create: &CreateDeployment, found: &mut [Found<'_>]) {
    for process in found {
        let id = &process.process.bpmn_process_id;
        let Some(latest) = p.tables().latest_process(&create.tenant_id, id) else { continue };
        if latest.checksum != process.checksum {
            continue;
        }
        let has_same_name =
            p.tables().process(latest.key).is_some_and(|row| row.resource_name == process.resource.name);
        if has_same_name {
            process.is_duplicate = true;
            process.key = latest.key;
            process.version = latest.version;
        }
    }
}

fn make_definition(
    p: &mut Processing<'_>,
    create: &CreateDeployment,
    found: &mut Found<'_>,
    deployment_key: Key,
) {
    let id = &found.process.bpmn_process_id;
    let latest = p.tables().latest_process(&create.tenant_id, id);
    found.version = latest.map_or(0, |latest| latest.version) + 1;
    found.key = p.next_key();
    let record = ProcessRecord {
        bpmn_process_id: id,
        version: found.version,
        version_tag: found.process.version_tag.as_deref().unwrap_or_default(),
        deployment_key,
        resource_name: &found.resource.name,
        checksum: found.checksum,
        resource: &found.resource.content,
        tenant_id: &create.tenant_id,
    };
    p.append(ProcessIntent::Created, found.key, &record);
}

fn reply(deployment_key: Key, create: &CreateDeployment, found: &[Found<'_>]) -> DeploymentReply {
    let processes = found.iter().map(|process| DeployedProcess {
        bpmn_process_id: process.process.bpmn_process_id.clone(),
        version: process.version,
        process_definition_key: process.key,
        resource_name: process.resource.name.clone(),
    });
    DeploymentReply { deployment_key, tenant_id: create.tenant_id.clone(), processes: processes.collect() }
}
