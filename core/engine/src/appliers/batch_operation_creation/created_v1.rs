//! A batch operation is there: its items are to be selected.

use ringbolt_record::values::ArchivedBatchOperationCreationRecord;
use ringbolt_record::{BatchOperationType, Key};
use ringbolt_tables::{BatchOperationProgress, BatchOperationRow, Tables};

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedBatchOperationCreationRecord<'_>) {
    let row = BatchOperationRow {
        kind: BatchOperationType::of(&value.kind),
        partition_count: value.partition_count.to_native(),
        filter: &value.filter,
        plan: &value.plan,
    };
    tables.put_batch_operation(key, &row);
    tables.put_batch_operation_progress(key, &BatchOperationProgress::default());
}
