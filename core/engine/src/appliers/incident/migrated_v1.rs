//! An incident is one of another element in another definition.

use ringbolt_record::values::{ArchivedIncidentRecord, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::Tables;

pub(super) fn apply_migrated(tables: &mut Tables, key: Key, value: &ArchivedIncidentRecord<'_>) {
    let mut row = tables.incident(key).expect("an event is about an incident that is there");
    row.instance = InstanceRef::of(&value.instance);
    row.element_index = ElementIndex::of(&value.element_index);
    tables.put_incident(key, &row);
}
