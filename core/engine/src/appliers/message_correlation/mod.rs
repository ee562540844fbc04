//! Events of messages whose publishers wait for whom they reach.

mod correlating_v1;
mod ended_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::MessageCorrelationRecord;
use ringbolt_record::{Intent, Key, MessageCorrelationIntent};
use ringbolt_tables::Tables;

impl Applied for MessageCorrelationRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, _value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::MessageCorrelation(intent) = intent else { return Err(NoEvent) };
        match intent {
            MessageCorrelationIntent::Correlating => correlating_v1::apply_correlating(tables, key),
            MessageCorrelationIntent::Correlated | MessageCorrelationIntent::NotCorrelated => {
                ended_v1::apply_ended(tables, key);
            }
            MessageCorrelationIntent::Correlate => return Err(NoEvent),
        }
        Ok(())
    }
}
