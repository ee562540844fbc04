//! Events that were caught.

mod rows_v1;
mod triggered_v1;
mod triggering_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessEventRecord;
use ringbolt_record::{Intent, Key, ProcessEventIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessEventRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::ProcessEvent(intent) = intent else { return Err(NoEvent) };
        match intent {
            ProcessEventIntent::Triggering => triggering_v1::apply_triggering(tables, key, value),
            ProcessEventIntent::Triggered => triggered_v1::apply_triggered(tables, key, value),
        }
        Ok(())
    }
}
