//! Events of signals.

mod broadcasted_v1;
mod ended_v1;
mod thrown_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::SignalRecord;
use ringbolt_record::{Intent, Key, SignalIntent};
use ringbolt_tables::Tables;

impl Applied for SignalRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Signal(intent) = intent else { return Err(NoEvent) };
        match intent {
            SignalIntent::Broadcasted => broadcasted_v1::apply_broadcasted(tables, key, value),
            SignalIntent::Thrown => thrown_v1::apply_thrown(tables, key, value),
            SignalIntent::Ended => ended_v1::apply_ended(tables, value),
            SignalIntent::Broadcast => return Err(NoEvent),
        }
        Ok(())
    }
}
