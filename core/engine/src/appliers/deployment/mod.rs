//! Events of deployments. The definitions have events of their own.

use super::{Applied, NoEvent};
use ringbolt_record::values::DeploymentRecord;
use ringbolt_record::{DeploymentIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for DeploymentRecord<'_> {
    fn apply(
        _tables: &mut Tables,
        intent: Intent,
        _key: Key,
        _value: &Self::Archived,
    ) -> Result<(), NoEvent> {
        let Intent::Deployment(intent) = intent else { return Err(NoEvent) };
        match intent {
            DeploymentIntent::Created => {}
            DeploymentIntent::Create => return Err(NoEvent),
        }
        Ok(())
    }
}
