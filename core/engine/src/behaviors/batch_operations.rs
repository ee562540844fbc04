//! Batch operations on this partition and on the others: how they begin, rest, go on and end.
//!
//! The partition that was asked leads a batch operation, and has made its key. It tells all others what becomes of it, and each tells it
//! when its part has ended.

use crate::behaviors::{distributions, partitions};
use crate::writers::Processing;
use ringbolt_record::batch_operation::HistoryPlan;
use ringbolt_record::partition_message::{
    DistributedBatchOperation, DistributedBatchOperationChange, EndedBatchOperationPart,
};
use ringbolt_record::values::{
    BatchOperationChunkRecord, BatchOperationCreationRecord, BatchOperationErrorValue,
    BatchOperationLifecycleManagementRecord, BatchOperationPartitionLifecycleRecord, HistoryDeletionRecord,
};
use ringbolt_record::{
    BatchOperationChunkIntent, BatchOperationCreationIntent, BatchOperationErrorType,
    BatchOperationLifecycleManagementIntent as Change, BatchOperationPartitionLifecycleIntent as Part,
    BatchOperationType, BatchPlan, FollowUp, HistoryDeletionIntent, Key, PartitionMessage,
};
use ringbolt_tables::{BatchOperationProgress, BatchOperationStatus};

/// Chunks that one step forgets.
const FORGOTTEN_AT_ONCE: usize = 64;

/// Creates a batch operation on all partitions; its key.
pub(crate) fn create(
    p: &mut Processing<'_>,
    kind: BatchOperationType,
    filter: String,
    plan: &BatchPlan,
) -> Key {
    let batch_operation_key = p.next_key();
    let create = DistributedBatchOperation { batch_operation_key, kind, filter, plan: plan.to_bytes() };
    arrive(p, &create);
    distributions::begin(p, &PartitionMessage::BatchOperation(create));
    batch_operation_key
}

/// A batch operation comes to this partition.
pub(crate) fn arrive(p: &mut Processing<'_>, created: &DistributedBatchOperation) {
    let DistributedBatchOperation { batch_operation_key, kind, filter, plan } = created;
    let partition_count = p.tables().partition_count();
    let record = BatchOperationCreationRecord { kind: *kind, partition_count, filter, plan };
    p.append(BatchOperationCreationIntent::Created, *batch_operation_key, &record);
}

/// What a client may still change: a batch operation that has not ended.
pub(crate) fn changeable(p: &Processing<'_>, key: Key) -> Option<BatchOperationProgress> {
    let progress = p.tables().batch_operation_progress(key);
    progress.filter(|progress| progress.status != BatchOperationStatus::Canceled)
}

/// Something becomes of a batch operation on this partition, if it can.
pub(crate) fn change(p: &mut Processing<'_>, change: DistributedBatchOperationChange) {
    let DistributedBatchOperationChange { change_key, batch_operation_key: key, intent } = change;
    let Some(progress) = changeable(p, key) else { return };
    let becomes = match (intent, progress.status) {
        (Change::Cancel, _) => Change::Canceled,
        (Change::Suspend, BatchOperationStatus::Going) => Change::Suspended,
        (Change::Resume, BatchOperationStatus::Suspended) => Change::Resumed,
        _ => return,
    };
    let record = BatchOperationLifecycleManagementRecord {
        batch_operation_key: key,
        have_all_failed: false,
        errors: Vec::new(),
    };
    p.append(becomes, change_key, &record);
    let goes_on = match becomes {
        Change::Canceled => p.tables().batch_operation_progress(key).is_some(),
        _ => becomes == Change::Resumed && progress.is_selected && !progress.has_ended,
    };
    if goes_on {
        go_on(p, key);
    }
}

/// Has the next step of a batch operation taken, unless it is to come already.
pub(crate) fn go_on(p: &mut Processing<'_>, key: Key) {
    if !p.has_to_come(key, |follow_up| matches!(follow_up, FollowUp::BatchOperation { .. })) {
        p.follow_up(key, FollowUp::BatchOperation { key });
    }
}

