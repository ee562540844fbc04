//! What the appliers of timers share. Frozen with them.

use ringbolt_record::values::{ArchivedTimerRecord, InstanceRef};
use ringbolt_record::{Key, TimestampMs};
use ringbolt_tables::Tables;

/// Removes a timer; nothing waits for it any more.
pub(super) fn remove(tables: &mut Tables, key: Key, value: &ArchivedTimerRecord<'_>) {
    tables.delete_timer(key, TimestampMs::of(&value.due));
    tables.delete_event_subscription(waits(value), key);
}

/// Who waits for the event: the element instance, or of an event that starts a process its definition.
pub(super) fn waits(value: &ArchivedTimerRecord<'_>) -> Key {
    let element_instance_key = Key::of(&value.element_instance_key);
    if element_instance_key.is_some() {
        return element_instance_key;
    }
    InstanceRef::of(&value.instance).process_definition_key
}
