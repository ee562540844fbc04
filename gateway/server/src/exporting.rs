//! Exporters of this server: which there are, their threads, and the log's readers as their feeds.
//!
//! Invariants: one thread for each exporter, which may hang with its sink without holding up anything else; it is told
//! to stop and not waited for longer than [`STOP_MAX`].

use crate::config::{ExporterConfig, SinkConfig};
use crate::logging::{Level, log};
use parking_lot::{Condvar, Mutex};
use ringbolt_api::operation::Exporting;
use ringbolt_broker::{LogReader, ReaderStatus};
use ringbolt_exporters::{
    Definition, Event, Exporter, Feed, FeedItem, FeedState, Jsonl, Progress, Sink, StatePart, Turn,
};
use ringbolt_journal::{Chunk, ChunkItem, LifeId, ReadState};
use ringbolt_record::{Key, PartitionId, Position};
use ringbolt_ring::time;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Bytes of entries that an exporter takes at once.
const BATCH_BYTES: usize = 1 << 20;
/// How long an exporter that has nothing to do rests: what a record waits at most before it is looked for.
const REST: Duration = Duration::from_millis(20);
/// How long the server waits for an exporter at its end.
const STOP_MAX: Duration = Duration::from_secs(2);
/// Exporters yield to the cores.
const NICE: i32 = 19;

/// A reader of the log as an exporter's feed.
pub(crate) struct LogFeed {
    reader: LogReader,
    chunk: Chunk,
}

impl LogFeed {
    pub(crate) fn new(reader: LogReader) -> Self {
        Self { reader, chunk: Chunk::default() }
    }
}

impl Feed for LogFeed {
    fn partition(&self) -> PartitionId {
        self.reader.partition()
    }

    fn is_new(&self) -> bool {
        self.reader.is_new()
    }

    fn acknowledged(&self) -> Position {
        self.reader.acknowledged()
    }

    fn last_position(&self) -> Position {
        self.reader.last_position()
    }

    fn seek(&mut self, next: Position) {
        self.reader.seek(next);
        self.chunk.clear();
    }

    fn fill(&mut self) -> Result<FeedState, String> {
        self.chunk.clear();
        match self.reader.read(&mut self.chunk, BATCH_BYTES) {
            Ok(ReadState::More) => Ok(FeedState::More),
            Ok(ReadState::CaughtUp | ReadState::Detached) => Ok(FeedState::CaughtUp),
            Ok(ReadState::DamagedSpill(damage)) => Ok(FeedState::Damaged(damage.to_string())),
            Err(error) => Err(error.to_string()),
        }
    }

    fn items(&self) -> Box<dyn Iterator<Item = FeedItem<'_>> + '_> {
        Box::new(self.chunk.items().map(|item| match item {
            ChunkItem::Entry(entry) => FeedItem::Entry(entry.payload()),
            ChunkItem::Gap(gap) => FeedItem::Gap { from: Position(gap.from.0), to: Position(gap.to.0) },
        }))
    }

    fn end(&self) -> Option<Position> {
        self.chunk.end().map(|end| Position(end.0))
    }

    fn acknowledge(&mut self, next: Position) -> Result<(), String> {
        self.reader.acknowledge(next).map_err(|error| error.to_string())
    }

    fn definition(&self, key: Key) -> Option<Option<Definition>> {
        let found = self.reader.definition(key)?;
        Some(found.map(|definition| Definition {
            bpmn_process_id: definition.bpmn_process_id,
            version: definition.version,
            resource_name: definition.resource_name,
            resource: definition.resource,
        }))
    }

    fn state(&self, from: &[u8]) -> Option<StatePart> {
        let part = self.reader.state(from)?;
        Some(StatePart {
            position: part.position,
            entry: part.entry,
            next: part.next,
            is_past_instances: part.is_past_instances,
        })
    }

    fn life(&self) -> u128 {
        self.reader.life().0
    }

    fn is_own_past(&self, life: u128, position: Position) -> bool {
        self.reader.is_own_past(LifeId(life), position)
    }

    fn show(&self, progress: &Progress) {
        self.reader.update(|status| {
            *status = ReaderStatus {
                exported: progress.exported,
                records: progress.lines,
                bytes: progress.bytes,
                gaps: progress.gaps,
                gap_positions: progress.gap_positions,
                errors: progress.errors,
                failing: progress.failing.clone(),
                complete_at_ms: progress.complete_at_ms,
                is_filling: progress.is_filling,
            };
        });
    }
}

#[derive(Default)]
struct Stop {
    is_asked: Mutex<bool>,
    /// What all exporters were told, and which of them rest by themselves.
    told: Mutex<Told>,
    asked: Condvar,
}

/// What exporters were told, until the next start.
#[derive(Default)]
struct Told {
    exporting: Exporting,
    disabled: BTreeSet<String>,
}

impl Stop {
    /// What one exporter does now.
    fn told(&self, name: &str) -> Exporting {
        let told = self.told.lock();
        if told.disabled.contains(name) { Exporting::Paused } else { told.exporting }
    }
}

