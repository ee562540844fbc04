//! A partition has taken a deployment over; what was acknowledged before changes nothing.

use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_record::values::DeploymentDistributionRecord;
use ringbolt_record::{DeploymentDistributionIntent, Key, PartitionId, Reply};

pub(crate) fn process_complete(
    p: &mut Processing<'_>,
    deployment_key: Key,
    partition: PartitionId,
) -> Result<(), Refusal> {
    if let Some(definitions) = p.tables().distribution(deployment_key, partition) {
        let record =
            DeploymentDistributionRecord { partition_id: partition, process_definition_keys: &definitions };
        p.append(DeploymentDistributionIntent::Completed, deployment_key, &record);
    }
    p.reply(Reply::Done);
    Ok(())
}
