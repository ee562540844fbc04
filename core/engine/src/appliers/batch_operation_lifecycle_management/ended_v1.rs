//! A batch operation has ended: it is forgotten, as soon as its items are where there still are some.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedBatchOperationLifecycleManagementRecord;
use ringbolt_tables::{BatchOperationStatus, Tables};

pub(super) fn apply_ended(tables: &mut Tables, value: &ArchivedBatchOperationLifecycleManagementRecord<'_>) {
    let key = Key::of(&value.batch_operation_key);
    if tables.batch_chunks(key, 1) == 0 {
        tables.delete_batch_operation(key);
    } else if let Some(mut progress) = tables.batch_operation_progress(key) {
        progress.status = BatchOperationStatus::Canceled;
        tables.put_batch_operation_progress(key, &progress);
    }
}
