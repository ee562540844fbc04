//! What a one-task instance costs secondary storage: CPU of all its threads and bytes on disk, without reading the log.
//!
//! `cargo run --release -p ringbolt-query --example cost -- INSTANCES [ALIVE] [BATCH] [VARIABLE BYTES]`: so many instances, of which
//! ALIVE run at a time, folded in batches of BATCH instances.

use ringbolt_engine::{Engine, EngineSettings, JobStreams, StreamGrant};
use ringbolt_exporters::{Definition, Feed, FeedItem, FeedState, Progress, StatePart};
use ringbolt_query::{Batching, Files, History, Pace, Projector, Visible};
use ringbolt_record::command::{
    ActivateJobs, CreateDeployment, CreateProcessInstance, DefinitionSelector, Resource,
};
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, EntryBuilder, EntryMeta, EntryRef, Intent, JobIntent, Key,
    PartitionId, Position, RequestContext, StreamId, TimestampMs, VariableDocument,
};
use ringbolt_store::open_memory;
use ringbolt_tables::Tables;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

const PARTITION: PartitionId = PartitionId(1);
const NOW: TimestampMs = TimestampMs(1_893_456_000_000);

struct NoStreams;

impl JobStreams for NoStreams {
    fn take_credit(&mut self, _job_type: &str, _tenant_id: &str) -> Option<StreamGrant> {
        None
    }
    fn return_credit(&mut self, _stream: StreamId) {}
}

/// Entries that wait to be read.
#[derive(Default)]
struct Pending {
    entries: Vec<Vec<u8>>,
    end: u64,
}

struct MemoryFeed {
    pending: Arc<Mutex<Pending>>,
    taken: Pending,
    acknowledged: u64,
}

impl Feed for MemoryFeed {
    fn partition(&self) -> PartitionId {
        PARTITION
    }
    fn is_new(&self) -> bool {
        true
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
struct Work {
    engine: Engine,
    tables: Tables,
    next: u64,
    now: TimestampMs,
    pending: Pending,
    jobs: VecDeque<Key>,
}

impl Work {
    fn process(&mut self, command: &Command) {
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
        let created = Intent::Job(JobIntent::Created);
        for record in EntryRef::parse(&bytes).expect("an entry").records().map_while(Result::ok) {
            if record.header.intent == created {
                self.jobs.push_back(record.header.key);
            }
        }
        self.pending.entries.push(bytes);
        self.pending.end = self.next;
    }

    fn create(&mut self, variables: &VariableDocument) {
        self.process(&Command::CreateProcessInstance(CreateProcessInstance {
            definition: DefinitionSelector::Latest { bpmn_process_id: "one_task".to_owned() },
            variables: variables.clone(),
            start_element_ids: Vec::new(),
            terminate_after_element_ids: Vec::new(),
            tenant_id: DEFAULT_TENANT.to_owned(),
            tags: Vec::new(),
            business_id: format!("order-{}", self.next),
            await_result: None,
        }));
    }

    fn complete(&mut self) {
        self.process(&Command::ActivateJobs(ActivateJobs {
            job_type: "work".to_owned(),
            worker: "worker".to_owned(),
            timeout: DurationMs(60_000),
            jobs_max: 1,
            bytes_max: 4 << 20,
            fetch_variables: Vec::new(),
            tenant_ids: Vec::new(),
            with_leases: false,
        }));
        let job_key = self.jobs.pop_front().expect("an open job");
        self.process(&Command::CompleteJob { job_key, variables: VariableDocument::default() });
    }
}

/// CPU time of this thread, microseconds.
fn own_us() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let ns = text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    ns.unwrap_or_default() / 1e3
}

/// CPU time of all threads that there were, microseconds.
fn all_us() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let behind_the_name = text.rsplit(") ").next().unwrap_or_default();
    let ticks = behind_the_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() * 1e4
}

fn bytes_in(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.metadata().map_or(0, |data| data.len())).sum()
}

fn main() {
    let arguments: Vec<usize> =
        std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let argument = |at: usize, default| arguments.get(at).copied().unwrap_or(default);
    let (count, alive) = (argument(0, 100_000), argument(1, 20));
    let (batch, variable_bytes) = (argument(2, 100), argument(3, 1_000));
    let directory = std::path::PathBuf::from(
        std::env::var("DIRECTORY").unwrap_or_else(|_| format!("target/cost-{}", std::process::id())),
    );
    let (files, visible) = (Files::new(&directory, [PARTITION]), Arc::new(Visible::new([PARTITION])));
    let pending = Arc::new(Mutex::new(Pending::default()));
    let feed = MemoryFeed { pending: pending.clone(), taken: Pending::default(), acknowledged: 1 };
    let mut projector =
        Projector::new(Box::new(feed), &files, visible, History::default(), Batching::default());
    let mut work = Work {
        engine: Engine::new(EngineSettings::new(PARTITION)),
        tables: Tables::new(open_memory()),
        next: 1,
        now: NOW,
        pending: Pending::default(),
        jobs: VecDeque::new(),
    };
    let content = include_bytes!("../../../docs/samples/one_task.bpmn");
    let resource = Resource { name: "one_task.bpmn".to_owned(), content: content.to_vec().into() };
    let tenant_id = DEFAULT_TENANT.to_owned();
    work.process(&Command::CreateDeployment(CreateDeployment { resources: vec![resource], tenant_id }));
    let json = format!(r#"{{"payload":"{}"}}"#, "x".repeat(variable_bytes));
    let variables = VariableDocument::parse(json.into()).expect("JSON");
    let (mut spent, mut now_ms, mut done) = (0.0, 0, 0);
    let mut quarter = (0.0, 0);
    while done < count {
        for _ in 0..batch {
            work.create(&variables);
            if work.jobs.len() > alive {
                work.complete();
            }
            work.now = TimestampMs(work.now.0 + 1);
        }
        done += batch;
        *pending.lock().unwrap() = std::mem::take(&mut work.pending);
        now_ms += 50;
        let own = own_us();
        while projector.turn(now_ms, &mut |event| println!("{event:?}")) != Pace::CaughtUp {}
        spent += own_us() - own;
        if (done - quarter.1) * 4 >= count {
            let each = (spent - quarter.0) / (done - quarter.1) as f64;
            println!("{done} instances: {each:.1} us each of the projector since the last line");
            quarter = (spent, done);
        }
    }
    projector.finish();
    let beside = all_us() - own_us();
    let bytes = bytes_in(&directory.join("partition-1")) as f64 / done as f64;
    println!(
        "{:.1} us an instance ({:.1} of it beside the projector), {bytes:.0} bytes",
        (spent + beside) / done as f64,
        beside / done as f64,
    );
    if std::env::var_os("DIRECTORY").is_none() {
        let _ = std::fs::remove_dir_all(&directory);
    }
}
