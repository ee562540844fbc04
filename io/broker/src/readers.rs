//! Named readers of this core's partitions: what they keep of the log, seen from the core, and the reader itself,
//! which leaves for its exporter's thread.
//!
//! Invariants: the core never waits for a reader: it tries a lock, and looks again at the next tick. A core copies
//! entries out of its log for one reader at a time, so that side threads stay free for segments and checkpoints.

use crate::core::{CoreBroker, Inner, wall_clock};
use crate::mesh::{BANNED_LISTED_MAX, PartitionReport};
use crate::notices::Notice;
use crate::told_state::{StatePart, ToldState};
use crate::write_limit::Written;
use parking_lot::Mutex;
use ringbolt_journal as journal;
use ringbolt_journal::{
    Chunk, DirectoryReaderFiles, History, Hold, LifeId, PartitionReader, PartitionSource, ReadState, Spiller,
};
use ringbolt_partition::{Partition, ReaderId, ReaderReport, ReaderView, SpillEnd};
use ringbolt_record::{Key, PartitionId, Position, TimestampMs};
use ringbolt_ring::time;
use ringbolt_tables::Tables;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Definitions that one reader may ask for at once.
const DEFINITIONS_ASKED_MAX: usize = 64;

/// The name of secondary storage's readers; no exporter has it.
pub const STORAGE_READER: &str = "secondary-storage";

/// A process definition as a reader needs it, to give names to indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The process's id in the model.
    pub bpmn_process_id: String,
    /// Its version.
    pub version: i32,
    /// The resource's file name.
    pub resource_name: String,
    /// The resource.
    pub resource: Vec<u8>,
}

/// How the reader's user is doing; set by the user, shown in metrics and health.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReaderStatus {
    /// The position after the last record in its sink.
    pub exported: Position,
    /// Records given to its sink in this run.
    pub records: u64,
    /// Bytes given to its sink in this run.
    pub bytes: u64,
    /// Gaps that it was told of in this run.
    pub gaps: u64,
    /// Positions in those gaps.
    pub gap_positions: u64,
    /// Failures of its sink in this run.
    pub errors: u64,
    /// Why it does not get on at the moment.
    pub failing: Option<String>,
    /// Everything that was committed before this moment is in its sink; milliseconds since 1970, 0 for not known.
    pub complete_at_ms: i64,
    /// The state of the engine is being told to it: what is alive is not all there.
    pub is_filling: bool,
}

#[derive(Debug, Default)]
struct Definitions {
    asked: Vec<Key>,
    found: BTreeMap<Key, Option<Definition>>,
}

/// What the core and a reader's thread share.
#[derive(Debug, Default)]
pub(crate) struct ReaderShared {
    status: Mutex<ReaderStatus>,
    definitions: Mutex<Definitions>,
    /// What it asked of the state, and was told.
    state: Mutex<ToldState>,
    /// Which of its files were damaged, until a new position is written.
    damage: Mutex<Option<String>>,
    /// The partition's last position, committed or not.
    last_position: AtomicU64,
}

type Files = DirectoryReaderFiles;

/// A reader as its core sees it.
pub(crate) struct CoreReader {
    name: Arc<str>,
    hold: Hold,
    spiller: Arc<Mutex<Spiller<Files, PartitionSource>>>,
    shared: Arc<ReaderShared>,
}

impl ReaderFigures {
    /// Whether it is secondary storage's.
    pub fn is_storage(&self) -> bool {
        &*self.name == STORAGE_READER
    }
}

/// A reader's figures.
#[derive(Clone, Debug)]
pub struct ReaderFigures {
    /// Its name.
    pub name: Arc<str>,
    /// What it keeps.
    pub hold: ReaderReport,
    /// How its user is doing.
    pub status: ReaderStatus,
    /// For how long something has been there that its user does not have.
    pub lag: Duration,
}

