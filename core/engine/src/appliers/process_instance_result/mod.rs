//! Events of awaited results: for exporters, no table changes.

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessInstanceResultRecord;
use ringbolt_record::{Intent, Key, ProcessInstanceResultIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessInstanceResultRecord<'_> {
    fn apply(
        _tables: &mut Tables,
        intent: Intent,
        _key: Key,
        _value: &Self::Archived,
    ) -> Result<(), NoEvent> {
        let Intent::ProcessInstanceResult(intent) = intent else { return Err(NoEvent) };
        match intent {
            ProcessInstanceResultIntent::Completed => {}
        }
        Ok(())
    }
}
