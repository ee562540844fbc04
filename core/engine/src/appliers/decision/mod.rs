//! Events of decisions.

mod created_v1;
mod deleted_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::DecisionRecord;
use ringbolt_record::{DecisionIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for DecisionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Decision(intent) = intent else { return Err(NoEvent) };
        match intent {
            DecisionIntent::Created => created_v1::apply_created(tables, key, value),
            DecisionIntent::Deleted => deleted_v1::apply_deleted(tables, value),
        }
        Ok(())
    }
}
