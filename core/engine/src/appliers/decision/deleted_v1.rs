//! A decision is there no more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedDecisionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, value: &ArchivedDecisionRecord<'_>) {
    tables.delete_decision(Key::of(&value.decision_key));
}