impl ReaderStatus {
    /// For how long something has been there at a moment that the reader's user does not have, if there is more than it has.
    fn lag(&self, last_position: u64, now: TimestampMs) -> Duration {
        let is_behind = last_position >= self.exported.0 && self.complete_at_ms > 0;
        let behind = if is_behind { now.0 - self.complete_at_ms } else { 0 };
        Duration::from_millis(u64::try_from(behind).unwrap_or(0))
    }
}

impl CoreReader {
    /// How its user is doing; damaged files are a failure until there is a new position.
    fn status(&self) -> ReaderStatus {
        let mut status = self.shared.status.lock().clone();
        status.failing = status.failing.or_else(|| self.shared.damage.lock().clone());
        status
    }
}

/// All readers of one core.
#[derive(Default)]
pub(crate) struct CoreReaders {
    readers: BTreeMap<(PartitionId, ReaderId), CoreReader>,
    /// Spills that wait for their turn.
    spills: std::collections::VecDeque<(PartitionId, ReaderId)>,
    is_spilling: bool,
}

/// A named reader of one partition, for the thread that uses it.
pub struct LogReader {
    name: Arc<str>,
    partition: PartitionId,
    reader: PartitionReader<Files, PartitionSource>,
    history: Arc<History>,
    shared: Arc<ReaderShared>,
}

impl CoreReaders {
    /// Opens a reader; what it holds counts from now on.
    pub(crate) fn open(
        &mut self,
        id: (PartitionId, ReaderId),
        name: &str,
        directory: &Path,
        source: &PartitionSource,
        history: &Arc<History>,
    ) -> LogReader {
        let files = DirectoryReaderFiles::new(directory.to_owned(), name);
        let reader = PartitionReader::open(source.partition, files.clone(), source.clone());
        let (hold, name): (Hold, Arc<str>) = (reader.hold(), name.into());
        let spiller =
            Spiller::new(source.partition, files, hold.clone(), source.clone(), journal::SPILL_BYTES);
        let damage = Mutex::new(reader.damage().map(str::to_owned));
        let shared = Arc::new(ReaderShared { damage, ..ReaderShared::default() });
        let spiller = Arc::new(Mutex::new(spiller));
        self.readers.insert(id, CoreReader { name: name.clone(), hold, spiller, shared: shared.clone() });
        LogReader { name, partition: id.0, reader, history: history.clone(), shared }
    }

    pub(crate) fn view(&self, id: (PartitionId, ReaderId)) -> Option<ReaderView> {
        let view = self.readers.get(&id)?.hold.view()?;
        Some(ReaderView {
            next: Position(view.next.0),
            floor: Position(view.floor.0),
            is_attached: view.is_attached,
            wants_log: view.wants_log,
            spill_bytes: view.spill_bytes,
        })
    }

    pub(crate) fn attach(&mut self, id: (PartitionId, ReaderId), from: Position) -> bool {
        self.readers.get(&id).is_some_and(|reader| reader.hold.attach(journal::Position(from.0)))
    }

    pub(crate) fn detach(&mut self, id: (PartitionId, ReaderId)) -> bool {
        self.readers.get(&id).is_some_and(|reader| reader.hold.detach())
    }

    pub(crate) fn ask_spill(&mut self, id: (PartitionId, ReaderId)) {
        self.spills.push_back(id);
    }

    /// The next spill, if none is under way.
    pub(crate) fn next_spill(&mut self) -> Option<(PartitionId, ReaderId)> {
        let next = if self.is_spilling { None } else { self.spills.pop_front() };
        self.is_spilling |= next.is_some();
        next
    }

    /// Figures of one partition's readers.
    pub(crate) fn figures(
        &self,
        partition: PartitionId,
        holds: impl Iterator<Item = ReaderReport>,
        last_position: u64,
        now: TimestampMs,
    ) -> Vec<ReaderFigures> {
        let readers = self.readers.range((partition, ReaderId(0))..=(partition, ReaderId(u32::MAX)));
        let figures = readers.zip(holds).map(|((_, reader), hold)| {
            let status = reader.status();
            let lag = status.lag(last_position, now);
            ReaderFigures { name: reader.name.clone(), hold, status, lag }
        });
        figures.collect()
    }
}

