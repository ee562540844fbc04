//! An element instance waits for a condition for an event of another definition.

use super::rows_v1;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedConditionalSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_migrated(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedConditionalSubscriptionRecord<'_>,
) {
    rows_v1::put(tables, key, value);
}
