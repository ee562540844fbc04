//! A message whose publisher waits asks another partition for a business id, or has its answer: it may still reach somebody meanwhile.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedBusinessIdHoldRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_asked(tables: &mut Tables, value: &ArchivedBusinessIdHoldRecord<'_>) {
    tables.count_awaited_message(Key::of(&value.message_key), 1);
}

pub(super) fn apply_answered(tables: &mut Tables, value: &ArchivedBusinessIdHoldRecord<'_>) {
    tables.count_awaited_message(Key::of(&value.message_key), -1);
}
