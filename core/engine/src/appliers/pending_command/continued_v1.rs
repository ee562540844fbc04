//! Follow-ups of an instance were taken up, from the first one that the key names to the last.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedPendingCommandRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_continued(tables: &mut Tables, key: Key, value: &ArchivedPendingCommandRecord<'_>) {
    tables.delete_follow_ups(Key::of(&value.process_instance_key), key, Key::of(&value.last));
}
