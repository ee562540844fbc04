//! Another partition has taken messages up to one. What was acknowledged before, or never sent, changes nothing.

use crate::behaviors::distributions;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::values::PartitionMessageRecord;
use ringbolt_record::{Key, PartitionId, PartitionMessage, PartitionMessageIntent, Reply};

pub(crate) fn process_acknowledge(
    p: &mut Processing<'_>,
    partition: PartitionId,
    sequence: u64,
) -> Result<(), Refusal> {
    let state = p.tables().outbox(partition);
    if state.acknowledged < sequence && sequence <= state.last {
        for taken in state.acknowledged + 1..=sequence {
            let message = p.tables().message(partition, taken).map(PartitionMessage::read);
            if let Some(Ok(message)) = message {
                distributions::acknowledge(p, partition, &message);
            }
        }
        let record = PartitionMessageRecord { partition_id: partition, sequence, message: &[] };
        p.append(PartitionMessageIntent::Acknowledged, Key::NONE, &record);
    }
    p.outbox.heard_of(partition, p.now);
    p.outbox.touch();
    p.reply(Reply::Done);
    Ok(())
}
