//! A partition's part of a batch operation has ended. The partition that leads it keeps it until all have; another one forgets it, as soon
//! as its items are where there still are some.

use ringbolt_record::values::ArchivedBatchOperationPartitionLifecycleRecord;
use ringbolt_record::{BatchOperationErrorType, Key};
use ringbolt_tables::{BatchOperationFailure, BatchOperationStatus, Tables};

pub(super) fn apply_ended(tables: &mut Tables, value: &ArchivedBatchOperationPartitionLifecycleRecord<'_>) {
    let key = Key::of(&value.batch_operation_key);
    let Some(mut progress) = tables.batch_operation_progress(key) else { return };
    progress.has_ended |= value.is_own;
    if value.is_leading {
        progress.ended_partitions.push(value.source_partition_id.to_native());
        progress.failures.extend(value.error.as_ref().map(|error| BatchOperationFailure {
            partition_id: error.partition_id.to_native(),
            error_type: BatchOperationErrorType::of(&error.error_type),
            message: error.message.as_ref().to_owned(),
        }));
        tables.put_batch_operation_progress(key, &progress);
    } else if tables.batch_chunks(key, 1) == 0 {
        tables.delete_batch_operation(key);
    } else {
        progress.status = BatchOperationStatus::Canceled;
        tables.put_batch_operation_progress(key, &progress);
    }
}
