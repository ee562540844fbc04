//! The instance that waits for a message runs another definition. A message that the subscription is told of reaches the new process.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedMessageSubscriptionRecord, InstanceRef};
use ringbolt_tables::Tables;

pub(super) fn apply_migrated(tables: &mut Tables, key: Key, value: &ArchivedMessageSubscriptionRecord<'_>) {
    let row = tables.message_subscription(key).expect("an event is about a subscription that is there");
    let told_of = (row.is_correlating && row.message_key.is_some())
        .then(|| (row.message_key, row.bpmn_process_id.to_owned()));
    if let Some((message_key, process_id)) = told_of {
        tables.delete_message_correlation(message_key, &process_id);
        tables.put_message_correlation(message_key, &value.bpmn_process_id);
    }
    let definition_key = InstanceRef::of(&value.instance).process_definition_key;
    tables.migrate_message_subscription(key, definition_key, &value.bpmn_process_id, value.is_interrupting);
}
