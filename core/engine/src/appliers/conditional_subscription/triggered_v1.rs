//! A condition has come to hold: what that interrupts waits for it no more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedConditionalSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_triggered(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedConditionalSubscriptionRecord<'_>,
) {
    if value.is_interrupting {
        let scope_key = Key::of(&value.element_instance_key);
        tables.delete_conditional_subscription(scope_key, key);
        tables.delete_event_subscription(scope_key, key);
    }
}
