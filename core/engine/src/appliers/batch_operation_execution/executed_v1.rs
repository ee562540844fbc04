//! An item was taken; what could not be done is counted.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedBatchOperationExecutionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_executed(tables: &mut Tables, value: &ArchivedBatchOperationExecutionRecord<'_>) {
    let key = Key::of(&value.batch_operation_key);
    if value.failure.is_some()
        && let Some(mut progress) = tables.batch_operation_progress(key)
    {
        progress.failed += 1;
        tables.put_batch_operation_progress(key, &progress);
    }
}
