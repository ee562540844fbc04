//! Creates a batch operation on every partition. Its items are selected after that.

use crate::behaviors::batch_operations;
use crate::contract::BATCH_OPERATIONS_MAX;
use crate::failure::{Refusal, invalid_argument, invalid_state};
use crate::writers::Processing;
use ringbolt_record::Reply;
use ringbolt_record::batch_operation::CreateBatchOperation;

pub(crate) fn process_create(p: &mut Processing<'_>, create: &CreateBatchOperation) -> Result<(), Refusal> {
    if create.filter.is_empty() || create.filter == "{}" {
        return Err(invalid_argument("Given filter is empty"));
    }
    check_room(p)?;
    let kind = create.kind;
    let batch_operation_key = batch_operations::create(p, kind, create.filter.clone(), &create.plan);
    p.reply(Reply::BatchOperationCreated { batch_operation_key, kind });
    Ok(())
}

/// Whether there may be one more.
///
/// # Errors
/// When as many as there may be have not ended yet.
pub(crate) fn check_room(p: &Processing<'_>) -> Result<(), Refusal> {
    if p.tables().batch_operations().take(BATCH_OPERATIONS_MAX).count() == BATCH_OPERATIONS_MAX {
        return Err(invalid_state(format!(
            "Expected to create a batch operation, but {BATCH_OPERATIONS_MAX} have not ended yet"
        )));
    }
    Ok(())
}