/// Forgets some of the items that are not done any more, and comes back for the others.
pub(crate) fn forget_items(p: &mut Processing<'_>, key: Key) {
    let chunks = p.tables().batch_chunks(key, FORGOTTEN_AT_ONCE + 1);
    let forgotten = chunks.min(FORGOTTEN_AT_ONCE);
    let Some(kind) = p.tables().batch_operation(key).map(|row| row.kind).filter(|_| forgotten > 0) else {
        return;
    };
    let record = BatchOperationChunkRecord {
        batch_operation_key: key,
        kind,
        items: Vec::new(),
        forgotten: u32::try_from(forgotten).unwrap_or_default(),
    };
    p.append(BatchOperationChunkIntent::Forgotten, key, &record);
    if chunks > forgotten {
        p.follow_up(key, FollowUp::BatchOperation { key });
    }
}

/// The part of this partition has ended, well or not: who leads the batch operation is told.
pub(crate) fn end_part(p: &mut Processing<'_>, key: Key, error: Option<(BatchOperationErrorType, String)>) {
    let source_partition_id = p.settings.partition_id.0;
    if error.is_none() {
        delete_definition(p, key);
    }
    let ended = EndedBatchOperationPart { batch_operation_key: key, source_partition_id, error };
    if key.partition() == p.settings.partition_id {
        note_ended_part(p, &ended);
    } else {
        append_ended(p, &ended);
        partitions::send(p, key.partition(), &PartitionMessage::BatchOperationPart(ended));
    }
    if p.tables().batch_chunks(key, 1) > 0 {
        go_on(p, key);
    }
}

/// What is known of instances is deleted here: if what they were instances of was deleted before, what is known of that goes now.
fn delete_definition(p: &mut Processing<'_>, key: Key) {
    let Some(row) = p.tables().batch_operation(key) else { return };
    if let Ok(BatchPlan::History(HistoryPlan { kind, key })) = BatchPlan::read(row.plan) {
        p.append(HistoryDeletionIntent::Deleted, key, &HistoryDeletionRecord { kind });
    }
}

/// The part of some partition of a batch operation that this one leads has ended; with the last part it does as a whole.
pub(crate) fn note_ended_part(p: &mut Processing<'_>, ended: &EndedBatchOperationPart) {
    let key = ended.batch_operation_key;
    let is_known = changeable(p, key)
        .is_some_and(|progress| !progress.ended_partitions.contains(&ended.source_partition_id));
    let Some(partition_count) = p.tables().batch_operation(key).map(|row| row.partition_count) else {
        return;
    };
    if !is_known {
        return;
    }
    append_ended(p, ended);
    let Some(progress) = p.tables().batch_operation_progress(key) else { return };
    if progress.ended_partitions.len() >= usize::from(partition_count) {
        let errors = progress.failures.iter().map(|failure| BatchOperationErrorValue {
            partition_id: failure.partition_id,
            error_type: failure.error_type,
            message: &failure.message,
        });
        let errors: Vec<_> = errors.collect();
        let have_all_failed = errors.len() >= usize::from(partition_count);
        let record =
            BatchOperationLifecycleManagementRecord { batch_operation_key: key, have_all_failed, errors };
        p.append(Change::Completed, key, &record);
    }
}

fn append_ended(p: &mut Processing<'_>, ended: &EndedBatchOperationPart) {
    let EndedBatchOperationPart { batch_operation_key, source_partition_id, error } = ended;
    let own = p.settings.partition_id;
    let message = error.as_ref().map(|(_, message)| p.bounded(message).to_owned()).unwrap_or_default();
    let error = error.as_ref().map(|(error_type, _)| BatchOperationErrorValue {
        partition_id: *source_partition_id,
        error_type: *error_type,
        message: &message,
    });
    let intent = if error.is_some() { Part::PartitionFailed } else { Part::PartitionCompleted };
    let record = BatchOperationPartitionLifecycleRecord {
        batch_operation_key: *batch_operation_key,
        source_partition_id: *source_partition_id,
        is_own: *source_partition_id == own.0,
        is_leading: batch_operation_key.partition() == own,
        error,
    };
    p.append(intent, *batch_operation_key, &record);
}
