//! The element instance does not wait any more, or rests while its instance is suspended.

use super::rows_v1::put;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessMessageSubscriptionRecord;
use ringbolt_tables::{MessageWaitState, Tables};

pub(super) fn apply_deleting(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessMessageSubscriptionRecord<'_>,
) {
    if value.is_for_suspension {
        return put(tables, key, value, MessageWaitState::Parking);
    }
    put(tables, key, value, MessageWaitState::Closing);
    tables.delete_event_subscription(Key::of(&value.element_instance_key), key);
}
