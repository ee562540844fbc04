//! Batch operations, and what is deleted.

use super::{Folded, Folding, some_key};
use crate::codes::{BATCH_OPERATION_ITEM_STATES, BATCH_OPERATION_STATES, BATCH_OPERATION_TYPES, code_of};
use crate::rows::batches::{BatchOperation, BatchOperationCounts, BatchOperationItem};
use ringbolt_record::values::{
    ArchivedBatchOperationErrorValue, BatchOperationChunkRecord, BatchOperationCreationRecord,
    BatchOperationExecutionRecord, BatchOperationInitializationRecord,
    BatchOperationLifecycleManagementRecord, BatchOperationPartitionLifecycleRecord, HistoryDeletionRecord,
};
use ringbolt_record::{
    BatchItem, BatchOperationChunkIntent, BatchOperationCreationIntent, BatchOperationErrorType,
    BatchOperationExecutionIntent, BatchOperationInitializationIntent,
    BatchOperationLifecycleManagementIntent as Change, BatchOperationPartitionLifecycleIntent,
    BatchOperationType, HistoryDeletionType, Key, RecordRef,
};

/// Whose rows are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeletedHistory {
    pub(crate) kind: HistoryDeletionType,
    pub(crate) key: i64,
    /// When, milliseconds since 1970.
    pub(crate) at: i64,
}

fn kind_code(kind: BatchOperationType) -> u8 {
    code_of(&BATCH_OPERATION_TYPES, kind.name()).expect("each kind has a code")
}

fn state_code(name: &str) -> u8 {
    code_of(&BATCH_OPERATION_STATES, name).expect("each state has a code")
}

pub(crate) fn item_state(name: &str) -> u8 {
    code_of(&BATCH_OPERATION_ITEM_STATES, name).expect("each state has a code")
}

