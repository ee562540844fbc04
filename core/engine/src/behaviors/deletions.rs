//! Deleting what was deployed. A definition whose instances still run is there for them alone until the last has ended.

use crate::behaviors::{events, last_instances, starts};
use crate::writers::Processing;
use ringbolt_record::partition_message::DeleteResource;
use ringbolt_record::values::{
    DecisionRecord, DecisionRequirementsRecord, FormRecord, ResourceDeletionRecord, ResourceRecord,
};
use ringbolt_record::{
    DecisionIntent, DecisionRequirementsIntent, FormIntent, Key, ProcessIntent, ResourceDeletionIntent,
    ResourceIntent,
};
use ringbolt_tables::{ResourceKind, Tables};

/// Where the timers of start events are waited for: where it was deployed, and is deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Here,
    Elsewhere,
}

/// Whether a key is of something deployed that is not being deleted already.
pub(crate) fn can_be_found(p: &Processing<'_>, key: Key) -> bool {
    let tables = p.tables();
    tables.process(key).is_some() && !tables.is_deleting_process(key)
        || tables.decision_requirements(key).is_some()
        || tables.resource(key).is_some()
}

/// Deletes what has a key, if it is there.
pub(crate) fn delete(p: &mut Processing<'_>, deletion: DeleteResource) {
    let DeleteResource { deletion_key, resource_key } = deletion;
    let is_here = deletion_key.partition() == p.settings.partition_id;
    let waits = if is_here { Waits::Here } else { Waits::Elsewhere };
    append(p, ResourceDeletionIntent::Deleting, deletion_key, resource_key, "");
    let tenant_id = tenant_of(p.tables(), resource_key);
    if can_be_found(p, resource_key) {
        delete_process(p, resource_key, waits);
        delete_decision_requirements(p, resource_key);
        delete_resource(p, resource_key);
    }
    append(p, ResourceDeletionIntent::Deleted, deletion_key, resource_key, &tenant_id);
}

fn append(
    p: &mut Processing<'_>,
    intent: ResourceDeletionIntent,
    key: Key,
    resource_key: Key,
    tenant_id: &str,
) {
    p.append(intent, key, &ResourceDeletionRecord { resource_key, tenant_id });
}

fn tenant_of(tables: &Tables, key: Key) -> String {
    let of_process = tables.process(key).map(|row| row.tenant_id);
    let of_model = || tables.decision_requirements(key).map(|row| row.tenant_id);
    let of_resource = || tables.resource(key).map(|row| row.tenant_id);
    of_process.or_else(of_model).or_else(of_resource).unwrap_or_default().to_owned()
}

fn delete_process(p: &mut Processing<'_>, key: Key, waits: Waits) {
    let Some(row) = p.tables().process(key) else { return };
    let (id, tenant_id) = (row.bpmn_process_id.to_owned(), row.tenant_id.to_owned());
    let newest = |p: &Processing<'_>| p.tables().latest_process(&tenant_id, &id).map(|latest| latest.key);
    let was_newest = newest(p) == Some(key);
    last_instances::append(p, ProcessIntent::Deleting, key);
    if was_newest {
        if waits == Waits::Here {
            events::unsubscribe(p, key, &tenant_id);
        }
        starts::wait_no_more(p, key);
        if let Some(before) = newest(p) {
            wait_again(p, before, &tenant_id, waits);
        }
    }
    if !last_instances::has_any(p, key) {
        last_instances::append(p, ProcessIntent::Deleted, key);
    }
}

/// Waits for the start events of a definition that is the newest again, as far as its timers still give a time.
fn wait_again(p: &mut Processing<'_>, key: Key, tenant_id: &str, waits: Waits) {
    let Ok(Some(definition)) = p.definition(key) else { return };
    if waits == Waits::Here
        && let Ok(schedules) = starts::schedules(p, &definition.process)
    {
        starts::subscribe(p, key, &schedules, tenant_id);
    }
    starts::begin_to_wait(p, key, &definition.process, tenant_id);
}

fn delete_decision_requirements(p: &mut Processing<'_>, decision_requirements_key: Key) {
    let decisions: Vec<Key> = p.tables().decisions_of(decision_requirements_key).collect();
    for decision_key in decisions {
        delete_decision(p, decision_key);
    }
    let Some(row) = p.tables().decision_requirements(decision_requirements_key) else { return };
    let texts = [row.decision_requirements_id, row.decision_requirements_name];
    let texts = (texts.map(str::to_owned), [row.resource_name, row.tenant_id].map(str::to_owned));
    let ([id, name], [resource_name, tenant_id]) = &texts;
    let resource = row.resource.to_vec();
    let record = DecisionRequirementsRecord {
        decision_requirements_key,
        decision_requirements_id: id,
        decision_requirements_name: name,
        decision_requirements_version: row.version,
        // As in Zeebe.
        namespace: "",
        deployment_key: row.deployment_key,
        resource_name,
        checksum: row.checksum,
        resource: &resource,
        tenant_id,
    };
    let key = p.next_key();
    p.append(DecisionRequirementsIntent::Deleted, key, &record);
}

fn delete_decision(p: &mut Processing<'_>, decision_key: Key) {
    let Some(row) = p.tables().decision(decision_key) else { return };
    let texts =
        [row.decision_id, row.decision_name, row.version_tag, row.decision_requirements_id, row.tenant_id];
    let texts = texts.map(str::to_owned);
    let [decision_id, decision_name, version_tag, decision_requirements_id, tenant_id] = &texts;
    let record = DecisionRecord {
        decision_key,
        decision_id,
        decision_name,
        version: row.version,
        version_tag,
        decision_requirements_id,
        decision_requirements_key: row.decision_requirements_key,
        deployment_key: row.deployment_key,
        tenant_id,
    };
    let key = p.next_key();
    p.append(DecisionIntent::Deleted, key, &record);
}

fn delete_resource(p: &mut Processing<'_>, resource_key: Key) {
    let Some(row) = p.tables().resource(resource_key) else { return };
    let texts = [row.resource_id, row.version_tag, row.resource_name, row.tenant_id].map(str::to_owned);
    let [resource_id, version_tag, resource_name, tenant_id] = &texts;
    let content = row.content.to_vec();
    let (kind, record) = (
        row.kind,
        ResourceRecord {
            resource_key,
            resource_id,
            version: row.version,
            version_tag,
            deployment_key: row.deployment_key,
            resource_name,
            checksum: row.checksum,
            content: &content,
            tenant_id,
        },
    );
    let key = p.next_key();
    match kind {
        ResourceKind::Form => p.append(FormIntent::Deleted, key, &FormRecord(record)),
        ResourceKind::Other => p.append(ResourceIntent::Deleted, key, &record),
    }
}
