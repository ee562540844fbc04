//! Events of batch operations as a whole.

mod ended_v1;
mod rested_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::BatchOperationLifecycleManagementRecord;
use ringbolt_record::{BatchOperationLifecycleManagementIntent as Change, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for BatchOperationLifecycleManagementRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, _: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::BatchOperationLifecycleManagement(intent) = intent else { return Err(NoEvent) };
        match intent {
            Change::Canceled | Change::Completed => ended_v1::apply_ended(tables, value),
            Change::Suspended => rested_v1::apply_suspended(tables, value),
            Change::Resumed => rested_v1::apply_resumed(tables, value),
            Change::Cancel | Change::Suspend | Change::Resume => return Err(NoEvent),
        }
        Ok(())
    }
}
