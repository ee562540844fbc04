//! Items were selected, up to a place; the chunks that they stand in came before.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedBatchOperationInitializationRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_initializing(tables: &mut Tables, value: &ArchivedBatchOperationInitializationRecord) {
    apply(tables, value, false);
}

pub(super) fn apply_initialized(tables: &mut Tables, value: &ArchivedBatchOperationInitializationRecord) {
    apply(tables, value, true);
}

fn apply(tables: &mut Tables, value: &ArchivedBatchOperationInitializationRecord, is_selected: bool) {
    let key = Key::of(&value.batch_operation_key);
    if let Some(mut progress) = tables.batch_operation_progress(key) {
        progress.cursor = Key::of(&value.cursor);
        progress.is_selected = is_selected;
        tables.put_batch_operation_progress(key, &progress);
    }
}
