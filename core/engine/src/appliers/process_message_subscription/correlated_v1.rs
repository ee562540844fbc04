//! The element instance took a message. The wait ends with it if it is for one message.

use super::rows_v1::put;
use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessMessageSubscriptionRecord;
use ringbolt_tables::{MessageWaitState, Tables};

pub(super) fn apply_correlated(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessMessageSubscriptionRecord<'_>,
) {
    if value.is_interrupting {
        tables.delete_message_wait(key);
        tables.delete_event_subscription(Key::of(&value.element_instance_key), key);
    } else {
        put(tables, key, value, MessageWaitState::Open);
    }
}
