//! Events of follow-up commands beyond their entry.

mod buffered_v1;
mod continued_v1;
mod created_v1;
mod drained_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::PendingCommandRecord;
use ringbolt_record::{Intent, Key, PendingCommandIntent};
use ringbolt_tables::Tables;

impl Applied for PendingCommandRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::PendingCommand(intent) = intent else { return Err(NoEvent) };
        match intent {
            PendingCommandIntent::Created => created_v1::apply_created(tables, key, value),
            PendingCommandIntent::Continued => continued_v1::apply_continued(tables, key, value),
            PendingCommandIntent::Buffered => buffered_v1::apply_buffered(tables, key, value),
            PendingCommandIntent::Drained => drained_v1::apply_drained(tables, key, value),
        }
        Ok(())
    }
}
