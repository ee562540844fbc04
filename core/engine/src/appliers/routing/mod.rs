//! Events of the partitions that there are.

mod changed_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::RoutingRecord;
use ringbolt_record::{Intent, Key, RoutingIntent};
use ringbolt_tables::Tables;

impl Applied for RoutingRecord {
    fn apply(tables: &mut Tables, intent: Intent, _: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Routing(intent) = intent else { return Err(NoEvent) };
        match intent {
            RoutingIntent::Changed => changed_v1::apply_changed(tables, value),
        }
        Ok(())
    }
}
