//! Events of cluster variables.

mod deleted_v1;
mod put_v1;
mod seen_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ClusterVariableRecord;
use ringbolt_record::{ClusterVariableIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for ClusterVariableRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, _key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::ClusterVariable(intent) = intent else { return Err(NoEvent) };
        match intent {
            ClusterVariableIntent::Created | ClusterVariableIntent::Updated => {
                put_v1::apply_put(tables, value)
            }
            ClusterVariableIntent::Deleted => deleted_v1::apply_deleted(tables, value),
            ClusterVariableIntent::Create | ClusterVariableIntent::Update | ClusterVariableIntent::Delete => {
                return Err(NoEvent);
            }
        }
        Ok(())
    }
}
