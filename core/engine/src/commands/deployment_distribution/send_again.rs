//! Sends a deployment once more to a partition that has not acknowledged it. Writes nothing.

use crate::behaviors::distributions;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::{Key, PartitionId, Reply};

pub(crate) fn process_send_again(
    p: &mut Processing<'_>,
    deployment_key: Key,
    partition: PartitionId,
) -> Result<(), Refusal> {
    if let Some(definitions) = p.tables().distribution(deployment_key, partition) {
        let tenant_id = distributions::tenant_of(p, &definitions);
        distributions::send(p, deployment_key, partition, &tenant_id, &definitions);
    }
    p.reply(Reply::Done);
    Ok(())
}
