//! A variable is there from now on.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedVariableRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedVariableRecord<'_>) {
    tables.put_variable(Key::of(&value.scope_key), &value.name, key, &value.value);
}
