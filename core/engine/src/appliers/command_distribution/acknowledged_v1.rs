//! A command has reached a partition.

use ringbolt_record::values::ArchivedCommandDistributionRecord;
use ringbolt_record::{Key, PartitionId};
use ringbolt_tables::Tables;

pub(super) fn apply_acknowledged(tables: &mut Tables, key: Key, value: &ArchivedCommandDistributionRecord) {
    tables.delete_distribution(key, PartitionId::of(&value.partition_id));
}
