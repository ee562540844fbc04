//! One partition's projector, a turn at a time: reads the log, folds it, writes rows, says what is visible.
//!
//! Instances stay in memory while they are young (`young`): most end soon, and are written once. Who waits for a position has all up to it.
//!
//! Invariants
//! - The log is acknowledged only up to what is on stable storage here.
//! - Whatever fails is tried again after a pause, from what was written last; nothing that fails here ends anything else.
//! - A store that cannot be used (another version, damage, another history) is set aside by its name, never overwritten.

mod expiring;
mod filling;
mod keeping;

pub use expiring::Ages;
use expiring::Expiring;

use crate::archive::{History, Sealing, Source, has_finished, remove_strays};
use crate::definitions::KnownNames;
use crate::events::StoreEvent;
use crate::files::{Files, PartitionFiles};
use crate::fold::Batch;
use crate::lookup::{Known, fold_entry};
use crate::rewriting::Deletions;
use crate::salvage::salvage;
use crate::store::{Origin, Store, StoreError};
use crate::visible::Visible;
use ringbolt_exporters::{Feed, FeedItem, FeedState, Progress, StatePart};
use ringbolt_record::{EntryRef, PartitionId, Position};
use rustc_hash::FxHashSet;
use std::sync::Arc;
use std::time::SystemTime;

/// How often what is written is synced and acknowledged at least while there is something, milliseconds.
const ACKNOWLEDGE_MS: u64 = 1_000;
/// The first pause after a failure, milliseconds.
const RETRY_MS_MIN: u64 = 100;
/// The longest pause, milliseconds.
const RETRY_MS_MAX: u64 = 5_000;
/// How long it may fail before searches are refused, milliseconds: as long as what they show may be behind.
const REFUSED_MS: u64 = 1_000;
/// Bytes of texts of young instances, beyond which they are written whatever their age.
const YOUNG_BYTES_MAX: usize = 8 << 20;

/// What a turn did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// There may be more at once.
    More,
    /// It read everything that is committed.
    CaughtUp,
    /// It waits for something: an answer of the core, or the end of a pause.
    Waiting,
}

/// How much is written at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batching {
    /// Bytes of the log after which what was folded is written.
    pub bytes_max: usize,
    /// How long an instance that has not ended stays in memory, milliseconds.
    pub young_ms: u64,
}

impl Default for Batching {
    fn default() -> Self {
        Self { bytes_max: 4 << 20, young_ms: 100 }
    }
}

/// What a store holds already of what is read again.
struct Again {
    /// Up to this position it holds everything,
    position: Position,
    /// but of these instances nothing.
    young: FxHashSet<i64>,
}

/// The projector of one partition.
pub struct Projector {
    feed: Box<dyn Feed>,
    files: Arc<PartitionFiles>,
    visible: Arc<Visible>,
    store: Option<Store>,
    names: KnownNames,
    batch: Batch,
    /// The first position that was not folded yet.
    next: Position,
    /// The time of the last entry that was folded, milliseconds since 1970.
    written_at: i64,
    /// When the log was last looked at, milliseconds since 1970: what was committed later is not folded.
    looked_at: i64,
    /// Positions that the log lacks, of which the store does not know yet.
    missed: u64,
    /// The batch is complete, but could not be written yet.
    is_unwritten: bool,
    /// The chunk that the feed has was folded up to `next` only.
    is_chunk_open: bool,
    /// What is read again after a start.
    again: Option<Again>,
    /// A part of the state whose turn has not come.
    part: Option<StatePart>,
    /// Bytes of texts of the instances that stayed in memory.
    young_bytes: usize,
    history: History,
    batching: Batching,
    sealing: Option<Sealing>,
    /// Instances that are past the time of their own process.
    expiring: Expiring,
    /// When the other set of recent rows began to be filled.
    switched_at_ms: u64,
    /// Files that are not looked through yet for what was deleted up to some number.
    rewriting: Option<(Deletions, Vec<u32>)>,
    /// When that may begin again after there was no room for its end, by the clock on the wall.
    compact_at_ms: i64,
    progress: Progress,
    acknowledged_at_ms: u64,
    tidied_at_ms: u64,
    retry_at_ms: u64,
    pause_ms: u64,
    failing_since_ms: Option<u64>,
}

