//! Batch operations: what is done with all that a filter selects, and what becomes of that.

use super::{Mapper, Missing, Request, Target};
use crate::error::{ApiError, ErrorKind};
use ringbolt_record::batch_operation::{CreateBatchOperation, ElementPair};
use ringbolt_record::{
    BatchOperationCommand, BatchOperationType, BatchPlan, Command, HistoryDeletionType, Key,
};

/// Longest filter of a batch operation, bytes: it stands in the state of every partition.
pub const BATCH_FILTER_BYTES_MAX: usize = 256 * 1024;

impl Mapper<'_> {
    /// Does something with all that a filter selects.
    ///
    /// # Errors
    /// When nothing can be selected here, the filter is too long, or something in the plan is.
    pub fn create_batch_operation(
        &self,
        kind: BatchOperationType,
        filter: String,
        plan: BatchPlan,
        operation_reference: u64,
    ) -> Result<Request, ApiError> {
        self.check_selectable()?;
        self.check_length("filter", &filter, BATCH_FILTER_BYTES_MAX)?;
        let pairs: &[ElementPair] = match &plan {
            BatchPlan::Plain | BatchPlan::JobUpdate(_) | BatchPlan::History(_) => &[],
            BatchPlan::Migration(plan) => &plan.mappings,
            BatchPlan::Modification(plan) => &plan.moves,
        };
        self.check_items("list of instructions", pairs.len())?;
        for pair in pairs {
            self.check_length("sourceElementId", &pair.source_element_id, self.limits.id_bytes_max)?;
            self.check_length("targetElementId", &pair.target_element_id, self.limits.id_bytes_max)?;
        }
        let create = BatchOperationCommand::Create(CreateBatchOperation { kind, filter, plan });
        let command = Command::BatchOperation(Box::new(create));
        Ok(self.request(Target::Any, command).referring(operation_reference))
    }

    /// Whether there is something from which batch operations can select.
    pub(super) fn check_selectable(&self) -> Result<(), ApiError> {
        if self.limits.is_searchable {
            return Ok(());
        }
        let what = "Expected to select what a batch operation is for, but this server runs without secondary storage";
        Err(ApiError::new(ErrorKind::Unavailable, what))
    }

    /// Cancels, suspends or resumes a batch operation; `wish` says which, with its words.
    pub fn change_batch_operation(
        &self,
        key: i64,
        wish: &'static str,
        change: fn(Key) -> BatchOperationCommand,
    ) -> Request {
        let command = Command::BatchOperation(Box::new(change(Key::from_wire(key))));
        self.for_key(key, Missing::new(wish, "batch operation"), command)
    }

    /// Deletes what is known of something that has ended; `missing` says what that is where it is not there.
    pub fn delete_history(
        &self,
        key: i64,
        kind: HistoryDeletionType,
        missing: Missing,
        operation_reference: u64,
    ) -> Request {
        let delete = BatchOperationCommand::DeleteHistory { kind, key: Key::from_wire(key) };
        let command = Command::BatchOperation(Box::new(delete));
        self.for_key(key, missing, command).referring(operation_reference)
    }
}
