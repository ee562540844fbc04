//! A definition without instances is there no more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, value: &ArchivedProcessRecord<'_>) {
    tables.delete_process(Key::of(&value.process_definition_key));
}
