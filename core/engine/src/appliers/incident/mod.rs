//! Events of incidents.

mod created_v1;
mod migrated_v1;
mod resolved_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::IncidentRecord;
use ringbolt_record::{IncidentIntent, Intent, Key};
use ringbolt_tables::Tables;

impl Applied for IncidentRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Incident(intent) = intent else { return Err(NoEvent) };
        match intent {
            IncidentIntent::Created => created_v1::apply_created(tables, key, value),
            IncidentIntent::Resolved => resolved_v1::apply_resolved(tables, key, value),
            IncidentIntent::Migrated => migrated_v1::apply_migrated(tables, key, value),
            IncidentIntent::Resolve => return Err(NoEvent),
        }
        Ok(())
    }
}
