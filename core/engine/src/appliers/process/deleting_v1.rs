//! A definition is being deleted: no instance of it is started any more, and the one before it is the newest again.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleting(tables: &mut Tables, value: &ArchivedProcessRecord<'_>) {
    tables.put_deleting_process(Key::of(&value.process_definition_key));
}
