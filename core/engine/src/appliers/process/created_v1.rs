//! A definition is there from now on.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessRecord;
use ringbolt_tables::{ProcessRow, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedProcessRecord<'_>) {
    let row = ProcessRow {
        bpmn_process_id: &value.bpmn_process_id,
        version: value.version.to_native(),
        version_tag: &value.version_tag,
        deployment_key: Key::of(&value.deployment_key),
        resource_name: &value.resource_name,
        checksum: value.checksum,
        tenant_id: &value.tenant_id,
    };
    tables.put_process(key, &row, &value.resource);
}
