//! Another partition has taken all messages up to one.

use ringbolt_record::PartitionId;
use ringbolt_record::values::ArchivedPartitionMessageRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_acknowledged(tables: &mut Tables, value: &ArchivedPartitionMessageRecord<'_>) {
    tables.delete_messages(PartitionId::of(&value.partition_id), value.sequence.to_native());
}
