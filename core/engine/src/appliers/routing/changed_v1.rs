//! There is another number of partitions than before.

use ringbolt_record::values::ArchivedRoutingRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_changed(tables: &mut Tables, value: &ArchivedRoutingRecord) {
    tables.put_partition_count(value.partition_count.to_native());
}