impl Inner {
    /// A partition's figures, its readers' included.
    pub(crate) fn partition_report(&self, partition: &Partition) -> PartitionReport {
        let (now, stats) = (wall_clock(), partition.stats());
        let age = |since: Option<TimestampMs>| {
            since.map_or(Duration::ZERO, |since| {
                Duration::from_millis(u64::try_from(now.0 - since.0).unwrap_or(0))
            })
        };
        PartitionReport {
            partition: partition.id(),
            stats,
            store: partition.tables().store().stats(),
            stopped: partition.stopped().map(str::to_owned),
            readers: self.host.readers.figures(partition.id(), partition.readers(), stats.last_position, now),
            banned: partition.tables().banned().take(BANNED_LISTED_MAX).collect(),
            follow_ups_age: age(stats.follow_ups_since),
            due_age: age(stats.next_due),
        }
    }
}

impl Inner {
    /// What each partition has written, and how far its slowest exporter and secondary storage are.
    pub(crate) fn written(&self) -> impl Iterator<Item = Written> {
        self.partitions.values().map(|partition| {
            let id = partition.id();
            let (mut exported, mut stored) = (None, None);
            for (_, reader) in self.host.readers.readers.iter().filter(|((of, _), _)| *of == id) {
                let reached = reader.shared.status.lock().exported.0.saturating_sub(1);
                let side = if &*reader.name == STORAGE_READER { &mut stored } else { &mut exported };
                *side = Some(side.map_or(reached, |least: u64| least.min(reached)));
            }
            Written { partition: id.0, last_position: partition.last_position().0, exported, stored }
        })
    }
}

fn definition(tables: &Tables, key: Key) -> Option<Definition> {
    let row = tables.process(key)?;
    Some(Definition {
        bpmn_process_id: row.bpmn_process_id.to_owned(),
        version: row.version,
        resource_name: row.resource_name.to_owned(),
        resource: tables.process_resource(key)?.to_vec(),
    })
}

impl CoreBroker {
    /// Looks after the log of every partition, and answers what readers asked.
    pub(crate) fn check_logs(&self) {
        let inner = &mut *self.shared.inner.borrow_mut();
        let now = wall_clock();
        for partition in inner.partitions.values_mut() {
            partition.check_log(now, &mut inner.host);
        }
        self.shared.write_limit.borrow_mut().look(time::now(), inner.written());
        for ((id, _), reader) in &inner.host.readers.readers {
            let Some(partition) = inner.partitions.get(id) else { continue };
            reader.shared.last_position.store(partition.stats().last_position, Ordering::Relaxed);
            let mut definitions = reader.shared.definitions.lock();
            for key in std::mem::take(&mut definitions.asked) {
                let found = definition(partition.tables(), key);
                definitions.found.insert(key, found);
            }
            reader.shared.state.lock().answer(partition, now);
        }
    }

    /// Copies entries out of the log for a reader.
    pub(crate) async fn spill(self, (partition, reader): (PartitionId, ReaderId)) {
        let spiller = self.shared.inner.borrow().host.readers.readers[&(partition, reader)].spiller.clone();
        let spilled = self
            .on_side(&self.shared.side.chores, move || {
                spiller.lock().run().map_err(|error| error.to_string())
            })
            .await;
        let outcome = spilled.map_err(|panic| panic.to_string()).flatten();
        {
            let inner = &mut *self.shared.inner.borrow_mut();
            inner.host.readers.is_spilling = false;
            let end = match outcome {
                Ok(spill) => {
                    inner.host.metrics.spilled_bytes += spill.map_or(0, |spill| spill.bytes);
                    SpillEnd::Written
                }
                Err(cause) => {
                    let name = inner.host.readers.readers[&(partition, reader)].name.clone();
                    self.shared.notices.push(Notice::SpillFailed { partition, reader: name, cause });
                    SpillEnd::Failed
                }
            };
            if let Some(partition) = inner.partitions.get_mut(&partition) {
                partition.finish_spill(wall_clock(), reader, end, &mut inner.host);
            }
        }
        self.after_step();
    }
}

