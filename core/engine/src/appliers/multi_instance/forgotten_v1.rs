//! Results of a body that has ended are deleted, up to one of them.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMultiInstanceRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_forgotten(tables: &mut Tables, key: Key, value: &ArchivedMultiInstanceRecord<'_>) {
    tables.delete_multi_instance_results(key, value.number.to_native());
}
