//! Somebody waits for a condition no more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedConditionalSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedConditionalSubscriptionRecord<'_>,
) {
    let scope_key = Key::of(&value.element_instance_key);
    tables.delete_conditional_subscription(scope_key, key);
    tables.delete_event_subscription(scope_key, key);
}
