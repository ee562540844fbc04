//! Events of deployments. The definitions have events of their own.

mod distributed_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::DeploymentRecord;
use ringbolt_record::{DeploymentIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for DeploymentRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Deployment(intent) = intent else { return Err(NoEvent) };
        match intent {
            DeploymentIntent::Created => {}
            DeploymentIntent::Distributed => distributed_v1::apply_distributed(tables, key, value),
            DeploymentIntent::Create | DeploymentIntent::Distribute => return Err(NoEvent),
        }
        Ok(())
    }
}
