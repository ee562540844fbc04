//! What the appliers of caught events share. Frozen with them.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessEventRecord;
use ringbolt_tables::Tables;

/// Promises the scope that an element is going to be entered in it, where the event says so.
pub(super) fn promise(tables: &mut Tables, value: &ArchivedProcessEventRecord<'_>) {
    let scope_key = Key::of(&value.entered_in);
    if scope_key.is_some() {
        tables.change_element_instance_counts(scope_key, |_, arriving| {
            *arriving = arriving.checked_add(1).expect("a scope has fewer events");
        });
    }
}
