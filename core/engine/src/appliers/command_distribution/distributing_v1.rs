//! A command is to reach a partition.

use ringbolt_record::values::ArchivedCommandDistributionRecord;
use ringbolt_record::{Key, PartitionId};
use ringbolt_tables::Tables;

pub(super) fn apply_distributing(tables: &mut Tables, key: Key, value: &ArchivedCommandDistributionRecord) {
    tables.put_distribution(key, PartitionId::of(&value.partition_id));
}
