//! A start event waits for messages no more.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedMessageStartEventSubscriptionRecord, InstanceRef};
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedMessageStartEventSubscriptionRecord<'_>,
) {
    tables.delete_named_subscription(InstanceRef::of(&value.instance).process_definition_key, key);
}