impl Projector {
    /// A projector of one of the partitions of `files`, which has done nothing yet.
    ///
    /// # Panics
    /// When the feed is of another partition.
    pub fn new(
        feed: Box<dyn Feed>,
        files: &Files,
        visible: Arc<Visible>,
        history: History,
        batching: Batching,
    ) -> Self {
        let files = files.partition(feed.partition()).expect("a feed is of one of the partitions").clone();
        Self {
            next: feed.acknowledged(),
            feed,
            files,
            visible,
            store: None,
            names: KnownNames::default(),
            batch: Batch::default(),
            written_at: 0,
            looked_at: 0,
            missed: 0,
            is_unwritten: false,
            is_chunk_open: false,
            again: None,
            part: None,
            young_bytes: 0,
            history,
            batching,
            sealing: None,
            expiring: Expiring::new(&Ages::new(), history.age_max_ms),
            switched_at_ms: 0,
            rewriting: None,
            compact_at_ms: 0,
            // What is committed and cannot be found is behind since now at least.
            progress: Progress { complete_at_ms: wall_ms(), ..Progress::default() },
            acknowledged_at_ms: 0,
            tidied_at_ms: 0,
            retry_at_ms: 0,
            pause_ms: RETRY_MS_MIN,
            failing_since_ms: None,
        }
    }

    /// Which partition.
    pub fn partition(&self) -> PartitionId {
        self.feed.partition()
    }

    /// Gets on by one batch. `now_ms` is a clock that does not go back.
    pub fn turn(&mut self, now_ms: u64, on_event: &mut dyn FnMut(StoreEvent)) -> Pace {
        let partition = self.partition();
        if now_ms < self.retry_at_ms {
            self.visible.wanted(partition);
            return Pace::Waiting;
        }
        match self.try_turn(now_ms, on_event) {
            Ok(pace) => {
                self.pause_ms = RETRY_MS_MIN;
                if self.store.is_some() && self.progress.failing.take().is_some() {
                    self.files.set_available();
                    self.failing_since_ms = None;
                    self.feed.show(&self.progress);
                    on_event(StoreEvent::Recovered { partition });
                }
                pace
            }
            Err(error) => {
                self.fail(now_ms, error, on_event);
                Pace::Waiting
            }
        }
    }

    /// Writes and acknowledges what there is, before the end.
    pub fn finish(&mut self) {
        if let Some(sealing) = self.sealing.take() {
            // A file that is not listed is made again at the next start.
            sealing.give_up();
        }
        // What cannot be written now is read from the log at the next start.
        let _ = self.write(u64::MAX).and_then(|()| self.acknowledge());
        self.visible.close(self.partition());
    }

    fn fail(&mut self, now_ms: u64, error: StoreError, on_event: &mut dyn FnMut(StoreEvent)) {
        let partition = self.partition();
        let cause = error.to_string();
        self.retry_at_ms = now_ms + self.pause_ms;
        self.pause_ms = (self.pause_ms * 2).min(RETRY_MS_MAX);
        self.progress.errors += 1;
        let since = *self.failing_since_ms.get_or_insert(now_ms);
        let is_damaged = matches!(error, StoreError::Damaged(_));
        let mut is_refused = now_ms >= since + REFUSED_MS;
        if is_damaged || matches!(error, StoreError::Unusable(_)) {
            self.begin_again();
            let event = match self.set_aside() {
                Ok(aside) => {
                    let kept = is_damaged.then(|| salvage(&aside, &self.files)).flatten().unwrap_or(0);
                    let directory = aside.display().to_string();
                    StoreEvent::SetAside { partition, cause: cause.clone(), directory, kept }
                }
                Err(failed) => {
                    is_refused = true;
                    StoreEvent::Failing { partition, cause: format!("{cause}; {failed}") }
                }
            };
            on_event(event);
        } else if self.progress.failing.as_ref() != Some(&cause) {
            on_event(StoreEvent::Failing { partition, cause: cause.clone() });
        }
        // What is there is no less true for a moment.
        if is_refused {
            self.files.set_unavailable(cause.clone());
        }
        self.progress.failing = Some(cause);
        self.feed.show(&self.progress);
    }

    /// Forgets everything that is in memory.
    fn begin_again(&mut self) {
        if let Some(sealing) = self.sealing.take() {
            // It has nothing to be made of any more.
            sealing.give_up();
        }
        self.store = None;
        self.batch = Batch::default();
        (self.is_unwritten, self.is_chunk_open) = (false, false);
        (self.again, self.part, self.young_bytes, self.rewriting, self.missed) = (None, None, 0, None, 0);
    }

