//! Events of partitions' parts of batch operations.

mod ended_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::BatchOperationPartitionLifecycleRecord;
use ringbolt_record::{BatchOperationPartitionLifecycleIntent as Part, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for BatchOperationPartitionLifecycleRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, _: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::BatchOperationPartitionLifecycle(intent) = intent else { return Err(NoEvent) };
        match intent {
            Part::PartitionCompleted | Part::PartitionFailed => ended_v1::apply_ended(tables, value),
            Part::Fail | Part::CompletePartition | Part::FailPartition => return Err(NoEvent),
        }
        Ok(())
    }
}
