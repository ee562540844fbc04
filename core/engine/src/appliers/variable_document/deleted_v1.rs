//! The element is never entered that variables were for.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedVariableDocumentRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, value: &ArchivedVariableDocumentRecord<'_>) {
    tables.delete_variables(Key::of(&value.scope_key));
}
