//! Opening: the journals of the directory are recovered once, then each core opens its partitions' states, replays
//! their logs, and opens the journal that it will write.
//!
//! Invariants: partitions belong to cores by id alone, so that any number of cores finds its way; a core appends
//! only after every partition of it was replayed; journals of cores that are no more go when nobody needs them.

use crate::admission::Admission;
use crate::clock;
use crate::core::{CoreBroker, Inner, Shared, wall_clock};
use crate::directory::DataDirectory;
use crate::flow_control::FlowControl;
use crate::host::{Afterwards, CoreHost};
use crate::jobs::StreamQueues;
use crate::large::LargeCommands;
use crate::log::{Journal, journal_partition};
use crate::mesh::{Mesh, Outbox};
use crate::metrics::CoreMetrics;
use crate::notices::{Notice, Notices};
use crate::open_error::OpenError;
use crate::past::Pasts;
use crate::polls::Polls;
use crate::positions::Positions;
use crate::purge;
use crate::readers::{CoreReaders, LogReader};
use crate::requests::Requests;
use crate::side_threads::SideThreads;
use crate::write_limit::WriteLimit;
use parking_lot::Mutex;
use ringbolt_engine::EngineSettings;
use ringbolt_journal as journal;
use ringbolt_journal::{
    AccessChoice, DirectoryReaderFiles, EntryKind, Filter, History, JournalNumber, Life, LifeId,
    PartitionSource, Recovery, Retired, begin_life,
};
use ringbolt_partition::{
    CheckpointSettings, Clock, FlowSettings, Partition, PartitionSettings, ReaderSettings,
};
use ringbolt_record::{PartitionId, Position, TimestampMs};
use ringbolt_ring::{Shutdown, local::Notify, side::Side, time};
use ringbolt_store::{Mark, open_checked};
use ringbolt_tables::Tables;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

const _: () = assert!(
    ringbolt_engine::ENTRY_BYTES_MAX + journal::ENTRY_HEADER_BYTES <= journal::ENTRY_BYTES_MAX,
    "the log takes every entry that the engine may write"
);

/// Replayed entries between two looks at whether the replay itself needs a checkpoint.
const REPLAY_ENTRIES_PER_LOOK: u64 = 1024;

/// How the partitions and their storage work.
#[derive(Clone, Debug)]
pub struct BrokerSettings {
    /// How many cores there are.
    pub cores: usize,
    /// Size of a journal segment, bytes.
    pub segment_bytes: u64,
    /// Address space for the state of one partition, bytes.
    pub map_bytes: usize,
    /// When checkpoints start.
    pub checkpoints: CheckpointSettings,
    /// Which work is refused under overload.
    pub flow: FlowSettings,
    /// Units of work of all expressions and decisions of one entry.
    pub expression_units_max: u64,
    /// Messages that a partition keeps for those who do not wait for them yet; more are refused.
    pub messages_max: u64,
    /// Bytes of kept messages beyond which a partition refuses more.
    pub message_bytes_max: u64,
    /// Timers, subscriptions and user tasks of a partition at which clients' new instances are refused.
    pub waits_max: u64,
    /// Of each process one instance at a time has a business id; see `EngineSettings`.
    pub business_ids_are_unique: bool,
    /// Jobs that one stream may have outstanding over all partitions.
    pub stream_window: u32,
    /// Names of the log's readers; every partition has one of each.
    pub reader_names: Vec<String>,
    /// What one of them may keep of one partition.
    pub readers: ReaderSettings,
    /// Whether tests set the clock.
    pub clock: Clock,
    /// What is turned away at the door.
    pub flow_control: Arc<FlowControl>,
}

/// A recovered data directory, shared by the cores that open it.
pub struct Node {
    directory: DataDirectory,
    recovery: Arc<Recovery>,
    /// Readers of the cores that are open, until somebody takes them.
    readers: Mutex<Vec<LogReader>>,
    pasts: Pasts,
    retired: Arc<Mutex<Retired>>,
    mesh: Mesh,
    settings: BrokerSettings,
    positions: Arc<Positions>,
    /// This start of the directory.
    life: LifeId,
}

/// The journal with the number of its core.
fn journal_number(core: usize) -> JournalNumber {
    JournalNumber(u32::try_from(core).expect("at most 256 cores"))
}

