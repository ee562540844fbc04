//! What the appliers of timers share. Frozen with them.

use ringbolt_record::values::ArchivedTimerRecord;
use ringbolt_record::{Key, TimestampMs};
use ringbolt_tables::Tables;

/// Removes a timer; nothing waits for it any more.
pub(super) fn remove(tables: &mut Tables, key: Key, value: &ArchivedTimerRecord<'_>) {
    tables.delete_timer(key, TimestampMs::of(&value.due));
    tables.delete_event_subscription(Key::of(&value.element_instance_key), key);
}
