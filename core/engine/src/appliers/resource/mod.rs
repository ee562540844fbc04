//! Events of forms and of other resources.

mod created_v1;
mod deleted_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::{FormRecord, ResourceRecord};
use ringbolt_record::{FormIntent, Intent, Key, ResourceIntent};
use ringbolt_tables::{ResourceKind, Tables};

impl Applied for FormRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Form(intent) = intent else { return Err(NoEvent) };
        match intent {
            FormIntent::Created => created_v1::apply_created(tables, key, ResourceKind::Form, &value.0),
            FormIntent::Deleted => deleted_v1::apply_deleted(tables, &value.0),
        }
        Ok(())
    }
}

impl Applied for ResourceRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::Resource(intent) = intent else { return Err(NoEvent) };
        match intent {
            ResourceIntent::Created => created_v1::apply_created(tables, key, ResourceKind::Other, value),
            ResourceIntent::Deleted => deleted_v1::apply_deleted(tables, value),
            ResourceIntent::Fetch => return Err(NoEvent),
        }
        Ok(())
    }
}
