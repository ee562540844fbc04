//! Events of timers.

mod canceled_v1;
mod created_v1;
mod migrated_v1;
mod resumed_v1;
mod rows_v1;
mod suspended_v1;
mod triggered_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::TimerRecord;
use ringbolt_record::{Intent, Key, TimerIntent};
use ringbolt_tables::Tables;

impl Applied for TimerRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Timer(intent) = intent else { return Err(NoEvent) };
        match intent {
            TimerIntent::Created => created_v1::apply_created(tables, key, value),
            TimerIntent::Triggered => triggered_v1::apply_triggered(tables, key, value),
            TimerIntent::Canceled => canceled_v1::apply_canceled(tables, key, value),
            TimerIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
            TimerIntent::Suspended => suspended_v1::apply_suspended(tables, key, value),
            TimerIntent::Resumed => resumed_v1::apply_resumed(tables, key, value),
            TimerIntent::Trigger => return Err(NoEvent),
        }
        Ok(())
    }
}
