//! The other partitions: which there are, and what is sent to them.

use crate::writers::Processing;
use ringbolt_record::values::PartitionMessageRecord;
use ringbolt_record::{FollowUp, Key, MessageStep, PartitionId, PartitionMessage, PartitionMessageIntent};

/// All partitions but this one.
pub(crate) fn others(p: &Processing<'_>) -> impl Iterator<Item = PartitionId> + use<> {
    let own = p.settings.partition_id;
    (1..=p.tables().partition_count()).map(PartitionId).filter(move |partition| *partition != own)
}

/// Tells the other side of a subscription, on whichever partition that is. `process_instance_key` has the turn where it is this one.
pub(crate) fn tell(
    p: &mut Processing<'_>,
    partition: PartitionId,
    process_instance_key: Key,
    step: MessageStep,
) {
    if partition == p.settings.partition_id {
        p.follow_up(process_instance_key, FollowUp::Messages(step));
    } else {
        send(p, partition, &PartitionMessage::Messages(step));
    }
}

/// Sends a message: it is taken by the other partition once, after all that were sent to it before.
pub(crate) fn send(p: &mut Processing<'_>, partition: PartitionId, message: &PartitionMessage) {
    let key = p.next_key();
    let sequence = p.tables().outbox(partition).last + 1;
    let message = &message.to_bytes();
    let record = PartitionMessageRecord { partition_id: partition, sequence, message };
    p.append(PartitionMessageIntent::Sent, key, &record);
    p.outbox.touch();
}
