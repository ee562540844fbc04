//! Events of deployments on their way to other partitions.

mod completed_v1;
mod distributing_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::DeploymentDistributionRecord;
use ringbolt_record::{DeploymentDistributionIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for DeploymentDistributionRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::DeploymentDistribution(intent) = intent else { return Err(NoEvent) };
        match intent {
            DeploymentDistributionIntent::Distributing => {
                distributing_v1::apply_distributing(tables, key, value)
            }
            DeploymentDistributionIntent::Completed => completed_v1::apply_completed(tables, key, value),
            DeploymentDistributionIntent::Complete => return Err(NoEvent),
        }
        Ok(())
    }
}
