//! The instance took the message that a subscription was told of. The subscription ends with it if it is for one message.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMessageSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_correlated(tables: &mut Tables, key: Key, value: &ArchivedMessageSubscriptionRecord<'_>) {
    if value.is_interrupting {
        tables.delete_message_subscription(key);
    } else {
        tables.set_message_subscription(key, Key::of(&value.message_key), false, &[]);
    }
}
