//! An instance that was given up on before it was entered: nothing of it stays.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedErrorRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_released(tables: &mut Tables, value: &ArchivedErrorRecord<'_>) {
    let process_instance_key = Key::of(&value.process_instance_key);
    tables.delete_variables(process_instance_key);
    tables.delete_event_triggers(process_instance_key);
    tables.delete_message_lock(process_instance_key);
    tables.forget_business_id(process_instance_key);
    tables.delete_instance_metadata(process_instance_key);
    tables.delete_banned(process_instance_key);
}
