//! The last instances of a definition that is being deleted: it is there for them alone, until they have ended.

use crate::writers::Processing;
use ringbolt_record::values::ProcessRecord;
use ringbolt_record::{Key, ProcessIntent};

/// Whether instances of a definition run here; banned ones do not count.
pub(crate) fn has_any(p: &Processing<'_>, process_definition_key: Key) -> bool {
    p.tables().children_after(process_definition_key, Key::NONE).any(|key| !p.tables().is_banned(key))
}

/// An instance has ended: with the last one goes a definition that is being deleted.
pub(crate) fn on_instance_ended(p: &mut Processing<'_>, process_definition_key: Key) {
    if p.tables().is_deleting_process(process_definition_key) && !has_any(p, process_definition_key) {
        append(p, ProcessIntent::Deleted, process_definition_key);
    }
}

/// Writes an event of a definition's deletion, without the resource.
pub(crate) fn append(p: &mut Processing<'_>, intent: ProcessIntent, process_definition_key: Key) {
    let Some(row) = p.tables().process(process_definition_key) else { return };
    let texts = [row.bpmn_process_id, row.version_tag, row.resource_name, row.tenant_id].map(str::to_owned);
    let [bpmn_process_id, version_tag, resource_name, tenant_id] = &texts;
    let record = ProcessRecord {
        process_definition_key,
        bpmn_process_id,
        version: row.version,
        version_tag,
        deployment_key: row.deployment_key,
        resource_name,
        checksum: row.checksum,
        resource: &[],
        tenant_id,
    };
    let key = p.next_key();
    p.append(intent, key, &record);
    // Deletions are rare: what is compiled with this one need not be told apart.
    p.definitions.clear();
}
