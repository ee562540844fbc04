//! The instance did not take the message that a subscription was told of: it has not reached the process. The subscription is going
//! to end and is told of no other.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMessageSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_rejected(tables: &mut Tables, key: Key, value: &ArchivedMessageSubscriptionRecord<'_>) {
    let message_key = Key::of(&value.message_key);
    tables.count_awaited_message(message_key, -1);
    tables.delete_message_correlation(message_key, &value.bpmn_process_id);
    tables.set_message_subscription(key, Key::NONE, true, &[]);
}
