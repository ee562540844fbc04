//! Changes of which definition instances run.

mod migrated_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessInstanceMigrationRecord;
use ringbolt_record::{Intent, Key, ProcessInstanceMigrationIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessInstanceMigrationRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        match intent {
            Intent::ProcessInstanceMigration(ProcessInstanceMigrationIntent::Migrated) => {
                migrated_v1::apply_migrated(tables, key, value);
                Ok(())
            }
            _ => Err(NoEvent),
        }
    }
}
