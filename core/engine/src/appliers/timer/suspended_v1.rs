//! The time of a timer has come while its instance is suspended: it stands in no queue until that goes on.

use ringbolt_record::values::ArchivedTimerRecord;
use ringbolt_record::{Key, TimestampMs};
use ringbolt_tables::Tables;

pub(super) fn apply_suspended(tables: &mut Tables, key: Key, value: &ArchivedTimerRecord<'_>) {
    tables.delete_timer_due(TimestampMs::of(&value.due), key);
}