impl Node {
    /// Recovers the journals of a directory. Blocks.
    ///
    /// # Errors
    /// When a journal cannot be read, or is damaged in a way that no crash explains.
    pub fn recover(directory: DataDirectory, settings: BrokerSettings) -> Result<Self, OpenError> {
        let recovery = Recovery::start(directory.path(), AccessChoice::Probe)?;
        let written: Vec<JournalNumber> = (0..settings.cores).map(journal_number).collect();
        let retired = Arc::new(Mutex::new(recovery.retire(&written)));
        let mesh = Mesh::new(settings.cores);
        let (recovery, readers) = (Arc::new(recovery), Mutex::new(Vec::new()));
        let life = LifeId::random().map_err(OpenError::Random)?;
        let positions = Arc::new(Positions::new(directory.partitions()));
        let pasts = Pasts::default();
        Ok(Self { directory, recovery, readers, pasts, retired, mesh, settings, positions, life })
    }

    /// What the operator should know of the recovery: a line each.
    pub fn notices(&self) -> Vec<String> {
        let mut notices: Vec<String> = self
            .recovery
            .torn()
            .map(|(number, torn)| {
                let (file, offset, bytes) = (&torn.file, torn.place.offset, torn.bytes);
                format!("journal-{number}: cut a torn tail, a write that a crash interrupted: {file} at offset {offset}, {bytes} bytes")
            })
            .collect();
        if self.recovery.access() == journal::Access::Buffered {
            notices.push("the file system refuses direct I/O: every flush costs more".to_owned());
        }
        notices
    }

    /// All partitions.
    pub fn partition_ids(&self) -> Vec<PartitionId> {
        (1..=self.directory.partitions()).map(PartitionId).collect()
    }

    /// Which core has which partition: in turn.
    fn owners(&self) -> BTreeMap<PartitionId, usize> {
        let place = |id: PartitionId| (id, usize::from(id.0 - 1) % self.settings.cores);
        self.partition_ids().into_iter().map(place).collect()
    }

    fn partition_settings(&self, id: PartitionId) -> PartitionSettings {
        let mut engine = EngineSettings::new(id);
        engine.expression_units_max = self.settings.expression_units_max;
        engine.messages_max = self.settings.messages_max;
        engine.message_bytes_max = self.settings.message_bytes_max;
        engine.waits_max = self.settings.waits_max;
        engine.business_ids_are_unique = self.settings.business_ids_are_unique;
        engine.partition_count = self.directory.partitions();
        PartitionSettings {
            engine,
            checkpoints: self.settings.checkpoints,
            flow: self.settings.flow,
            readers: self.settings.readers,
            clock: self.settings.clock,
        }
    }

    /// Empties the directory, as a whole or not at all: `marks` say where its partitions ended, `change` is the number of this change.
    /// The next start begins there. To be called when all cores have closed.
    ///
    /// # Errors
    /// When it was not done, and nothing has happened.
    pub fn purge(&self, marks: &[(PartitionId, Mark)], change: i64) -> io::Result<()> {
        let options = ringbolt_store::Options { map_size_bytes: self.settings.map_bytes };
        purge::decide(self.directory.path(), marks, change, options)
    }

    fn partition_path(&self, id: PartitionId) -> PathBuf {
        self.directory.path().join(format!("partition-{id}"))
    }

