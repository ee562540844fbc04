//! Events of the selection of items.

mod selected_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::BatchOperationInitializationRecord;
use ringbolt_record::{BatchOperationInitializationIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for BatchOperationInitializationRecord {
    fn apply(tables: &mut Tables, intent: Intent, _: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::BatchOperationInitialization(intent) = intent else { return Err(NoEvent) };
        match intent {
            BatchOperationInitializationIntent::Initializing => {
                selected_v1::apply_initializing(tables, value)
            }
            BatchOperationInitializationIntent::Initialized => selected_v1::apply_initialized(tables, value),
            BatchOperationInitializationIntent::Initialize
            | BatchOperationInitializationIntent::FinishInitialization => return Err(NoEvent),
        }
        Ok(())
    }
}
