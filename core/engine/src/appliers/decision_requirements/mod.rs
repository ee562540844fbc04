//! Events of models of decisions.

mod created_v1;
mod deleted_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::DecisionRequirementsRecord;
use ringbolt_record::{DecisionRequirementsIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for DecisionRequirementsRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::DecisionRequirements(intent) = intent else { return Err(NoEvent) };
        match intent {
            DecisionRequirementsIntent::Created => created_v1::apply_created(tables, key, value),
            DecisionRequirementsIntent::Deleted => deleted_v1::apply_deleted(tables, value),
        }
        Ok(())
    }
}
