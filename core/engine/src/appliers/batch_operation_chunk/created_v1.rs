//! Items were selected.

use ringbolt_record::values::ArchivedBatchOperationChunkRecord;
use ringbolt_record::{BatchItem, Key};
use ringbolt_tables::Tables;

pub(super) fn apply_created(tables: &mut Tables, key: Key, value: &ArchivedBatchOperationChunkRecord) {
    let batch_operation_key = Key::of(&value.batch_operation_key);
    tables.put_batch_chunk(batch_operation_key, key, value.items.iter().map(BatchItem::of));
    if let Some(mut progress) = tables.batch_operation_progress(batch_operation_key) {
        progress.items += value.items.len() as u64;
        tables.put_batch_operation_progress(batch_operation_key, &progress);
    }
}
