//! A batch operation rests, or goes on.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedBatchOperationLifecycleManagementRecord;
use ringbolt_tables::{BatchOperationStatus, Tables};

pub(super) fn apply_suspended(
    tables: &mut Tables,
    value: &ArchivedBatchOperationLifecycleManagementRecord<'_>,
) {
    apply(tables, value, BatchOperationStatus::Suspended);
}

pub(super) fn apply_resumed(
    tables: &mut Tables,
    value: &ArchivedBatchOperationLifecycleManagementRecord<'_>,
) {
    apply(tables, value, BatchOperationStatus::Going);
}

fn apply(
    tables: &mut Tables,
    value: &ArchivedBatchOperationLifecycleManagementRecord<'_>,
    status: BatchOperationStatus,
) {
    let key = Key::of(&value.batch_operation_key);
    if let Some(mut progress) = tables.batch_operation_progress(key) {
        progress.status = status;
        tables.put_batch_operation_progress(key, &progress);
    }
}
