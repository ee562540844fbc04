//! A subscription is told of a message. It keeps what the message brings: the message itself may expire before the instance takes it.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMessageSubscriptionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_correlating(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedMessageSubscriptionRecord<'_>,
) {
    let message_key = Key::of(&value.message_key);
    let message = tables.message_of_client(message_key);
    let variables = message.map(|message| message.variables.to_vec()).unwrap_or_default();
    tables.set_message_subscription(key, message_key, true, &variables);
    tables.count_awaited_message(message_key, 1);
    tables.put_message_correlation(message_key, &value.bpmn_process_id);
}
