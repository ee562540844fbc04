//! Business ids that instances are given while they run.

mod assigned_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessInstanceBusinessIdRecord;
use ringbolt_record::{Intent, Key, ProcessInstanceBusinessIdIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessInstanceBusinessIdRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        match intent {
            Intent::ProcessInstanceBusinessId(ProcessInstanceBusinessIdIntent::Assigned) => {
                assigned_v1::apply_assigned(tables, key, value);
                Ok(())
            }
            _ => Err(NoEvent),
        }
    }
}
