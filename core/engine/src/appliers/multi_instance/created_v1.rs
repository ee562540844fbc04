//! A multi-instance body has its items.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedMultiInstanceRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedMultiInstanceRecord<'_>) {
    tables.put_multi_instance(key, &value.value);
}
