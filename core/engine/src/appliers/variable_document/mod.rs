//! Events of documents: the variables have events of their own, unless nobody sees them any more.

mod deleted_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::VariableDocumentRecord;
use ringbolt_record::{Intent, Key, VariableDocumentIntent};
use ringbolt_tables::Tables;

impl Applied for VariableDocumentRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, _key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::VariableDocument(intent) = intent else { return Err(NoEvent) };
        match intent {
            VariableDocumentIntent::Updating
            | VariableDocumentIntent::Updated
            | VariableDocumentIntent::UpdateDenied => {}
            VariableDocumentIntent::Deleted => deleted_v1::apply_deleted(tables, value),
            VariableDocumentIntent::Update => return Err(NoEvent),
        }
        Ok(())
    }
}