/// The exporters' threads.
#[derive(Default)]
pub(crate) struct Exporters {
    names: Mutex<Vec<String>>,
    stop: Arc<Stop>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

fn sink_of(config: &ExporterConfig) -> Box<dyn Sink> {
    match &config.sink {
        SinkConfig::Jsonl { directory, file_bytes_max } => {
            Box::new(Jsonl::new(directory.clone(), *file_bytes_max))
        }
    }
}

impl Exporters {
    /// Starts one thread for each exporter, with the readers of its name. `anew` are lives whose records a sink may set aside.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(crate) fn start(
        &self,
        configs: &[ExporterConfig],
        anew: &[u128],
        mut readers: Vec<LogReader>,
    ) -> std::io::Result<()> {
        for config in configs {
            let own = readers.extract_if(.., |reader| reader.name() == config.name);
            let feed = |reader| Box::new(LogFeed::new(reader)) as Box<dyn Feed>;
            let feeds = own.map(feed).collect();
            let exporter = Exporter::new(sink_of(config), config.filter.clone(), feeds, anew.to_vec());
            self.names.lock().push(config.name.clone());
            let (name, stop) = (config.name.clone(), self.stop.clone());
            let thread = std::thread::Builder::new().name(format!("export-{name}"));
            let thread = thread.spawn(move || run(&name, exporter, &stop))?;
            self.threads.lock().push(thread);
        }
        Ok(())
    }

    /// Tells all exporters what to do until they are told otherwise, or the next start. What is not exported, or is held, stays
    /// in the log within its bounds.
    pub(crate) fn tell(&self, exporting: Exporting) {
        self.stop.told.lock().exporting = exporting;
        self.stop.asked.notify_all();
        log(
            Level::Warn,
            "exporting was told what to do until the next start",
            &[("told", &exporting.name().to_ascii_lowercase())],
        );
    }

    /// What all exporters were told.
    pub(crate) fn told(&self) -> Exporting {
        self.stop.told.lock().exporting
    }

    /// Has one exporter rest, or go on, until the next start. False when there is none of that name.
    pub(crate) fn enable(&self, name: &str, is_enabled: bool) -> bool {
        if !self.names.lock().iter().any(|known| known == name) {
            return false;
        }
        let mut told = self.stop.told.lock();
        if is_enabled {
            told.disabled.remove(name);
        } else {
            told.disabled.insert(name.to_owned());
        }
        drop(told);
        self.stop.asked.notify_all();
        let what = if is_enabled { "enabled" } else { "disabled" };
        log(
            Level::Warn,
            "an exporter was told what to do until the next start",
            &[("exporter", &name), ("told", &what)],
        );
        true
    }

    /// Their names, and whether they are enabled.
    pub(crate) fn listed(&self) -> Vec<(String, bool)> {
        let told = self.stop.told.lock();
        self.names.lock().iter().map(|name| (name.clone(), !told.disabled.contains(name))).collect()
    }

    /// Asks the exporters to end, and waits a little for those that do.
    pub(crate) fn stop(&self) {
        *self.stop.is_asked.lock() = true;
        self.stop.asked.notify_all();
        let started = time::now();
        for thread in std::mem::take(&mut *self.threads.lock()) {
            while !thread.is_finished() && started.elapsed() < STOP_MAX {
                std::thread::sleep(Duration::from_millis(1));
            }
            if !thread.is_finished() {
                log(Level::Warn, "an exporter does not end: it is left behind", &[]);
            } else if thread.join().is_err() {
                log(Level::Error, "an exporter failed; it goes on at the next start", &[]);
            }
        }
    }
}

fn run(name: &str, mut exporter: Exporter, stop: &Stop) {
    ringbolt_ring::side::lower_priority(NICE);
    let started = time::now();
    loop {
        let now_ms = started.elapsed().as_millis() as u64;
        let told = stop.told(name);
        exporter.hold(told == Exporting::SoftPaused);
        let turn = match told {
            Exporting::Paused => Turn::Idle,
            Exporting::Exporting | Exporting::SoftPaused => {
                exporter.turn(now_ms, &mut |event| log_event(name, &event))
            }
        };
        let mut is_asked = stop.is_asked.lock();
        if !*is_asked && turn == Turn::Idle {
            stop.asked.wait_for(&mut is_asked, REST);
        }
        if *is_asked {
            break;
        }
    }
    exporter.finish();
}

fn log_event(name: &str, event: &Event) {
    match event {
        Event::Failing { partition, cause } => log(
            Level::Warn,
            "an exporter does not get on: it is tried again",
            &[("exporter", &name), ("partition", partition), ("cause", cause)],
        ),
        Event::Recovered { partition } => {
            log(Level::Info, "an exporter gets on again", &[("exporter", &name), ("partition", partition)]);
        }
        Event::Gap { partition, positions } => log(
            Level::Error,
            "an exporter has missed records: a gap stands in their place",
            &[("exporter", &name), ("partition", partition), ("positions", positions)],
        ),
        Event::SetAside { partition, life } => log(
            Level::Warn,
            "an exporter sets aside what its sink holds of another history and begins anew",
            &[("exporter", &name), ("partition", partition), ("life", &format!("{life:032x}"))],
        ),
        Event::Damaged { partition, cause } => log(
            Level::Error,
            "a spill is damaged: a gap stands in its place",
            &[("exporter", &name), ("partition", partition), ("cause", cause)],
        ),
    }
}
