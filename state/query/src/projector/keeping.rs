//! Files: which are made, which go, and which cannot be read.

use super::{Projector, wall_ms};
use crate::archive::{History, SET_BYTES_MAX, Sealing, Source, past};
use crate::events::StoreEvent;
use crate::files::Damage;
use crate::rewriting::{Deletions, Rewritten};
use crate::store::{Origin, StoreError};
use ringbolt_record::Position;
use std::path::PathBuf;
use std::{fs, io};

/// How often files are looked through for those past their time, milliseconds.
const TIDY_MS: u64 = 60_000;
/// How much longer deletions are remembered than a file of finished instances is kept, milliseconds.
const DELETED_LONGER_MS: i64 = 24 * 3_600 * 1_000;
/// How much later what needs room is tried again, milliseconds.
const COMPACT_AGAIN_MS: i64 = 600_000;
/// Stores that were set aside in the same directory before.
const ASIDE_MAX: u32 = 10_000;

impl Projector {
    /// Has files made of sets that are full, and removes those past their time.
    pub(super) fn keep_files(
        &mut self,
        now_ms: u64,
        on_event: &mut dyn FnMut(StoreEvent),
    ) -> Result<(), StoreError> {
        self.take_made(on_event)?;
        let Some(store) = &mut self.store else { return Ok(()) };
        let (recent, wall_ms) = (store.recent(), wall_ms());
        // What is caught up with may be old when it comes: it does not make a file each turn.
        let file_age_ms = self.history.file_age_ms;
        let is_old = recent.since.is_some_and(|since| wall_ms - since >= file_age_ms)
            && now_ms >= self.switched_at_ms + u64::try_from(file_age_ms / 24).unwrap_or(0);
        let is_full = recent.instances >= self.history.file_instances || recent.bytes >= SET_BYTES_MAX;
        if self.sealing.is_none() && (is_full || is_old) {
            // After a failure the set before is still to be made a file of.
            let place = match store.full()? {
                Some(place) => place,
                None => {
                    self.switched_at_ms = now_ms;
                    store.switch()?
                }
            };
            self.sealing = Some(Sealing::begin(&self.files, store.next_file(), Source::Set(place))?);
        }
        if now_ms < self.tidied_at_ms + TIDY_MS && self.tidied_at_ms > 0 {
            self.expire(now_ms, wall_ms, on_event)?;
            return self.rewrite_next(wall_ms);
        }
        self.tidied_at_ms = now_ms.max(1);
        let history = History { age_max_ms: self.expiring.age_max_ms(), ..self.history };
        let deleted_before_ms = wall_ms - history.age_max_ms - DELETED_LONGER_MS - history.file_age_ms;
        store.forget_batches(wall_ms - self.history.age_max_ms, deleted_before_ms)?;
        let bytes_max = store.bytes_max(self.history.bytes_max, self.history.bytes_max_at_first)?;
        let listed = store.finished()?;
        // Its write-ahead log comes and goes: no history is given for it.
        let hot_bytes = fs::metadata(self.files.hot()).map_or(0, |data| data.len());
        let (mut instances, mut until) = (0, 0);
        for number in past(&listed, hot_bytes, &history, bytes_max, wall_ms) {
            store.forget(number)?;
            self.files.remove_finished(number);
            for file in listed.iter().filter(|file| file.number == number) {
                instances += file.instances;
                until = file.end_date_max;
            }
        }
        if instances > 0 {
            on_event(StoreEvent::Removed { partition: self.feed.partition(), instances, until });
        }
        Ok(())
    }

    /// Bytes of all files as they are now.
    pub(super) fn bytes(&self) -> Result<u64, StoreError> {
        let listed = self.store.as_ref().map_or(Ok(Vec::new()), |store| store.finished())?;
        Ok(self.files.hot_bytes() + listed.iter().map(|file| file.bytes).sum::<u64>())
    }

