//! A follow-up command was taken up.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedPendingCommandRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_continued(tables: &mut Tables, key: Key, _value: &ArchivedPendingCommandRecord<'_>) {
    tables.delete_pending_command(key);
}
