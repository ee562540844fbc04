//! Events of multi-instance bodies.

mod collected_v1;
mod created_v1;
mod forgotten_v1;
mod satisfied_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::MultiInstanceRecord;
use ringbolt_record::{Intent, Key, MultiInstanceIntent};
use ringbolt_tables::Tables;

impl Applied for MultiInstanceRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::MultiInstance(intent) = intent else { return Err(NoEvent) };
        match intent {
            MultiInstanceIntent::Created => created_v1::apply_created(tables, key, value),
            MultiInstanceIntent::Collected => collected_v1::apply_collected(tables, key, value),
            MultiInstanceIntent::Forgotten => forgotten_v1::apply_forgotten(tables, key, value),
            MultiInstanceIntent::Satisfied => satisfied_v1::apply_satisfied(tables, key, value),
        }
        Ok(())
    }
}
