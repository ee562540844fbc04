//! A subscription is told of a message. Where the instance is on this partition, the subscription keeps what the message brings:
//! the message itself may expire before the instance takes it.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMessageSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_correlating(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedMessageSubscriptionRecord<'_>,
) {
    let message_key = Key::of(&value.message_key);
    let is_local = Key::of(&value.owner_key).partition() == key.partition();
    let message = tables.message_of_client(message_key).filter(|_| is_local);
    let variables = message.map(|message| message.variables.to_vec()).unwrap_or_default();
    tables.set_message_subscription(key, message_key, true, &variables);
    tables.put_message_correlation(message_key, &value.bpmn_process_id);
}
