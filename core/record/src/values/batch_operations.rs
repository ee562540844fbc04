//! Batch operations: what is asked of many, whom it was selected for, and how far it has come.
//!
//! Fields that Zeebe has not serve the appliers and secondary storage: Zeebe's own exporters find out what became of an item by the
//! records of the command that it caused, whose rejections Ringbolt does not write.

#![allow(
    missing_docs,
    reason = "rkyv derives fields that nobody can document; the structs' own are documented"
)]

use super::RecordValue;
use crate::batch_operation::BatchItem;
use crate::ids::Key;
use crate::wire_enums::{
    BatchOperationErrorType, BatchOperationType, HistoryDeletionType, RejectionType, ValueType,
};
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A batch operation, on each partition under the same key.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct BatchOperationCreationRecord<'a> {
    /// What is done with each item.
    pub kind: BatchOperationType,
    /// How many partitions it runs on, which are numbered from 1.
    pub partition_count: u16,
    /// Whom it is for: a filter of the API, as JSON.
    #[rkyv(with = InlineAsBox)]
    pub filter: &'a str,
    /// How it is done, as [`crate::BatchPlan::to_bytes`] gives it.
    #[rkyv(with = InlineAsBox)]
    pub plan: &'a [u8],
}

/// How far the selection of a batch operation's items has come on a partition.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct BatchOperationInitializationRecord {
    /// The batch operation.
    pub batch_operation_key: Key,
    /// The last key that was looked at: the selection goes on behind it.
    pub cursor: Key,
    /// How many items came with it.
    pub items: u32,
}

/// Items of a batch operation on a partition. The record's key is the chunk's.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct BatchOperationChunkRecord {
    /// The batch operation.
    pub batch_operation_key: Key,
    /// What is done with each.
    pub kind: BatchOperationType,
    /// The items; none where chunks are forgotten.
    pub items: Vec<BatchItem>,
    /// Where chunks are forgotten: how many.
    pub forgotten: u32,
}

/// An item of a batch operation is taken.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct BatchOperationExecutionRecord<'a> {
    /// The batch operation.
    pub batch_operation_key: Key,
    /// The item.
    pub item: BatchItem,
    /// Of one that was taken: why it could not be done.
    pub failure: Option<ItemFailure<'a>>,
}

/// Why an item could not be done: the refusal of its command.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ItemFailure<'a> {
    /// Its kind.
    pub rejection_type: RejectionType,
    /// Its words.
    #[rkyv(with = InlineAsBox)]
    pub reason: &'a str,
}

/// What happens to a batch operation as a whole.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct BatchOperationLifecycleManagementRecord<'a> {
    /// The batch operation.
    pub batch_operation_key: Key,
    /// Of one that has ended: whether the parts of all partitions failed.
    pub have_all_failed: bool,
    /// Of one that has ended: which partitions failed, and why.
    pub errors: Vec<BatchOperationErrorValue<'a>>,
}

/// Why a partition's part of a batch operation failed.
#[derive(Archive, rkyv::Serialize, Debug, Clone, Copy)]
pub struct BatchOperationErrorValue<'a> {
    /// Which partition.
    pub partition_id: u16,
    /// The kind of failure.
    pub error_type: BatchOperationErrorType,
    /// What went wrong.
    #[rkyv(with = InlineAsBox)]
    pub message: &'a str,
}

/// A partition's part of a batch operation has ended.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct BatchOperationPartitionLifecycleRecord<'a> {
    /// The batch operation.
    pub batch_operation_key: Key,
    /// Whose part it is.
    pub source_partition_id: u16,
    /// Whether that is the partition on which this is written.
    pub is_own: bool,
    /// Whether this is written on the partition that leads the batch operation.
    pub is_leading: bool,
    /// Why it failed, if it did.
    pub error: Option<BatchOperationErrorValue<'a>>,
}

/// What is known of something that has ended is deleted. The record's key is that of what has ended.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct HistoryDeletionRecord {
    /// What that is.
    pub kind: HistoryDeletionType,
}

impl RecordValue for BatchOperationInitializationRecord {
    const VALUE_TYPE: ValueType = ValueType::BatchOperationInitialization;
    const VERSION: u16 = 1;
}

impl RecordValue for BatchOperationChunkRecord {
    const VALUE_TYPE: ValueType = ValueType::BatchOperationChunk;
    const VERSION: u16 = 1;
}

impl RecordValue for HistoryDeletionRecord {
    const VALUE_TYPE: ValueType = ValueType::HistoryDeletion;
    const VERSION: u16 = 1;
}

const _: () =
    assert!(align_of::<ArchivedBatchOperationInitializationRecord>() == 1, "layouts have alignment 1");
const _: () = assert!(align_of::<ArchivedBatchOperationChunkRecord>() == 1, "layouts have alignment 1");
const _: () = assert!(align_of::<ArchivedHistoryDeletionRecord>() == 1, "layouts have alignment 1");
