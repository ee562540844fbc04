//! A variable is there from now on.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedVariableRecord;
use ringbolt_tables::{ElementInstanceFlags, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedVariableRecord<'_>) {
    let scope_key = Key::of(&value.scope_key);
    tables.put_variable(scope_key, &value.name, key, &value.value);
    // An instance is there only after the variables that it is created with, and says itself that it has some.
    let is_noted = tables
        .element_instance_scope(scope_key)
        .is_none_or(|(_, flags)| flags.has(ElementInstanceFlags::LOCAL_VARIABLES));
    if !is_noted {
        tables.change_element_instance_flags(scope_key, |flags| {
            flags.with(ElementInstanceFlags::LOCAL_VARIABLES)
        });
    }
}
