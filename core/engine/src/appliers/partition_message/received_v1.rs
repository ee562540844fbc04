//! A message of another partition was taken.

use ringbolt_record::PartitionId;
use ringbolt_record::values::ArchivedPartitionMessageRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_received(tables: &mut Tables, value: &ArchivedPartitionMessageRecord<'_>) {
    tables.put_inbox(PartitionId::of(&value.partition_id), value.sequence.to_native());
}
