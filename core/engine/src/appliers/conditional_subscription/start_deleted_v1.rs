//! The start event of a process waits for a condition no more.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedConditionalSubscriptionRecord, InstanceRef};
use ringbolt_tables::Tables;

pub(super) fn apply_start_deleted(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedConditionalSubscriptionRecord<'_>,
) {
    let definition_key = InstanceRef::of(&value.instance).process_definition_key;
    tables.delete_conditional_subscription(definition_key, key);
}
