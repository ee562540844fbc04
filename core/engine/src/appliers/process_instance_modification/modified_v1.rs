//! Elements are going to be entered that nothing leads to: their scopes are promised them, and are interrupted no more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessInstanceModificationRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_modified(tables: &mut Tables, value: &ArchivedProcessInstanceModificationRecord<'_>) {
    for instruction in value.activate.iter() {
        for key in instruction.scope_keys.iter() {
            tables.resume_element_instance(Key::of(key));
        }
        let scope_key = instruction.scope_keys.last().expect("every element that is entered has a scope");
        tables.change_element_instance_counts(Key::of(scope_key), |_, arriving| {
            *arriving = arriving.checked_add(1).expect("a command enters fewer elements");
        });
    }
}
