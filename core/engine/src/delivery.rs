//! Hands messages to other partitions out: as they stand in the outbox, or whole where that holds a reference.

use crate::behaviors::distributions;
use crate::contract::Effect;
use crate::outbox::Outbox;
use ringbolt_record::command::PartitionCommand;
use ringbolt_record::{Command, PartitionId, TimestampMs};
use ringbolt_tables::Tables;

/// Adds what is to be sent now, from this partition.
pub(crate) fn hand_out(
    outbox: &mut Outbox,
    source: PartitionId,
    tables: &Tables,
    now: TimestampMs,
    effects: &mut Vec<Effect>,
) {
    outbox.hand_out(tables, now, &mut |partition, sequence| {
        let stored = tables.message(partition, sequence).unwrap_or_default();
        let message = distributions::whole(tables, stored);
        let bytes = message.len();
        let command = Command::Partition(PartitionCommand::Deliver { source, sequence, message });
        effects.push(Effect::Send { partition, command });
        bytes
    });
}
