//! Events of the creation of batch operations.

mod created_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::BatchOperationCreationRecord;
use ringbolt_record::{BatchOperationCreationIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for BatchOperationCreationRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::BatchOperationCreation(intent) = intent else { return Err(NoEvent) };
        match intent {
            BatchOperationCreationIntent::Created => created_v1::apply_created(tables, key, value),
            BatchOperationCreationIntent::Create => return Err(NoEvent),
        }
        Ok(())
    }
}