    fn try_turn(&mut self, now_ms: u64, on_event: &mut dyn FnMut(StoreEvent)) -> Result<Pace, StoreError> {
        if self.store.is_none() && !self.open(on_event)? {
            return Ok(Pace::Waiting);
        }
        if let Some(damage) = self.files.take_damage() {
            self.do_without(damage, on_event)?;
        }
        self.batch.now_ms = now_ms;
        self.looked_at = wall_ms();
        let Some(pace) = self.gather(on_event)? else { return Ok(Pace::Waiting) };
        if pace == Pace::CaughtUp && self.is_since_to_come() {
            // Nothing came since then, and what comes is folded.
            self.complete_from(self.looked_at)?;
        }
        let young_ms = self.batching.young_ms;
        self.write((now_ms + 1).saturating_sub(young_ms))?;
        self.fill_from_state()?;
        self.checkpoint_if_due()?;
        let is_time = now_ms >= self.acknowledged_at_ms + ACKNOWLEDGE_MS;
        if is_time {
            self.acknowledged_at_ms = now_ms;
            self.acknowledge()?;
        }
        self.keep_files(now_ms, on_event)?;
        if is_time {
            self.progress.bytes = self.bytes()?;
            self.feed.show(&self.progress);
        }
        self.show_how_far(now_ms, pace);
        Ok(pace)
    }

    /// Folds what there is, as much as is written at once. None while an answer of the core is missing.
    fn gather(&mut self, on_event: &mut dyn FnMut(StoreEvent)) -> Result<Option<Pace>, StoreError> {
        let mut pace = Pace::More;
        while !self.is_unwritten && pace == Pace::More {
            if !self.is_chunk_open {
                match self.feed.fill().map_err(StoreError::Failed)? {
                    FeedState::More => {}
                    FeedState::CaughtUp => pace = Pace::CaughtUp,
                    FeedState::Damaged(cause) => {
                        on_event(StoreEvent::Failing { partition: self.partition(), cause });
                    }
                }
                self.is_chunk_open = true;
            }
            if !self.fold(on_event)? {
                return Ok(None);
            }
            if self.batch.bytes >= self.batching.bytes_max {
                break;
            }
        }
        Ok(Some(pace))
    }

    /// Says up to which moment everything can be found. It stays true, and says how far it is behind, whatever takes long or fails afterwards.
    fn show_how_far(&mut self, now_ms: u64, pace: Pace) {
        let folded_at = match pace {
            Pace::CaughtUp => self.looked_at,
            Pace::More | Pace::Waiting => self.written_at.min(self.looked_at),
        };
        let young_ms = self.batch.young.oldest_ms().map_or(0, |folded_at_ms| now_ms - folded_at_ms);
        let complete_at_ms = folded_at - i64::try_from(young_ms).unwrap_or(0);
        let is_filling = self.store.as_ref().is_some_and(|store| store.filling().is_some());
        if (complete_at_ms, is_filling) != (self.progress.complete_at_ms, self.progress.is_filling) {
            (self.progress.complete_at_ms, self.progress.is_filling) = (complete_at_ms, is_filling);
            self.feed.show(&self.progress);
        }
    }

    /// Opens the store and goes on behind what it holds. False while it is not known how far the log goes.
    fn open(&mut self, on_event: &mut dyn FnMut(StoreEvent)) -> Result<bool, StoreError> {
        if !self.files.hot().exists() && has_finished(self.files.directory()) {
            return Err(StoreError::Unusable(
                "hot.db is not there, which says what the other files are".into(),
            ));
        }
        let mut store = Store::open(&self.files)?;
        let (reached, origin) = (store.reached().clone(), store.origin());
        let held = reached.position;
        let last = self.feed.last_position();
        if held > Position(0) {
            if last == Position(0) {
                return Ok(false);
            }
            if self.feed.is_new() || !self.feed.is_own_past(origin.life, held) || held > last {
                let cause = format!("it was written up to position {held} in another history");
                return Err(StoreError::Unusable(cause));
            }
        }
        let acknowledged = self.feed.acknowledged();
        let next = reached.resume.max(acknowledged);
        let missing = next.0 - reached.resume.0;
        let complete_since = if missing > 0 { i64::MAX } else { origin.complete_since };
        store.set_origin(Origin { life: self.feed.life(), complete_since })?;
        if missing > 0 {
            store.begin_filling()?;
            self.tell_missed(missing, on_event);
        }
        if self.feed.is_new() {
            self.feed.acknowledge(acknowledged).map_err(StoreError::Failed)?;
        }
        let store_is_filling = store.filling().is_some();
        let listed = store.finished()?;
        remove_strays(self.files.directory(), &listed)
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        if let Some(place) = store.full()? {
            self.sealing = Some(Sealing::begin(&self.files, store.next_file(), Source::Set(place))?);
        }
        self.feed.seek(next);
        self.next = next;
        let young = reached.young.into_iter().collect();
        self.again = (next <= held).then_some(Again { position: held, young });
        self.progress.exported = next;
        self.feed.show(&self.progress);
        let identity = store.identity()?;
        self.store = Some(store);
        self.files.set_complete_since(complete_since);
        self.files.set_filling(store_is_filling);
        // Before it can be read: what was visible of another store says nothing of this one.
        self.visible.advance(self.partition(), Position(next.0 - 1));
        self.files.set_opened(identity);
        Ok(true)
    }

