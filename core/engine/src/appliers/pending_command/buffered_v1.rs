//! Follow-ups of a suspended instance wait until that goes on.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedPendingCommandRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_buffered(tables: &mut Tables, key: Key, value: &ArchivedPendingCommandRecord<'_>) {
    let process_instance_key = Key::of(&value.process_instance_key);
    for (number, follow_up) in value.follow_ups.iter().enumerate() {
        tables.put_held_follow_up(process_instance_key, Key(key.0 + number as u64), follow_up);
    }
    tables.change_held_count(process_instance_key, |held| held + value.follow_ups.len() as u32);
}
