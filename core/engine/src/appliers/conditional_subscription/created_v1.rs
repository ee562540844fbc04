//! Somebody begins to wait for a condition; the process knows that there is somebody.

use super::rows_v1;
use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedConditionalSubscriptionRecord, InstanceRef};
use ringbolt_tables::{ElementInstanceFlags, Tables};

pub(super) fn apply_created(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedConditionalSubscriptionRecord<'_>,
) {
    rows_v1::put(tables, key, value);
    let scope_key = Key::of(&value.element_instance_key);
    tables.change_element_instance_flags(scope_key, |flags| flags.with(ElementInstanceFlags::SUBSCRIPTIONS));
    let process_instance_key = InstanceRef::of(&value.instance).process_instance_key;
    tables.change_element_instance_flags(process_instance_key, |flags| {
        flags.with(ElementInstanceFlags::CONDITIONS)
    });
}
