//! An item is taken: it is not taken again.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedBatchOperationExecutionRecord;
use ringbolt_tables::Tables;

pub(super) fn apply_executing(tables: &mut Tables, value: &ArchivedBatchOperationExecutionRecord<'_>) {
    tables.take_batch_item(Key::of(&value.batch_operation_key));
}
