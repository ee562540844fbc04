//! An engine whose entries go to a projector through memory, for the examples that measure.

// Each example uses its part.
#![allow(dead_code, reason = "each example uses its part")]

use ringbolt_engine::{Engine, EngineSettings, JobStreams, StreamGrant};
use ringbolt_exporters::{Definition, Feed, FeedItem, FeedState, Progress, StatePart};
use ringbolt_record::command::{CreateDeployment, CreateProcessInstance, DefinitionSelector, Resource};
use ringbolt_record::values::{InstanceRef, ProcessInstanceCreationRecord};
use ringbolt_record::{
    Command, DEFAULT_TENANT, EntryBuilder, EntryMeta, EntryRef, Intent, JobIntent, Key, PartitionId,
    Position, ProcessInstanceCreationIntent, RequestContext, StreamId, TimestampMs, VariableDocument,
};
use ringbolt_store::open_memory;
use ringbolt_tables::Tables;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

pub(crate) const PARTITION: PartitionId = PartitionId(1);

struct NoStreams;

impl JobStreams for NoStreams {
    fn take_credit(&mut self, _job_type: &str, _tenant_id: &str) -> Option<StreamGrant> {
        None
    }
    fn return_credit(&mut self, _stream: StreamId) {}
}

/// Entries that wait to be read.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) end: u64,
}

/// The log.
pub(crate) struct MemoryFeed {
    pending: Arc<Mutex<Pending>>,
    taken: Pending,
    acknowledged: u64,
    is_new: bool,
}

impl MemoryFeed {
    pub(crate) fn new(pending: &Arc<Mutex<Pending>>) -> Box<Self> {
        Box::new(Self { pending: pending.clone(), taken: Pending::default(), acknowledged: 1, is_new: true })
    }

    /// For a store that is there, with nothing more to read.
    pub(crate) fn again(directory: &Path) -> Box<Self> {
        let hot = rusqlite::Connection::open(directory.join("partition-1/hot.db")).expect("a file");
        let resume = hot.query_row("SELECT resume FROM store", [], |row| row.get(0)).expect("a row");
        let pending = Pending { entries: Vec::new(), end: resume };
        let (pending, taken) = (Arc::new(Mutex::new(pending)), Pending::default());
        Box::new(Self { pending, taken, acknowledged: resume, is_new: false })
    }
}

impl Feed for MemoryFeed {
    fn partition(&self) -> PartitionId {
        PARTITION
    }
    fn is_new(&self) -> bool {
        self.is_new
    }
    fn acknowledged(&self) -> Position {
        Position(self.acknowledged)
    }
    fn last_position(&self) -> Position {
        Position(self.pending.lock().unwrap().end)
    }
    fn seek(&mut self, _next: Position) {}
    fn fill(&mut self) -> Result<FeedState, String> {
        self.taken = std::mem::take(&mut *self.pending.lock().unwrap());
        Ok(FeedState::CaughtUp)
    }
    fn items(&self) -> Box<dyn Iterator<Item = FeedItem<'_>> + '_> {
        Box::new(self.taken.entries.iter().map(|bytes| FeedItem::Entry(bytes)))
    }
    fn end(&self) -> Option<Position> {
        (!self.taken.entries.is_empty()).then_some(Position(self.taken.end))
    }
    fn acknowledge(&mut self, next: Position) -> Result<(), String> {
        self.acknowledged = next.0;
        Ok(())
    }
    fn definition(&self, _key: Key) -> Option<Option<Definition>> {
        Some(None)
    }
    fn state(&self, _from: &[u8]) -> Option<StatePart> {
        None
    }
    fn life(&self) -> u128 {
        1
    }
    fn is_own_past(&self, _life: u128, _position: Position) -> bool {
        true
    }
    fn show(&self, _progress: &Progress) {}
}

/// The engine, and the jobs that are open.
pub(crate) struct Work {
    engine: Engine,
    tables: Tables,
    next: u64,
    pub(crate) now: TimestampMs,
    pub(crate) pending: Pending,
    pub(crate) jobs: VecDeque<Key>,
    /// The instance that was created last.
    pub(crate) created: Key,
}

impl Work {
    pub(crate) fn new(now: TimestampMs) -> Self {
        Self {
            engine: Engine::new(EngineSettings::new(PARTITION)),
            tables: Tables::new(open_memory()),
            next: 1,
            now,
            pending: Pending::default(),
            jobs: VecDeque::new(),
            created: Key::NONE,
        }
    }

    pub(crate) fn process(&mut self, command: &Command) {
        let meta =
            EntryMeta { timestamp: self.now, first_position: Position(self.next), ..EntryMeta::default() };
        let mut entry = EntryBuilder::default();
        entry.begin(&meta);
        let _ = self.engine.process(
            &mut self.tables,
            command,
            &RequestContext::default(),
            self.now,
            &mut NoStreams,
            &mut entry,
            &mut Vec::new(),
        );
        self.next += u64::from(entry.record_count());
        let bytes = entry.finish(self.engine.key_counter()).to_vec();
        let job = Intent::Job(JobIntent::Created);
        let instance = Intent::ProcessInstanceCreation(ProcessInstanceCreationIntent::Created);
        for record in EntryRef::parse(&bytes).expect("an entry").records().map_while(Result::ok) {
            if record.header.intent == job {
                self.jobs.push_back(record.header.key);
            }
            if record.header.intent == instance {
                let value = record.value::<ProcessInstanceCreationRecord<'_>>().expect("a value");
                self.created = InstanceRef::of(&value.instance).process_instance_key;
            }
        }
        self.pending.entries.push(bytes);
        self.pending.end = self.next;
    }

    pub(crate) fn deploy(&mut self, name: &str, content: &[u8]) {
        let resource = Resource { name: name.to_owned(), content: content.to_vec().into() };
        let tenant_id = DEFAULT_TENANT.to_owned();
        self.process(&Command::CreateDeployment(CreateDeployment { resources: vec![resource], tenant_id }));
    }

    pub(crate) fn create(
        &mut self,
        bpmn_process_id: &str,
        business_id: String,
        variables: &VariableDocument,
    ) {
        self.process(&Command::CreateProcessInstance(CreateProcessInstance {
            definition: DefinitionSelector::Latest { bpmn_process_id: bpmn_process_id.to_owned() },
            variables: variables.clone(),
            start_element_ids: Vec::new(),
            terminate_after_element_ids: Vec::new(),
            tenant_id: DEFAULT_TENANT.to_owned(),
            tags: Vec::new(),
            business_id,
            await_result: None,
        }));
    }

    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Hands over what there is.
    pub(crate) fn hand_over(&mut self, pending: &Mutex<Pending>) {
        *pending.lock().unwrap() = std::mem::take(&mut self.pending);
    }
}

/// CPU time of this thread, microseconds.
pub(crate) fn own_us() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let ns = text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    ns.unwrap_or_default() / 1e3
}

/// CPU time of all threads that there were, microseconds.
pub(crate) fn all_us() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let behind_the_name = text.rsplit(") ").next().unwrap_or_default();
    let ticks = behind_the_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() * 1e4
}

pub(crate) fn bytes_in(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.metadata().map_or(0, |data| data.len())).sum()
}
