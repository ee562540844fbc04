//! Events of process definitions.

mod created_v1;
mod deleted_v1;
mod deleting_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessRecord;
use ringbolt_record::{Intent, Key, ProcessIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Process(intent) = intent else { return Err(NoEvent) };
        match intent {
            ProcessIntent::Created => created_v1::apply_created(tables, key, value),
            ProcessIntent::Deleting => deleting_v1::apply_deleting(tables, value),
            ProcessIntent::Deleted => deleted_v1::apply_deleted(tables, value),
        }
        Ok(())
    }
}
