//! A follow-up command waits for the next entry.

use ringbolt_record::values::{ArchivedPendingCommandRecord, ElementInstanceRef};
use ringbolt_record::{Key, ProcessInstanceIntent};
use ringbolt_tables::{PendingCommandRow, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedPendingCommandRecord<'_>) {
    let row = PendingCommandRow {
        intent: ProcessInstanceIntent::of(&value.intent),
        element_instance_key: Key::of(&value.element_instance_key),
        element: ElementInstanceRef::of(&value.element),
    };
    tables.put_pending_command(key, &row);
}
