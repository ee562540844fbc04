//! A form or another resource is there from now on.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedResourceRecord;
use ringbolt_tables::{ResourceKind, ResourceRow, Tables};

pub(super) fn apply_created(
    tables: &mut Tables,
    key: Key,
    kind: ResourceKind,
    value: &ArchivedResourceRecord<'_>,
) {
    let row = ResourceRow {
        kind,
        resource_id: &value.resource_id,
        version: value.version.to_native(),
        version_tag: &value.version_tag,
        deployment_key: Key::of(&value.deployment_key),
        resource_name: &value.resource_name,
        checksum: value.checksum,
        tenant_id: &value.tenant_id,
        content: &value.content,
    };
    tables.put_resource(key, &row);
}
