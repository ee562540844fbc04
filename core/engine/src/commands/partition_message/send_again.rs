//! Sends messages once more to a partition that has not acknowledged them. Writes nothing.

use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::{PartitionId, Reply};

pub(crate) fn process_send_again(p: &mut Processing<'_>, partition: PartitionId) -> Result<(), Refusal> {
    p.outbox.send_again(partition, p.now);
    p.reply(Reply::Done);
    Ok(())
}