    /// Folds what the feed has. False while an answer of the core is missing.
    fn fold(&mut self, on_event: &mut dyn FnMut(StoreEvent)) -> Result<bool, StoreError> {
        let mut now = None;
        let folded = self.fold_items(&mut now);
        // What was passed over is passed over, whatever fails behind it.
        self.note_missed(on_event)?;
        let is_complete = folded?;
        self.written_at = now.unwrap_or(self.written_at);
        if let Some(now) = now.filter(|_| self.is_since_to_come()) {
            self.complete_from(now)?;
        }
        if is_complete {
            self.next = self.feed.end().unwrap_or(self.next).max(self.next);
            self.is_chunk_open = false;
        }
        if let Some(again) = self.again.take_if(|again| self.next > again.position) {
            self.batch.keep(&again.young);
        }
        Ok(is_complete)
    }

    /// Folds them one after the other; `now` becomes the time of the last entry. False while an answer of the core is missing.
    fn fold_items(&mut self, now: &mut Option<i64>) -> Result<bool, StoreError> {
        let partition = self.partition();
        for item in self.feed.items() {
            match item {
                FeedItem::Gap { from, to } if to >= self.next => {
                    self.missed += to.0 - from.max(self.next).0 + 1;
                    self.next = to.plus(1);
                }
                FeedItem::Gap { .. } => {}
                FeedItem::Entry(bytes) => {
                    let entry =
                        EntryRef::parse(bytes).map_err(|error| StoreError::Failed(error.to_string()))?;
                    let end = entry.first_position().plus(u64::from(entry.record_count()));
                    if end <= self.next {
                        continue;
                    }
                    if self.again.as_ref().is_some_and(|again| entry.first_position() > again.position) {
                        self.batch.keep(&self.again.take().expect("it is there").young);
                    }
                    let known = Known { feed: &*self.feed, store: self.store.as_ref() };
                    if !fold_entry(&entry, partition, &mut self.batch, &mut self.names, &known)? {
                        return Ok(false);
                    }
                    self.batch.bytes += bytes.len();
                    *now = Some(entry.timestamp().0);
                    self.next = end;
                }
            }
        }
        Ok(true)
    }

    /// Whether it is not known yet since when everything is there.
    fn is_since_to_come(&self) -> bool {
        self.store.as_ref().is_some_and(|store| store.origin().complete_since == i64::MAX)
    }

    /// Since when everything is there.
    fn complete_from(&mut self, complete_since: i64) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        let origin = store.origin();
        store.set_origin(Origin { complete_since, ..origin })?;
        self.files.set_complete_since(complete_since);
        Ok(())
    }

    /// Writes what was folded, but for instances that have not ended and were folded first at this moment or later.
    fn write(&mut self, young_from_ms: u64) -> Result<(), StoreError> {
        let partition = self.partition();
        let Some(store) = &mut self.store else { return Ok(()) };
        let last = Position(self.next.0.saturating_sub(1));
        let is_wanted = self.visible.wanted(partition).is_some_and(|wanted| wanted <= last);
        let batch = &mut self.batch;
        // What is around an incident is counted in the tables.
        let are_all = is_wanted || !batch.incident_changes.is_empty() || self.young_bytes > YOUNG_BYTES_MAX;
        batch.young.keep_from(if are_all { u64::MAX } else { young_from_ms });
        // What the log lacks may be the last that was committed.
        let is_new = batch.entries > 0 || last > store.reached().position;
        if self.again.is_some() || !is_new && !batch.young.has_grown_old() {
            return Ok(());
        }
        self.is_unwritten = true;
        let rows = batch.rows();
        store.write(batch, last)?;
        self.is_unwritten = false;
        let live = self.visible.live().clone();
        let mut written = (live.watching() > 0).then(FxHashSet::default);
        self.young_bytes = batch.forget_written(written.as_mut());
        self.progress.lines += (rows - batch.rows()) as u64;
        self.progress.exported = store.reached().resume;
        self.visible.advance(partition, Position(self.progress.exported.0 - 1));
        written.as_ref().map_or_else(|| live.tell_nobody(), |written| live.tell(written));
        self.feed.show(&self.progress);
        Ok(())
    }

    fn checkpoint_if_due(&mut self) -> Result<(), StoreError> {
        self.store.as_mut().map_or(Ok(()), Store::checkpoint_if_due)
    }

    fn acknowledge(&mut self) -> Result<(), StoreError> {
        let Some(store) = &self.store else { return Ok(()) };
        let next = store.reached().resume;
        if next <= self.feed.acknowledged() {
            return Ok(());
        }
        store.sync()?;
        self.feed.acknowledge(next).map_err(StoreError::Failed)
    }
}

/// Milliseconds since 1970.
fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
