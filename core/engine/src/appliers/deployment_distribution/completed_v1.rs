//! A deployment has reached a partition.

use ringbolt_record::values::ArchivedDeploymentDistributionRecord;
use ringbolt_record::{Key, PartitionId};
use ringbolt_tables::Tables;

pub(super) fn apply_completed(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedDeploymentDistributionRecord<'_>,
) {
    tables.delete_distribution(key, PartitionId::of(&value.partition_id));
}
