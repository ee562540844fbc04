//! What has completed can be compensated as an activity of another definition.

use super::rows_v1::row_of;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedCompensationSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_migrated(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedCompensationSubscriptionRecord<'_>,
) {
    tables.migrate_compensation_subscription(key, &row_of(value));
}