    fn open_partition(&self, id: PartitionId) -> Result<Partition, OpenError> {
        let path = self.partition_path(id);
        let options = ringbolt_store::Options { map_size_bytes: self.settings.map_bytes };
        let store = match open_checked(&path, options) {
            Ok(store) => store,
            // A damaged state costs its partition, not the start.
            Err(error @ ringbolt_store::Error::Damaged { .. }) => {
                return Ok(Partition::out_of_service(id, self.partition_settings(id), error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Partition::open(id, Tables::new(store), self.partition_settings(id))?)
    }

    /// Replays what the journals hold of these partitions and is committed. Returns how many entries.
    fn replay(&self, partitions: &mut BTreeMap<PartitionId, Partition>) -> Result<u64, OpenError> {
        // Alone, all that is durable is committed: behind the replay there is nothing left to agree on.
        let group = |id: &PartitionId| !self.recovery.raft_state(journal_partition(*id)).members.is_alone();
        if let Some(partition) = partitions.keys().copied().find(group) {
            return Err(OpenError::Group { partition });
        }
        let wanted = partitions
            .values()
            .filter(|p| p.stopped().is_none())
            .map(|p| (journal_partition(p.id()), journal::Position(p.replay_from().0)))
            .collect();
        let mut entries = self.recovery.entries(Filter::Partitions(wanted));
        let mut count = 0;
        while let Some(entry) = entries.next_entry()? {
            let frame = entry.frame;
            let id = PartitionId(frame.partition.0 as u16);
            let Some(partition) = partitions.get_mut(&id) else { continue };
            match frame.kind {
                EntryKind::Records => partition.replay(frame.index.0, frame.term.0, entry.payload())?,
                _ => partition.replay_bare(frame.index.0, frame.term.0)?,
            }
            count += 1;
            if count % REPLAY_ENTRIES_PER_LOOK == 0 {
                let checkpoint = partition.checkpoint_in_replay(wall_clock());
                checkpoint.map_err(|cause| OpenError::Checkpoint { partition: id, cause })?;
            }
        }
        Ok(count)
    }

    /// Opens one core's partitions, on that core, and starts its tasks.
    ///
    /// # Errors
    /// When a state or the journal cannot be opened, or a log cannot be replayed.
    pub fn open_core(
        &self,
        core: usize,
        side: SideThreads,
        shutdown: &Shutdown,
    ) -> Result<CoreBroker, OpenError> {
        let owners = Arc::new(self.owners());
        let local_ids: Vec<PartitionId> =
            owners.iter().filter(|(_, owner)| **owner == core).map(|(id, _)| *id).collect();
        let started = time::now();
        let opened = local_ids.iter().map(|id| Ok((*id, self.open_partition(*id)?)));
        let mut partitions = opened.collect::<Result<BTreeMap<_, _>, OpenError>>()?;
        let replayed_entries = self.replay(&mut partitions)?;
        self.go_on_from(partitions.values());
        for (id, partition) in &partitions {
            self.positions.publish(*id, partition.last_position());
        }
        let replay_ms = started.elapsed().as_millis() as u64;
        let metrics = CoreMetrics { replay_ms, replayed_entries, ..CoreMetrics::default() };
        let (outbox, mailbox) = self.mesh.take(core);
        let journal = self.open_journal(core, &local_ids, &side.segments)?;
        let host = self.host(core, owners, journal, outbox, metrics);
        let mut inner = Inner { partitions, host };
        let mut notices = self.open_readers(&mut inner)?;
        notices.extend(inner.partitions.values().filter_map(delayed_checkpoint));
        inner.release_checkpointed_log();
        for (id, partition) in &inner.partitions {
            self.positions.publish(*id, partition.last_position());
        }
        let shared = Shared {
            inner: RefCell::new(inner),
            side,
            outbox: Notify::new(),
            slices: Notify::new(),
            next_slice: Cell::new(0),
            owes_slice: Cell::new(false),
            timer: Notify::new(),
            timer_at: Cell::new(TimestampMs(i64::MAX)),
            partition_ids: self.partition_ids(),
            positions: self.positions.clone(),
            local_ids,
            elsewhere: self.elsewhere(core),
            next_partition: Cell::new(0),
            next_poll: Cell::new(0),
            received: Cell::new(None),
            is_draining: Cell::new(false),
            stream_window: self.settings.stream_window,
            next_collection: Cell::new(0),
            collections: RefCell::new(BTreeMap::new()),
            collected: Notify::new(),
            notices: Notices::default(),
            admission: RefCell::new(Admission::new(self.settings.flow_control.clone())),
            write_limit: RefCell::new(WriteLimit::new(self.settings.flow_control.clone(), time::now())),
            large: RefCell::new(LargeCommands::default()),
            round_begins: Notify::new(),
            door_waits: Notify::new(),
            came: Cell::new(None),
        };
        notices.into_iter().for_each(|notice| shared.notices.push(notice));
        let broker = CoreBroker { shared: Rc::new(shared) };
        broker.spawn_tasks(mailbox, shutdown);
        // A partition that is out of service from the start is news like one that stops later.
        broker.after_step();
        Ok(broker)
    }

    /// What the partitions of one core share, before anything of it runs.
    fn host(
        &self,
        core: usize,
        owners: Arc<BTreeMap<PartitionId, usize>>,
        journal: Journal,
        outbox: Outbox,
        metrics: CoreMetrics,
    ) -> CoreHost {
        CoreHost {
            core,
            owners,
            journal,
            data_directory: self.directory.path().to_owned(),
            uncommitted: VecDeque::new(),
            requests: Requests::new(core),
            streams: StreamQueues::new(core),
            polls: Polls::new(core),
            outbox,
            outbox_waits: false,
            afterwards: Afterwards::default(),
            readers: CoreReaders::default(),
            metrics,
            committing_since: None,
        }
    }

    /// The host's clock goes on behind what the logs have seen; but what a test's clock said does not bind it.
    fn go_on_from<'a>(&self, partitions: impl Iterator<Item = &'a Partition>) {
        if self.settings.clock == Clock::Steady {
            partitions.for_each(|partition| clock::not_before(partition.last_timestamp().0));
        }
    }

    /// The other cores that have partitions, with these.
    fn elsewhere(&self, core: usize) -> Vec<(usize, Vec<PartitionId>)> {
        let mut by_core: BTreeMap<usize, Vec<PartitionId>> = BTreeMap::new();
        for (partition, owner) in self.owners().iter().filter(|(_, owner)| **owner != core) {
            by_core.entry(*owner).or_default().push(*partition);
        }
        by_core.into_iter().collect()
    }

    /// Begins a life of every partition of this core, and opens their readers before anything of their log is released.
    /// Damage in a reader's files is news, not an error.
    fn open_readers(&self, inner: &mut Inner) -> Result<Vec<Notice>, OpenError> {
        let names: Vec<&str> = self.settings.reader_names.iter().map(String::as_str).collect();
        let mut notices = Vec::new();
        for partition in inner.partitions.values_mut() {
            let id = partition.id();
            let path = self.partition_path(id);
            let files = DirectoryReaderFiles::clean(&path, &names)
                .map_err(|cause| OpenError::Readers { partition: id, cause })?;
            if !files.is_empty() {
                notices.push(Notice::SpillsRemoved { partition: id, files: files.len() });
            }
            let log_end = self.log_end(id);
            let begins = partition.last_position().plus(1).max(log_end);
            let life = Life { id: self.life, begins: journal::Position(begins.0) };
            let (history, damage) = begin_life(&path, journal_partition(id), life)
                .map_err(|cause| OpenError::Readers { partition: id, cause })?;
            let history: Arc<History> = Arc::new(history);
            notices.extend(damage.map(|cause| Notice::HistoryDamaged { partition: id, cause }));
            let source = PartitionSource {
                journal: inner.host.journal.log.readers(),
                recovery: self.recovery.clone(),
                partition: journal_partition(id),
                commit: inner.host.journal.log.commit_index(journal_partition(id)),
                lost: journal::Position(log_end.0)..journal::Position(begins.0),
            };
            self.pasts.add(id, source.clone());
            for name in &names {
                let reader = partition.add_reader();
                let reader = inner.host.readers.open((id, reader), name, &path, &source, &history);
                if let Some(cause) = reader.damage() {
                    let (reader, cause) = ((*name).into(), cause.to_owned());
                    notices.push(Notice::ReaderDamaged { partition: id, reader, cause });
                }
                self.readers.lock().push(reader);
            }
        }
        Ok(notices)
    }

    /// The position after everything that the logs hold of a partition.
    fn log_end(&self, id: PartitionId) -> Position {
        let ranges = self.recovery.partitions();
        let range = ranges.iter().find(|range| range.partition == journal_partition(id));
        range.map_or(Position(0), |range| Position(range.end.0))
    }

    /// What the logs of the cores that are open still have.
    pub fn pasts(&self) -> Pasts {
        self.pasts.clone()
    }

    /// The readers of all cores that are open, each once.
    pub fn take_readers(&self) -> Vec<LogReader> {
        std::mem::take(&mut self.readers.lock())
    }

    fn open_journal(
        &self,
        core: usize,
        partitions: &[PartitionId],
        side: &Side,
    ) -> Result<Journal, OpenError> {
        let batch_bytes_max = usize::try_from(self.settings.segment_bytes)
            .map_or(journal::BATCH_BYTES_MAX, |segment| segment.min(journal::BATCH_BYTES_MAX));
        let defaults = journal::Settings::default();
        let settings = journal::Settings {
            segment_bytes: self.settings.segment_bytes,
            first_segment_bytes: defaults.first_segment_bytes.min(self.settings.segment_bytes),
            batch_bytes_max,
            ..defaults
        };
        let partitions: Vec<_> = partitions.iter().copied().map(journal_partition).collect();
        let number = journal_number(core);
        let log = journal::Journal::open(&self.recovery, number, &partitions, &settings, side.clone())?;
        Ok(Journal {
            log,
            retired: self.retired.clone(),
            removals: Vec::new(),
            is_unhurried: false,
            failure: None,
        })
    }
}

/// What to say of a partition whose replay wanted a checkpoint that found no space.
fn delayed_checkpoint(partition: &Partition) -> Option<Notice> {
    let cause = partition.checkpoint_delayed_by().to_owned();
    let partition = partition.is_checkpoint_delayed().then(|| partition.id())?;
    Some(Notice::CheckpointWaits { partition, cause })
}

impl Inner {
    /// What the states hold already and no reader needs is not needed in the log.
    fn release_checkpointed_log(&mut self) {
        for partition in self.partitions.values_mut() {
            partition.check_log(wall_clock(), &mut self.host);
        }
    }
}
