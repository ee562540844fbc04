//! An instance runs another definition. The lock that a message has given it goes to the new process, or is free where no message
//! starts that.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedProcessInstanceMigrationRecord;
use ringbolt_tables::{MessageLock, Tables};

pub(super) fn apply_migrated(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceMigrationRecord<'_>,
) {
    let Some(lock) = tables.message_lock_of(key) else { return };
    let target = tables.process(Key::of(&value.target_process_definition_key));
    let bpmn_process_id = target.map(|row| row.bpmn_process_id.to_owned()).unwrap_or_default();
    if lock.bpmn_process_id == bpmn_process_id {
        return;
    }
    tables.delete_message_lock(key);
    if value.keeps_lock {
        tables.put_message_lock(key, &MessageLock { bpmn_process_id, ..lock });
    }
}
