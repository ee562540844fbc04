//! Cancels, suspends or resumes a batch operation, on every partition.

use crate::behaviors::{batch_operations, distributions};
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::partition_message::DistributedBatchOperationChange;
use ringbolt_record::{BatchOperationLifecycleManagementIntent as Change, Key, PartitionMessage, Reply};
use ringbolt_tables::{BatchOperationProgress, BatchOperationStatus};

pub(crate) fn process_change(p: &mut Processing<'_>, key: Key, intent: Change) -> Result<(), Refusal> {
    let verb = match intent {
        Change::Suspend => "suspend",
        Change::Resume => "resume",
        _ => "cancel",
    };
    let expected = format!("Expected to {verb} a batch operation with key '{}', but", key.to_wire());
    let Some(progress) = batch_operations::changeable(p, key) else {
        // Only one of the three sentences ends with a dot.
        let end = if intent == Change::Suspend { "." } else { "" };
        return Err(not_found(format!("{expected} no such batch operation was found{end}")));
    };
    let wanted = match intent {
        Change::Suspend => Some(BatchOperationStatus::Going),
        Change::Resume => Some(BatchOperationStatus::Suspended),
        _ => None,
    };
    if wanted.is_some_and(|wanted| wanted != progress.status) {
        let state = state_of(&progress);
        return Err(invalid_state(format!("{expected} it has an invalid state '{state}'.")));
    }
    let change_key = p.next_key();
    let change = DistributedBatchOperationChange { change_key, batch_operation_key: key, intent };
    batch_operations::change(p, change);
    distributions::begin(p, &PartitionMessage::BatchOperationChange(change));
    p.reply(Reply::Done);
    Ok(())
}

/// The name of its state in such sentences.
fn state_of(progress: &BatchOperationProgress) -> &'static str {
    match progress.status {
        BatchOperationStatus::Suspended => "SUSPENDED",
        BatchOperationStatus::Canceled => "CANCELED",
        BatchOperationStatus::Going if progress.is_selected => "INITIALIZED",
        BatchOperationStatus::Going => "CREATED",
    }
}