impl Folding<'_> {
    pub(super) fn batch_creation(
        &mut self,
        record: &RecordRef<'_>,
        _: BatchOperationCreationIntent,
    ) -> Folded {
        let value = record.value::<BatchOperationCreationRecord<'_>>()?;
        self.put_batch(record.header.key, "CREATED", |row| {
            row.kind = kind_code(BatchOperationType::of(&value.kind));
        });
        Ok(())
    }

    /// How it stands as a whole; only the partition that leads it has that row.
    fn put_batch(&mut self, key: Key, state: &str, also: impl FnOnce(&mut BatchOperation)) {
        if key.partition() != self.partition {
            return;
        }
        let mut row = BatchOperation {
            tenant_id: None,
            batch_operation_key: key.to_wire(),
            kind: 0,
            state: state_code(state),
            start_date: None,
            end_date: None,
            errors: None,
        };
        also(&mut row);
        self.batch.batch_operations.put(row);
    }

    fn count_batch(&mut self, key: Key, also: impl FnOnce(&mut BatchOperationCounts)) {
        let mut row = BatchOperationCounts {
            tenant_id: None,
            batch_operation_key: key.to_wire(),
            items: 0,
            completed: 0,
            failed: 0,
            end_date: None,
        };
        also(&mut row);
        self.counts.push(row);
    }

    pub(super) fn batch_initialization(
        &mut self,
        record: &RecordRef<'_>,
        intent: BatchOperationInitializationIntent,
    ) -> Folded {
        let value = record.value::<BatchOperationInitializationRecord>()?;
        if intent == BatchOperationInitializationIntent::Initialized {
            let now = self.now;
            self.put_batch(Key::of(&value.batch_operation_key), "ACTIVE", |row| row.start_date = Some(now));
        }
        Ok(())
    }

    pub(super) fn batch_chunk(
        &mut self,
        record: &RecordRef<'_>,
        intent: BatchOperationChunkIntent,
    ) -> Folded {
        let value = record.value::<BatchOperationChunkRecord>()?;
        if intent != BatchOperationChunkIntent::Created {
            return Ok(());
        }
        let key = Key::of(&value.batch_operation_key);
        let kind = kind_code(BatchOperationType::of(&value.kind));
        for item in value.items.iter().map(BatchItem::of) {
            self.put_batch_item(key, item, kind, "ACTIVE", |_| {});
        }
        let items = i64::try_from(value.items.len()).unwrap_or(i64::MAX);
        self.count_batch(key, |row| row.items = items);
        Ok(())
    }

    fn put_batch_item(
        &mut self,
        key: Key,
        item: BatchItem,
        kind: u8,
        state: &str,
        also: impl FnOnce(&mut BatchOperationItem),
    ) {
        let mut row = BatchOperationItem {
            tenant_id: None,
            batch_operation_key: key.to_wire(),
            item_key: item.item_key.to_wire(),
            kind,
            process_instance_key: some_key(item.process_instance_key),
            root_process_instance_key: some_key(item.root_process_instance_key),
            state: item_state(state),
            processed_date: None,
            error_message: None,
        };
        also(&mut row);
        self.batch.batch_items.put(row);
    }

    pub(super) fn batch_execution(
        &mut self,
        record: &RecordRef<'_>,
        intent: BatchOperationExecutionIntent,
    ) -> Folded {
        if intent != BatchOperationExecutionIntent::Executed {
            return Ok(());
        }
        let value = record.value::<BatchOperationExecutionRecord<'_>>()?;
        let (key, now) = (Key::of(&value.batch_operation_key), self.now);
        let reason = value.failure.as_ref().map(|failure| &*failure.reason);
        let state = if reason.is_some() { "FAILED" } else { "COMPLETED" };
        self.put_batch_item(key, BatchItem::of(&value.item), 0, state, |row| {
            row.processed_date = Some(now);
            row.error_message = reason.map(Into::into);
        });
        self.count_batch(key, |row| {
            (row.completed, row.failed) = (i64::from(reason.is_none()), i64::from(reason.is_some()));
        });
        Ok(())
    }

    pub(super) fn batch_lifecycle(&mut self, record: &RecordRef<'_>, intent: Change) -> Folded {
        let value = record.value::<BatchOperationLifecycleManagementRecord<'_>>()?;
        let (key, now) = (Key::of(&value.batch_operation_key), self.now);
        let errors = (!value.errors.is_empty()).then(|| errors_of(value.errors.iter()));
        let (state, ends) = match intent {
            Change::Suspended => ("SUSPENDED", false),
            Change::Resumed => ("ACTIVE", false),
            Change::Canceled => ("CANCELED", true),
            Change::Completed if value.have_all_failed => ("FAILED", true),
            Change::Completed if errors.is_some() => ("PARTIALLY_COMPLETED", true),
            Change::Completed => ("COMPLETED", true),
            Change::Cancel | Change::Suspend | Change::Resume => return Ok(()),
        };
        self.put_batch(key, state, |row| {
            row.end_date = ends.then_some(now);
            row.errors = errors.map(Into::into);
        });
        if intent == Change::Canceled {
            self.count_batch(key, |row| row.end_date = Some(now));
            self.batch.batches_given_up.push(key.to_wire());
        }
        Ok(())
    }

    pub(super) fn batch_part(
        &mut self,
        record: &RecordRef<'_>,
        _: BatchOperationPartitionLifecycleIntent,
    ) -> Folded {
        let value = record.value::<BatchOperationPartitionLifecycleRecord<'_>>()?;
        if value.is_own {
            let (key, now) = (Key::of(&value.batch_operation_key), self.now);
            self.count_batch(key, |row| row.end_date = Some(now));
            if value.error.is_some() {
                self.batch.batches_given_up.push(key.to_wire());
            }
        }
        Ok(())
    }

    pub(super) fn history_deletion(&mut self, record: &RecordRef<'_>) -> Folded {
        let value = record.value::<HistoryDeletionRecord>()?;
        let (kind, key) = (HistoryDeletionType::of(&value.kind), record.header.key.to_wire());
        self.batch.deleted_history.push(DeletedHistory { kind, key, at: self.now });
        Ok(())
    }
}

/// Errors as the API has them.
fn errors_of<'a>(errors: impl Iterator<Item = &'a ArchivedBatchOperationErrorValue<'a>>) -> String {
    let errors = errors.map(|error| {
        serde_json::json!({
            "partitionId": error.partition_id.to_native(),
            "type": BatchOperationErrorType::of(&error.error_type).name(),
            "message": &*error.message,
        })
    });
    serde_json::Value::from(errors.collect::<Vec<_>>()).to_string()
}