    /// Lists the file that was being made, if it is.
    fn take_made(&mut self, on_event: &mut dyn FnMut(StoreEvent)) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        let Some(sealing) = self.sealing.take_if(|sealing| sealing.is_ended()) else { return Ok(()) };
        let source = sealing.source.clone();
        let made = sealing.end();
        let mut damage = None;
        let kept = made.and_then(|made| match (&source, made) {
            (Source::Set(place), Rewritten::By(file)) => store.adopt(&file, *place),
            (Source::File(old, _), Rewritten::By(file)) => store.replace(old, Some(&file), &self.files),
            (Source::File(old, _), Rewritten::Empty) => store.replace(old, None, &self.files),
            (Source::File(old, _), Rewritten::Damaged(cause)) => {
                damage = Some(Damage { file: Some(old.number), cause });
                Ok(())
            }
            (_, Rewritten::Unchanged | Rewritten::Empty | Rewritten::Damaged(_)) => Ok(()),
        });
        if kept.is_err() && matches!(source, Source::File(..)) {
            // That file still has what was deleted: all are looked through once more.
            self.rewriting = None;
        }
        kept?;
        self.tidied_at_ms = 0;
        if let Some(damage) = damage {
            self.do_without(damage, on_event)?;
        }
        Ok(())
    }

    /// Has the next file be written again that may have something of old deletions. When none has, they are forgotten.
    fn rewrite_next(&mut self, wall_ms: i64) -> Result<(), StoreError> {
        let Some(store) = self.store.as_mut().filter(|_| self.sealing.is_none()) else { return Ok(()) };
        if self.rewriting.is_none() {
            if wall_ms < self.compact_at_ms {
                return Ok(());
            }
            // Half of the time is left for the work.
            let Some(until) = store.deletions_before(wall_ms - self.history.rewrite_ms / 2)? else {
                return Ok(());
            };
            let numbers = store.finished()?.iter().rev().map(|file| file.number).collect();
            self.rewriting = Some((Deletions { until }, numbers));
        }
        let Some((deletions, numbers)) = &mut self.rewriting else { return Ok(()) };
        let deletions = *deletions;
        match numbers.last().copied() {
            Some(number) => {
                let listed = store.finished()?.into_iter().find(|file| file.number == number);
                if let Some(old) = listed {
                    let source = Source::File(old, deletions);
                    self.sealing = Some(Sealing::begin(&self.files, store.next_file(), source)?);
                }
                numbers.pop();
            }
            None => {
                if !store.forget_deletions(deletions.until)? {
                    self.compact_at_ms = wall_ms + COMPACT_AGAIN_MS;
                }
                self.rewriting = None;
            }
        }
        Ok(())
    }

    /// Moves the partition's directory away; its new name.
    pub(super) fn set_aside(&self) -> Result<PathBuf, String> {
        let directory = self.files.directory();
        // Who waits for a position, or for all that is alive, waits for the store that is begun anew.
        self.files.set_filling(true);
        self.visible.advance(self.partition(), Position(0));
        self.files.set_opening("it is being set aside");
        let aside = (1..ASIDE_MAX).map(|number| directory.with_extension(format!("aside-{number}")));
        let aside = aside.into_iter().find(|path| !path.exists()).ok_or("too many stores were set aside")?;
        let moved = fs::rename(directory, &aside);
        moved.map_err(|error| format!("cannot rename {}: {error}", directory.display()))?;
        Ok(aside)
    }

    /// Goes on without a file that cannot be read: without finished instances, or with nothing of before.
    pub(super) fn do_without(
        &mut self,
        damage: Damage,
        on_event: &mut dyn FnMut(StoreEvent),
    ) -> Result<(), StoreError> {
        let (Some(number), Some(store)) = (damage.file, &mut self.store) else {
            return Err(StoreError::Damaged(damage.cause));
        };
        let Some(file) = store.finished()?.into_iter().find(|file| file.number == number) else {
            return Ok(());
        };
        // What ended until then may have been in it.
        let origin = store.origin();
        let complete_since = origin.complete_since.max(file.end_date_max.saturating_add(1));
        store.set_origin(Origin { complete_since, ..origin })?;
        self.files.set_complete_since(complete_since);
        store.forget(number)?;
        let path = self.files.finished_file(number);
        let aside = self.files.directory().join(format!("aside-{number:06}.db"));
        match fs::rename(&path, &aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::Failed(format!("cannot rename {}: {error}", path.display())));
            }
            Ok(()) | Err(_) => {}
        }
        let Damage { cause, .. } = damage;
        let (partition, instances, until) = (self.feed.partition(), file.instances, file.end_date_max);
        on_event(StoreEvent::Lost { partition, cause, instances, until });
        Ok(())
    }
}
