//! A form or another resource is there no more.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedResourceRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_deleted(tables: &mut Tables, value: &ArchivedResourceRecord<'_>) {
    tables.delete_resource(Key::of(&value.resource_key));
}
