//! What the log no longer tells of what is alive, from the state of the engine, a part at a time.
//!
//! A store that begins when the log does not go back to the first record asks the core to tell the state as records. A part is as the state was at one position:
//! it is taken once everything up to there has been folded and written, and only what has no row yet is added. So whatever the log says of something
//! counts, before and after.

use super::Projector;
use crate::events::StoreEvent;
use crate::fold::Batch;
use crate::lookup::{Known, fold_entry};
use crate::store::{Store, StoreError};
use ringbolt_record::EntryRef;

/// Parts that a turn takes, at most: about as many bytes as a turn writes of the log.
const PARTS_MAX: usize = 16;

impl Projector {
    /// Has what the log lacks be told by the state, if it lacks something.
    pub(super) fn note_missed(&mut self, on_event: &mut dyn FnMut(StoreEvent)) -> Result<(), StoreError> {
        if self.missed > 0 {
            self.complete_from(i64::MAX)?;
            self.part = None;
            self.files.set_filling(true);
            self.store.as_mut().map_or(Ok(()), Store::begin_filling)?;
            let missed = std::mem::take(&mut self.missed);
            self.tell_missed(missed, on_event);
        }
        Ok(())
    }

    /// Says that the log lacks something.
    pub(super) fn tell_missed(&mut self, positions: u64, on_event: &mut dyn FnMut(StoreEvent)) {
        self.progress.gaps += 1;
        self.progress.gap_positions += positions;
        on_event(StoreEvent::Gap { partition: self.partition(), positions });
    }

    /// Takes the parts that are there, and whose turn has come.
    pub(super) fn fill_from_state(&mut self) -> Result<(), StoreError> {
        for _ in 0..PARTS_MAX {
            if !self.fill_with_part()? {
                break;
            }
        }
        Ok(())
    }

    /// Takes the next part. False when none can be taken now.
    fn fill_with_part(&mut self) -> Result<bool, StoreError> {
        let Some(from) = self.store.as_ref().and_then(|store| store.filling()) else { return Ok(false) };
        if self.again.is_some() {
            return Ok(false);
        }
        let Some(part) = self.part.take().or_else(|| self.feed.state(from)) else { return Ok(false) };
        if part.position >= self.next {
            self.part = Some(part);
            return Ok(false);
        }
        let entry = EntryRef::parse(&part.entry).map_err(|error| StoreError::Failed(error.to_string()))?;
        let mut told = Batch::default();
        let known = Known { feed: &*self.feed, store: self.store.as_ref() };
        if !fold_entry(&entry, self.files.partition(), &mut told, &mut self.names, &known)? {
            self.part = Some(part);
            return Ok(false);
        }
        // Whatever is in memory alone would look as if it were missing.
        self.write(u64::MAX)?;
        let Some(store) = &mut self.store else { return Ok(false) };
        let instances_until = part.is_past_instances.then(|| entry.key_counter());
        store.fill(&mut told, part.next.as_deref(), instances_until)?;
        let is_filling = store.filling().is_some();
        self.files.set_filling(is_filling);
        Ok(is_filling)
    }
}
