//! A deployment is to reach a partition.

use ringbolt_record::values::ArchivedDeploymentDistributionRecord;
use ringbolt_record::{Key, PartitionId};
use ringbolt_tables::Tables;

pub(super) fn apply_distributing(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedDeploymentDistributionRecord<'_>,
) {
    let definitions: Vec<Key> = value.process_definition_keys.iter().map(Key::of).collect();
    tables.put_distribution(key, PartitionId::of(&value.partition_id), &definitions);
}
