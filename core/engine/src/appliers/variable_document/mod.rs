//! Events of documents: the variables have events of their own.

use super::{Applied, NoEvent};
use ringbolt_record::values::VariableDocumentRecord;
use ringbolt_record::{Intent, Key, VariableDocumentIntent};
use ringbolt_tables::Tables;

impl Applied for VariableDocumentRecord<'_> {
    fn apply(
        _tables: &mut Tables,
        intent: Intent,
        _key: Key,
        _value: &Self::Archived,
    ) -> Result<(), NoEvent> {
        let Intent::VariableDocument(intent) = intent else { return Err(NoEvent) };
        match intent {
            VariableDocumentIntent::Updating
            | VariableDocumentIntent::Updated
            | VariableDocumentIntent::UpdateDenied => {}
            VariableDocumentIntent::Update => return Err(NoEvent),
        }
        Ok(())
    }
}
