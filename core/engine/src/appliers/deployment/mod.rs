//! Events of deployments. The definitions have events of their own, so these change nothing.

use super::{Applied, NoEvent};
use ringbolt_record::values::DeploymentRecord;
use ringbolt_record::{DeploymentIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for DeploymentRecord<'_> {
    fn apply(_: &mut Tables, intent: Intent, _: Key, _: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Deployment(intent) = intent else { return Err(NoEvent) };
        match intent {
            DeploymentIntent::Created | DeploymentIntent::Distributed => Ok(()),
            DeploymentIntent::Create | DeploymentIntent::Distribute => Err(NoEvent),
        }
    }
}
