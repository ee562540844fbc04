//! Events of processing errors.

mod created_v1;
mod released_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ErrorRecord;
use ringbolt_record::{ErrorIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for ErrorRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Error(intent) = intent else { return Err(NoEvent) };
        match intent {
            ErrorIntent::Created => created_v1::apply_created(tables, key, value),
            ErrorIntent::Released => released_v1::apply_released(tables, value),
        }
        Ok(())
    }
}
