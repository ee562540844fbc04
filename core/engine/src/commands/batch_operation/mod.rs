//! What is asked of batch operations.

pub(crate) mod add_items;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete_history;
pub(crate) mod execute;

use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::{BatchOperationCommand, BatchOperationLifecycleManagementIntent as Change};

pub(crate) fn process(p: &mut Processing<'_>, command: &BatchOperationCommand) -> Result<(), Refusal> {
    match command {
        BatchOperationCommand::Create(create) => create::process_create(p, create),
        BatchOperationCommand::Cancel { batch_operation_key } => {
            change::process_change(p, *batch_operation_key, Change::Cancel)
        }
        BatchOperationCommand::Suspend { batch_operation_key } => {
            change::process_change(p, *batch_operation_key, Change::Suspend)
        }
        BatchOperationCommand::Resume { batch_operation_key } => {
            change::process_change(p, *batch_operation_key, Change::Resume)
        }
        BatchOperationCommand::AddItems(add) => add_items::process_add(p, add),
        BatchOperationCommand::FailSelection { batch_operation_key, after, error_type, message } => {
            add_items::process_fail(p, *batch_operation_key, *after, *error_type, message)
        }
        BatchOperationCommand::DeleteHistory { kind, key } => delete_history::process_delete(p, *kind, *key),
    }
}
