//! An instance runs another definition, and has its business id there, unless it was called. The lock that a message has given it goes to
//! the new process, or is free where no message starts that.

use ringbolt_record::Key;
use ringbolt_record::values::{ArchivedProcessInstanceMigrationRecord, InstanceRef};
use ringbolt_tables::{MessageLock, Tables};

pub(super) fn apply_migrated(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceMigrationRecord<'_>,
) {
    let target_key = Key::of(&value.target_process_definition_key);
    let instance = InstanceRef::of(&value.instance);
    if !instance.is_called() {
        tables.forget_business_id(key);
        tables.note_business_id(key, target_key);
    }
    let Some(lock) = tables.message_lock_of(key) else { return };
    let target = tables.process(target_key);
    let bpmn_process_id = target.map(|row| row.bpmn_process_id.to_owned()).unwrap_or_default();
    if lock.bpmn_process_id == bpmn_process_id {
        return;
    }
    tables.delete_message_lock(key);
    if value.keeps_lock {
        tables.put_message_lock(key, &MessageLock { bpmn_process_id, ..lock });
    }
}
