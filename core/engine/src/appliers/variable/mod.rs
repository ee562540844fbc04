//! Events of variables.

mod created_v1;
mod updated_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::VariableRecord;
use ringbolt_record::{Intent, Key, VariableIntent};
use ringbolt_tables::Tables;

impl Applied for VariableRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Variable(intent) = intent else { return Err(NoEvent) };
        match intent {
            VariableIntent::Created => created_v1::apply_created(tables, key, value),
            VariableIntent::Updated => updated_v1::apply_updated(tables, key, value),
            // A variable belongs to its scope, whatever definition that is of.
            VariableIntent::Migrated => {}
        }
        Ok(())
    }
}
