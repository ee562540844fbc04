//! Events of items that were selected.

mod created_v1;
mod forgotten_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::BatchOperationChunkRecord;
use ringbolt_record::{BatchOperationChunkIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for BatchOperationChunkRecord {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::BatchOperationChunk(intent) = intent else { return Err(NoEvent) };
        match intent {
            BatchOperationChunkIntent::Created => created_v1::apply_created(tables, key, value),
            BatchOperationChunkIntent::Forgotten => forgotten_v1::apply_forgotten(tables, value),
            BatchOperationChunkIntent::Create => return Err(NoEvent),
        }
        Ok(())
    }
}
