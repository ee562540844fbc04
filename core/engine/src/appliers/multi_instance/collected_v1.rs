//! There is a result for an item.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMultiInstanceRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_collected(tables: &mut Tables, key: Key, value: &ArchivedMultiInstanceRecord<'_>) {
    tables.put_multi_instance_result(key, value.number.to_native(), &value.value);
}
