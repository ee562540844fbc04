//! Secondary storage of this server: one projector and its thread for each partition.
//!
//! Invariants: a projector holds up nothing but searches; it is told to stop and waited for a while ([`STOP_MAX`]), since what it has written is
//! acknowledged then.

use crate::config::Config;
use crate::exporting::LogFeed;
use crate::live::LiveStreams;
use crate::logging::{Level, log};
use crate::searches::Searches;
use parking_lot::Mutex;
use ringbolt_broker::{LogReader, STORAGE_READER};
use ringbolt_query::{Ages, Batching, Files, History, Pace, Projector, StoreEvent, Visible};
use ringbolt_record::PartitionId;
use ringbolt_ring::time;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Its directory, in the data directory.
const DIRECTORY: &str = "secondary";
/// How often what is committed is folded and written: what a record waits at most, unless somebody asks for it.
const PERIOD: Duration = Duration::from_millis(50);
/// How long the server waits for projectors at its end. What one that is left behind was writing is read again at the next start.
const STOP_MAX: Duration = Duration::from_secs(5);
/// Projectors yield to the cores.
const NICE: i32 = 5;

/// Who reads the log: the exporters, and secondary storage.
pub(crate) fn reader_names(config: &Config) -> Vec<String> {
    let exporters = config.exporters.iter().map(|exporter| exporter.name.clone());
    exporters.chain(config.storage.map(|_| STORAGE_READER.to_owned())).collect()
}

/// What searches read, and the threads that write it.
pub(crate) struct Storage {
    files: Arc<Files>,
    visible: Arc<Visible>,
    history: History,
    ages: Ages,
    is_stopped: Arc<AtomicBool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    searches: Searches,
    live: LiveStreams,
}

impl Storage {
    /// Storage of these partitions and the threads that search it, if there is to be one; no projector runs yet.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(crate) fn of(config: &Config, partitions: &[PartitionId]) -> io::Result<Option<Self>> {
        let Some(storage) = config.storage else { return Ok(None) };
        let history = storage.history(&config.data_dir, partitions.len());
        let partitions = || partitions.iter().copied();
        let files = Arc::new(Files::new(&config.data_dir.join(DIRECTORY), partitions()));
        let visible = Arc::new(Visible::new(partitions()));
        let searches = Searches::start(files.clone(), visible.clone(), config.searches)?;
        let (is_stopped, threads) = (Arc::default(), Mutex::default());
        let live = LiveStreams::new(visible.live().clone());
        let ages = config.history_ages.clone();
        Ok(Some(Self { files, visible, history, ages, is_stopped, threads, searches, live }))
    }

    /// What searches it.
    pub(crate) fn searches(&self) -> Searches {
        self.searches.clone()
    }

    /// Streams of what is written.
    pub(crate) fn live(&self) -> LiveStreams {
        self.live.clone()
    }

    /// Starts a thread for each of its readers among these.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(crate) fn start(&self, readers: &mut Vec<LogReader>) -> io::Result<()> {
        for reader in readers.extract_if(.., |reader| reader.name() == STORAGE_READER) {
            let partition = reader.partition();
            let projector = Projector::new(
                Box::new(LogFeed::new(reader)),
                &self.files,
                self.visible.clone(),
                self.history,
                Batching::default(),
            )
            .keeping_each(&self.ages);
            let (visible, is_stopped) = (self.visible.clone(), self.is_stopped.clone());
            let thread = std::thread::Builder::new().name(format!("store-{partition}"));
            let thread = thread.spawn(move || run(projector, &visible, &is_stopped))?;
            self.threads.lock().push(thread);
        }
        Ok(())
    }

    /// Ends all projectors. Each writes down how far it is.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        for partition in self.files.partitions() {
            self.visible.wake(partition.partition());
        }
        let asked = time::now();
        for thread in std::mem::take(&mut *self.threads.lock()) {
            while !thread.is_finished() && asked.elapsed() < STOP_MAX {
                std::thread::sleep(Duration::from_millis(1));
            }
            if !thread.is_finished() {
                log(
                    Level::Warn,
                    "secondary storage has much to write and does not end: it is left behind, and goes on at the next start",
                    &[],
                );
            } else if thread.join().is_err() {
                log(
                    Level::Error,
                    "a projector of secondary storage failed; it goes on at the next start",
                    &[],
                );
            }
        }
    }
}

fn run(mut projector: Projector, visible: &Visible, is_stopped: &AtomicBool) {
    ringbolt_ring::side::lower_priority(NICE);
    let (started, partition) = (time::now(), projector.partition());
    while !is_stopped.load(Ordering::SeqCst) {
        let turn = time::now();
        let now_ms = turn.saturating_duration_since(started).as_millis() as u64;
        match projector.turn(now_ms, &mut |event| log_event(&event)) {
            Pace::More => {}
            Pace::CaughtUp | Pace::Waiting => {
                visible.rest(partition, PERIOD.saturating_sub(turn.elapsed()));
            }
        }
    }
    projector.finish();
}

fn log_event(event: &StoreEvent) {
    match event {
        StoreEvent::Failing { partition, cause } => log(
            Level::Warn,
            "secondary storage does not get on: it is tried again",
            &[("partition", partition), ("cause", cause)],
        ),
        StoreEvent::Recovered { partition } => {
            log(Level::Info, "secondary storage gets on again", &[("partition", partition)]);
        }
        StoreEvent::SetAside { partition, cause, directory, kept } => log(
            Level::Error,
            "secondary storage could not be used: it was set aside, and is begun anew",
            &[
                ("partition", partition),
                ("cause", cause),
                ("directory", directory),
                ("finished_instances_kept", kept),
            ],
        ),
        StoreEvent::Lost { partition, cause, instances, until } => log(
            Level::Error,
            "a file of finished instances is damaged: it was set aside, and they are not found any more",
            &[
                ("partition", partition),
                ("cause", cause),
                ("instances", instances),
                ("ended_until_ms", until),
            ],
        ),
        StoreEvent::Removed { partition, instances, until } => log(
            Level::Info,
            "finished instances are past what history keeps: they were removed",
            &[("partition", partition), ("instances", instances), ("ended_until_ms", until)],
        ),
        StoreEvent::Gap { partition, positions } => log(
            Level::Warn,
            "secondary storage has no history of what the log no longer has",
            &[("partition", partition), ("positions", positions)],
        ),
    }
}
