//! An instance was asked for: what it carries is kept.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedProcessInstanceCreationRecord, InstanceRef};
use ringbolt_tables::{ElementInstanceFlags, InstanceMetadataRow, Tables};

pub(super) fn apply_created(
    tables: &mut Tables,
    _key: Key,
    value: &ArchivedProcessInstanceCreationRecord<'_>,
) {
    if value.tags.is_empty() && value.business_id.is_empty() && value.terminate_after_element_ids.is_empty() {
        return;
    }
    let metadata = InstanceMetadataRow {
        tags: value.tags.iter().map(|tag| tag.to_string()).collect(),
        business_id: value.business_id.to_string(),
        terminate_after_element_ids: value
            .terminate_after_element_ids
            .iter()
            .map(|id| id.to_string())
            .collect(),
        ..InstanceMetadataRow::default()
    };
    let instance = InstanceRef::of(&value.instance);
    tables.put_instance_metadata(instance.process_instance_key, &metadata);
    // Where a client says at which elements it begins, the instance is there already.
    if tables.element_instance_state(instance.process_instance_key).is_some() {
        tables.change_element_instance_flags(instance.process_instance_key, |flags| {
            flags.with(ElementInstanceFlags::METADATA)
        });
    }
    tables.note_business_id(instance.process_instance_key, instance.process_definition_key);
}
