//! Processing gave up on an instance: it goes on no more, and its business id is free.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedErrorRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_created(tables: &mut Tables, _key: Key, value: &ArchivedErrorRecord<'_>) {
    let process_instance_key = Key::of(&value.process_instance_key);
    if let Some(row) = tables.element_instance(process_instance_key) {
        tables.forget_business_id(process_instance_key, row.element.instance.process_definition_key);
    }
    tables.put_banned(process_instance_key);
}
