//! Follow-ups that an instance kept while it was suspended are taken up, from the first one that the key names to the last.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedPendingCommandRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_drained(tables: &mut Tables, key: Key, value: &ArchivedPendingCommandRecord<'_>) {
    let process_instance_key = Key::of(&value.process_instance_key);
    let drained = tables.delete_held_follow_ups(process_instance_key, key, Key::of(&value.last));
    tables.change_held_count(process_instance_key, |held| held - drained);
}
