//! Events of messages between partitions.

mod acknowledged_v1;
mod received_v1;
mod sent_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::PartitionMessageRecord;
use ringbolt_record::{Intent, Key, PartitionMessageIntent};
use ringbolt_tables::Tables;

impl Applied for PartitionMessageRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::PartitionMessage(intent) = intent else { return Err(NoEvent) };
        match intent {
            PartitionMessageIntent::Sent => sent_v1::apply_sent(tables, key, value),
            PartitionMessageIntent::Received => received_v1::apply_received(tables, value),
            PartitionMessageIntent::Acknowledged => acknowledged_v1::apply_acknowledged(tables, value),
            PartitionMessageIntent::Deliver | PartitionMessageIntent::Acknowledge => return Err(NoEvent),
        }
        Ok(())
    }
}
