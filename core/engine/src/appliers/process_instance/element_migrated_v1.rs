//! An element instance goes on as one of another element in another definition.

use ringbolt_record::values::{ArchivedProcessInstanceRecord, Arrival, ElementInstanceRef};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_tables::{ElementInstanceFlags, Tables};

pub(super) fn apply_element_migrated(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
) {
    let element = ElementInstanceRef::of(&value.element);
    let interrupter = match Arrival::of(&value.arrival) {
        Arrival::Migrated(interrupter) => interrupter,
        _ => ElementIndex::PROCESS,
    };
    let definition_key = element.instance.process_definition_key;
    tables.migrate_element_instance(key, definition_key, element.element_index, interrupter);
    let listens = tables
        .element_instance_scope(key)
        .is_some_and(|(_, flags)| flags.has(ElementInstanceFlags::LISTENERS));
    if listens {
        tables.put_listeners_begun(key, value.promised.to_native());
    }
}
