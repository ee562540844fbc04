//! Batch operations that have not ended. Of those that were canceled only what is left is forgotten, and of items that were done only
//! how many they are is in the state: neither is told.

use ringbolt_record::values::{
    BatchOperationChunkRecord, BatchOperationCreationRecord, BatchOperationInitializationRecord,
    BatchOperationLifecycleManagementRecord, BatchOperationPartitionLifecycleRecord,
};
use ringbolt_record::{
    BatchOperationChunkIntent, BatchOperationCreationIntent, BatchOperationInitializationIntent,
    BatchOperationLifecycleManagementIntent, BatchOperationPartitionLifecycleIntent, EntryBuilder, Intent,
    Key, RecordType,
};
use ringbolt_tables::{BatchOperationProgress, BatchOperationRow, BatchOperationStatus, Tables};

/// What there is of one that goes on, or will again.
fn going(tables: &Tables, key: Key) -> Option<(BatchOperationRow<'_>, BatchOperationProgress)> {
    let progress = tables.batch_operation_progress(key);
    let progress = progress.filter(|progress| progress.status != BatchOperationStatus::Canceled)?;
    Some((tables.batch_operation(key)?, progress))
}

pub(super) fn tell(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    let Some((row, progress)) = going(tables, key) else { return };
    let BatchOperationRow { kind, partition_count, filter, plan } = row;
    let value = BatchOperationCreationRecord { kind, partition_count, filter, plan };
    entry.push(RecordType::Event, Intent::from(BatchOperationCreationIntent::Created), key, &value);
    if progress.is_selected {
        let value = BatchOperationInitializationRecord {
            batch_operation_key: key,
            cursor: progress.cursor,
            items: 0,
        };
        let intent = BatchOperationInitializationIntent::Initialized;
        entry.push(RecordType::Event, Intent::from(intent), key, &value);
    }
    if progress.status == BatchOperationStatus::Suspended {
        let value = BatchOperationLifecycleManagementRecord {
            batch_operation_key: key,
            have_all_failed: false,
            errors: Vec::new(),
        };
        let intent = BatchOperationLifecycleManagementIntent::Suspended;
        entry.push(RecordType::Event, Intent::from(intent), key, &value);
    }
    if progress.has_ended {
        let value = BatchOperationPartitionLifecycleRecord {
            batch_operation_key: key,
            source_partition_id: 0,
            is_own: true,
            is_leading: false,
            error: None,
        };
        let intent = BatchOperationPartitionLifecycleIntent::PartitionCompleted;
        entry.push(RecordType::Event, Intent::from(intent), key, &value);
    }
}

pub(super) fn tell_chunk(tables: &Tables, key: Key, chunk_key: Key, entry: &mut EntryBuilder) {
    let Some((row, _)) = going(tables, key).filter(|(_, progress)| !progress.has_ended) else { return };
    let items = tables.batch_items_left(key, chunk_key);
    let value = BatchOperationChunkRecord { batch_operation_key: key, kind: row.kind, items, forgotten: 0 };
    entry.push(RecordType::Event, Intent::from(BatchOperationChunkIntent::Created), chunk_key, &value);
}
