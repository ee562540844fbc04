//! Events of the creation of process instances.

mod created_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessInstanceCreationRecord;
use ringbolt_record::{Intent, Key, ProcessInstanceCreationIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessInstanceCreationRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::ProcessInstanceCreation(intent) = intent else { return Err(NoEvent) };
        match intent {
            ProcessInstanceCreationIntent::Created => created_v1::apply_created(tables, key, value),
            ProcessInstanceCreationIntent::Create
            | ProcessInstanceCreationIntent::CreateWithAwaitingResult => return Err(NoEvent),
        }
        Ok(())
    }
}
