//! An activity was compensated, or cannot be any more.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedCompensationSubscriptionRecord, InstanceRef};
use ringbolt_tables::Tables;

pub(super) fn apply_ended(tables: &mut Tables, key: Key, value: &ArchivedCompensationSubscriptionRecord<'_>) {
    let process_instance_key = InstanceRef::of(&value.instance).process_instance_key;
    tables.delete_compensation_subscription(process_instance_key, key);
}
