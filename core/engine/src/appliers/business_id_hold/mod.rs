//! Events of who has business ids on other partitions.

mod asked_v1;
mod awaited_v1;
mod held_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::BusinessIdHoldRecord;
use ringbolt_record::{BusinessIdHoldIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for BusinessIdHoldRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::BusinessIdHold(intent) = intent else { return Err(NoEvent) };
        match intent {
            BusinessIdHoldIntent::Held => held_v1::apply_held(tables, key, value),
            BusinessIdHoldIntent::Released => held_v1::apply_released(tables, key, value),
            BusinessIdHoldIntent::Awaited => awaited_v1::apply_awaited(tables, value),
            BusinessIdHoldIntent::Told => awaited_v1::apply_told(tables, value),
            BusinessIdHoldIntent::Asked => asked_v1::apply_asked(tables, value),
            BusinessIdHoldIntent::Answered => asked_v1::apply_answered(tables, value),
        }
        Ok(())
    }
}
