//! Events of items that are done.

mod executed_v1;
mod executing_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::BatchOperationExecutionRecord;
use ringbolt_record::{BatchOperationExecutionIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for BatchOperationExecutionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, _: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::BatchOperationExecution(intent) = intent else { return Err(NoEvent) };
        match intent {
            BatchOperationExecutionIntent::Executing => executing_v1::apply_executing(tables, value),
            BatchOperationExecutionIntent::Executed => executed_v1::apply_executed(tables, value),
            BatchOperationExecutionIntent::Execute => return Err(NoEvent),
        }
        Ok(())
    }
}
