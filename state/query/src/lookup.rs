//! Folding an entry, with the names of definitions looked up where they are.

use crate::definitions::{KnownNames, definition_rows};
use crate::fold::{Batch, FoldError};
use crate::store::{Store, StoreError};
use ringbolt_exporters::{Definition, Feed};
use ringbolt_record::{EntryRef, Key, PartitionId};

/// Who knows definitions.
pub(crate) struct Known<'a> {
    pub(crate) feed: &'a dyn Feed,
    pub(crate) store: Option<&'a Store>,
}

/// Folds one entry. False while an answer of the core is missing.
pub(crate) fn fold_entry(
    entry: &EntryRef<'_>,
    partition: PartitionId,
    batch: &mut Batch,
    names: &mut KnownNames,
    known: &Known<'_>,
) -> Result<bool, StoreError> {
    loop {
        match batch.fold(entry, partition, names) {
            Ok(()) => return Ok(true),
            Err(FoldError::Unknown(key)) => {
                let Some(found) = find(key, batch, known)? else { return Ok(false) };
                names.learn(key, found.definition());
                if let Found::AtCore(Some(definition)) = found {
                    // It was deployed before what the log has: its row says what the core knows.
                    batch.definitions.push(definition_rows(key, &definition, Key::NONE, "", None));
                }
            }
            Err(FoldError::Entry(error)) => {
                let at = entry.first_position();
                return Err(StoreError::Failed(format!("entry at position {at}: {error}")));
            }
        }
    }
}

/// Where a definition was found.
enum Found {
    /// Its rows are there, or will be with this batch.
    InRows(Definition),
    /// The core was asked.
    AtCore(Option<Definition>),
}

impl Found {
    fn definition(&self) -> Option<&Definition> {
        match self {
            Self::InRows(definition) => Some(definition),
            Self::AtCore(definition) => definition.as_ref(),
        }
    }
}

/// Looks for a definition; none while the core has not answered.
fn find(key: Key, batch: &Batch, known: &Known<'_>) -> Result<Option<Found>, StoreError> {
    if let Some(definition) = batch.definition(key) {
        return Ok(Some(Found::InRows(definition)));
    }
    if let Some(store) = known.store
        && let Some(definition) = store.definition(key)?
    {
        return Ok(Some(Found::InRows(definition)));
    }
    Ok(known.feed.definition(key).map(Found::AtCore))
}