impl LogReader {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its partition.
    pub fn partition(&self) -> PartitionId {
        self.partition
    }

    /// Whether this data directory never had a reader of this name before.
    pub fn is_new(&self) -> bool {
        self.reader.is_new()
    }

    /// The first position that is not acknowledged.
    pub fn acknowledged(&self) -> Position {
        Position(self.reader.acknowledged().0)
    }

    /// The first position that was not read yet.
    pub fn next(&self) -> Position {
        Position(self.reader.next().0)
    }

    /// The partition's last position when the core last looked; 0 before it did.
    pub fn last_position(&self) -> Position {
        Position(self.shared.last_position.load(Ordering::Relaxed))
    }

    /// Goes on at this position, or at the acknowledged one if that is later.
    pub fn seek(&mut self, next: Position) {
        self.reader.seek(journal::Position(next.0));
    }

    /// Puts what comes next into a chunk.
    ///
    /// # Errors
    /// When log or spill cannot be read; it may be tried again.
    pub fn read(&mut self, chunk: &mut Chunk, bytes_max: usize) -> Result<ReadState, journal::Error> {
        self.reader.read(chunk, bytes_max)
    }

    /// Everything below `next` is safe in the sink. Durable when it returns.
    ///
    /// # Errors
    /// When the position cannot be written; it may be tried again.
    pub fn acknowledge(&mut self, next: Position) -> Result<(), journal::Error> {
        self.reader.acknowledge(journal::Position(next.0))?;
        *self.shared.damage.lock() = None;
        Ok(())
    }

    /// Which of its files were damaged at the start.
    pub fn damage(&self) -> Option<&str> {
        self.reader.damage()
    }

    /// The life of the data directory that this process is.
    pub fn life(&self) -> LifeId {
        self.history.lives().last().map(|life| life.id).unwrap_or_default()
    }

    /// Whether a record that was written at a position in some life is this directory's own past.
    pub fn is_own_past(&self, life: LifeId, position: Position) -> bool {
        self.history.contains(life, journal::Position(position.0))
    }

    /// A process definition: `None` until the core has looked, which it does every 100 ms; then whether there is one.
    pub fn definition(&self, key: Key) -> Option<Option<Definition>> {
        let mut definitions = self.shared.definitions.lock();
        if let Some(found) = definitions.found.remove(&key) {
            return Some(found);
        }
        if !definitions.asked.contains(&key) && definitions.asked.len() < DEFINITIONS_ASKED_MAX {
            definitions.asked.push(key);
        }
        None
    }

    /// A part of the state, from where an earlier part says: `None` until the core has looked, which it does every 100 ms.
    pub fn state(&self, from: &[u8]) -> Option<StatePart> {
        self.shared.state.lock().take(from)
    }

    /// Changes the status that metrics and health show.
    pub fn update(&self, change: impl FnOnce(&mut ReaderStatus)) {
        change(&mut self.shared.status.lock());
    }
}

#[cfg(test)]
mod tests {
    use super::ReaderStatus;
    use ringbolt_record::{Position, TimestampMs};
    use std::time::Duration;

    /// It grows whatever the reader's user does meanwhile, and nothing that it has counts.
    #[test]
    fn a_lag_is_how_long_something_is_missing() {
        let status =
            ReaderStatus { exported: Position(10), complete_at_ms: 1_000, ..ReaderStatus::default() };
        let now = TimestampMs(5_000);
        assert_eq!(status.lag(9, now), Duration::ZERO);
        assert_eq!(status.lag(10, now), Duration::from_secs(4));
        assert_eq!(status.lag(10, TimestampMs(900)), Duration::ZERO, "the clock went back");
        assert_eq!(ReaderStatus::default().lag(10, now), Duration::ZERO, "nothing is known");
    }
}
