//! Changes of where instances stand.

mod modified_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessInstanceModificationRecord;
use ringbolt_record::{Intent, Key, ProcessInstanceModificationIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessInstanceModificationRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, _: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        match intent {
            Intent::ProcessInstanceModification(ProcessInstanceModificationIntent::Modified) => {
                modified_v1::apply_modified(tables, value);
                Ok(())
            }
            _ => Err(NoEvent),
        }
    }
}
