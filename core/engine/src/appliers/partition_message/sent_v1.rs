//! A message is to reach a partition.

use ringbolt_record::values::ArchivedPartitionMessageRecord;
use ringbolt_record::{Key, PartitionId};
use ringbolt_tables::Tables;

pub(super) fn apply_sent(tables: &mut Tables, key: Key, value: &ArchivedPartitionMessageRecord<'_>) {
    let partition = PartitionId::of(&value.partition_id);
    tables.put_message(partition, value.sequence.to_native(), key, &value.message);
}
