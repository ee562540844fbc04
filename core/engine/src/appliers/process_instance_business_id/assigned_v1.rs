//! An instance has a business id from now on; what it has made before does without.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedProcessInstanceBusinessIdRecord, InstanceRef};
use ringbolt_tables::{ElementInstanceFlags, Tables};

pub(super) fn apply_assigned(
    tables: &mut Tables,
    process_instance_key: Key,
    value: &ArchivedProcessInstanceBusinessIdRecord<'_>,
) {
    let mut metadata = tables.instance_metadata(process_instance_key).unwrap_or_default();
    metadata.business_id = value.business_id.to_string();
    metadata.business_id_since = Key::of(&value.since);
    tables.put_instance_metadata(process_instance_key, &metadata);
    tables.change_element_instance_flags(process_instance_key, |flags| {
        flags.with(ElementInstanceFlags::METADATA)
    });
    tables.note_business_id(process_instance_key, InstanceRef::of(&value.instance).process_definition_key);
}
