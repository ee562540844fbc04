//! Items of a batch operation are not done any more; with the last of them goes one that was canceled.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedBatchOperationChunkRecord;
use ringbolt_tables::{BatchOperationStatus, Tables};

pub(super) fn apply_forgotten(tables: &mut Tables, value: &ArchivedBatchOperationChunkRecord) {
    let key = Key::of(&value.batch_operation_key);
    tables.delete_batch_chunks(key, value.forgotten.to_native() as usize);
    let is_canceled = tables
        .batch_operation_progress(key)
        .is_some_and(|progress| progress.status == BatchOperationStatus::Canceled);
    if is_canceled && tables.batch_chunks(key, 1) == 0 {
        tables.delete_batch_operation(key);
    }
}
