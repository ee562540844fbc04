//! Follow-ups of an instance wait for another entry.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedPendingCommandRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedPendingCommandRecord<'_>) {
    let process_instance_key = Key::of(&value.process_instance_key);
    for (number, follow_up) in value.follow_ups.iter().enumerate() {
        tables.put_follow_up(process_instance_key, Key(key.0 + number as u64), follow_up);
    }
}
