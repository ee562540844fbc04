//! A log in memory as a projector's feed, and what the tables hold after it.

use ringbolt_exporters::{Definition, Feed, FeedItem, FeedState, Progress, StatePart};
use ringbolt_query::schema::{INSTANCE_TABLES, TAKEN_FLOWS};
use ringbolt_query::{Ages, Batching, Files, History, Pace, Projector, StoreEvent, Visible, Waited};
use ringbolt_record::{EntryRef, Key, PartitionId, Position};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) const PARTITION: PartitionId = PartitionId(1);

/// A directory in memory where there is one: thousands of stores are made in it.
pub(crate) fn quick_directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap()
}

/// What tells the state, part by part.
pub(crate) type Telling = Box<dyn Fn(&[u8]) -> Option<StatePart> + Send>;

/// What outlives a projector.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Vec<u8>>,
    /// Entries that are gone.
    pub(crate) gone: usize,
    pub(crate) acknowledged: Option<u64>,
    pub(crate) life: u128,
    pub(crate) shown: Progress,
    /// Why it cannot be read.
    pub(crate) failing: Option<String>,
    /// The last entry of what is given at a time cannot be read.
    pub(crate) is_torn: bool,
    /// What the core knows.
    pub(crate) definitions: BTreeMap<Key, Definition>,
    /// Who tells the state.
    pub(crate) state: Option<Telling>,
}

fn span(bytes: &[u8]) -> Range<u64> {
    let entry = EntryRef::parse(bytes).expect("an entry");
    let first = entry.first_position().0;
    first..first + u64::from(entry.record_count())
}

/// Gives a number of entries at a time.
pub(crate) struct MemoryFeed {
    pub(crate) log: Arc<Mutex<Log>>,
    pub(crate) sizes: Vec<usize>,
    turn: usize,
    next: u64,
    gap: Option<(Position, Position)>,
    taken: Vec<Vec<u8>>,
}

impl MemoryFeed {
    pub(crate) fn new(log: &Arc<Mutex<Log>>, sizes: Vec<usize>) -> Box<Self> {
        Box::new(Self { log: log.clone(), sizes, turn: 0, next: 1, gap: None, taken: Vec::new() })
    }
}

impl Feed for MemoryFeed {
    fn partition(&self) -> PartitionId {
        PARTITION
    }
    fn is_new(&self) -> bool {
        self.log.lock().unwrap().acknowledged.is_none()
    }
    fn acknowledged(&self) -> Position {
        Position(self.log.lock().unwrap().acknowledged.unwrap_or(1))
    }
    fn last_position(&self) -> Position {
        Position(self.log.lock().unwrap().entries.last().map_or(0, |bytes| span(bytes).end - 1))
    }
    fn seek(&mut self, next: Position) {
        self.next = next.0.max(self.acknowledged().0);
        self.taken.clear();
        self.gap = None;
    }
    fn fill(&mut self) -> Result<FeedState, String> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let log = self.log.lock().unwrap();
        if let Some(cause) = &log.failing {
            return Err(cause.clone());
        }
        let rest = log.entries[log.gone..].iter().filter(|bytes| span(bytes).end > self.next);
        self.taken = rest.take(size).cloned().collect();
        let gone = log.entries[..log.gone].last().map_or(0, |bytes| span(bytes).end);
        let from = self.taken.first().map_or(gone.max(self.next), |bytes| span(bytes).start);
        self.gap = (from > self.next).then(|| (Position(self.next), Position(from - 1)));
        let Some(last) = self.taken.last() else {
            self.next = from;
            return Ok(FeedState::CaughtUp);
        };
        self.next = span(last).end;
        Ok(FeedState::More)
    }
    fn items(&self) -> Box<dyn Iterator<Item = FeedItem<'_>> + '_> {
        let gap = self.gap.iter().map(|(from, to)| FeedItem::Gap { from: *from, to: *to });
        let torn = if self.log.lock().unwrap().is_torn { self.taken.len().checked_sub(1) } else { None };
        let entries = self.taken.iter().enumerate();
        let all = entries.map(move |(at, bytes)| match torn {
            Some(torn) if torn == at => FeedItem::Entry(&bytes[..4]),
            _ => FeedItem::Entry(bytes),
        });
        Box::new(gap.chain(all))
    }
    fn end(&self) -> Option<Position> {
        (!self.taken.is_empty() || self.gap.is_some()).then_some(Position(self.next))
    }
    fn acknowledge(&mut self, next: Position) -> Result<(), String> {
        self.log.lock().unwrap().acknowledged = Some(next.0);
        Ok(())
    }
    fn definition(&self, key: Key) -> Option<Option<Definition>> {
        Some(self.log.lock().unwrap().definitions.get(&key).cloned())
    }
    fn state(&self, from: &[u8]) -> Option<StatePart> {
        let log = self.log.lock().unwrap();
        log.state.as_ref().and_then(|state| state(from))
    }
    fn life(&self) -> u128 {
        self.log.lock().unwrap().life
    }
    fn is_own_past(&self, life: u128, _position: Position) -> bool {
        life == self.log.lock().unwrap().life
    }
    fn show(&self, progress: &Progress) {
        self.log.lock().unwrap().shown = progress.clone();
    }
}

/// A projector over a directory, its files and what it told.
pub(crate) struct Bench {
    pub(crate) files: Arc<Files>,
    pub(crate) visible: Arc<Visible>,
    pub(crate) projector: Projector,
    pub(crate) events: Vec<StoreEvent>,
    now_ms: u64,
    young_ms: u64,
}

impl Bench {
    pub(crate) fn new(directory: &Path, log: &Arc<Mutex<Log>>, sizes: Vec<usize>) -> Self {
        Self::keeping(directory, log, sizes, History::default())
    }

    /// One in which instances stay in memory for so many turns.
    pub(crate) fn young(directory: &Path, log: &Arc<Mutex<Log>>, sizes: Vec<usize>, young_ms: u64) -> Self {
        Self::made(directory, log, sizes, History::default(), young_ms)
    }

    /// One that keeps so much of the past.
    pub(crate) fn keeping(
        directory: &Path,
        log: &Arc<Mutex<Log>>,
        sizes: Vec<usize>,
        history: History,
    ) -> Self {
        Self::made(directory, log, sizes, history, 0)
    }

    fn made(
        directory: &Path,
        log: &Arc<Mutex<Log>>,
        sizes: Vec<usize>,
        history: History,
        young_ms: u64,
    ) -> Self {
        let files = Arc::new(Files::new(directory, [PARTITION]));
        let visible = Arc::new(Visible::new([PARTITION]));
        let feed = MemoryFeed::new(log, sizes);
        let batching = Batching { bytes_max: 1, young_ms };
        let projector = Projector::new(feed, &files, visible.clone(), history, batching);
        Self::of(files, visible, projector, young_ms)
    }

    /// The same, where instances of some processes are kept for another time.
    pub(crate) fn keeping_each(self, ages: &Ages) -> Self {
        let Self { files, visible, projector, young_ms, .. } = self;
        Self::of(files, visible, projector.keeping_each(ages), young_ms)
    }

    fn of(files: Arc<Files>, visible: Arc<Visible>, projector: Projector, young_ms: u64) -> Self {
        Self { files, visible, projector, events: Vec::new(), now_ms: 0, young_ms }
    }

    /// One turn, a moment after the one before.
    pub(crate) fn turn(&mut self) -> Pace {
        self.now_ms += 1;
        self.projector.turn(self.now_ms, &mut |event| self.events.push(event))
    }

    /// Turns until it has caught up, and nothing is young any more.
    pub(crate) fn run(&mut self) {
        for _ in 0..100_000 {
            if self.turn() == Pace::CaughtUp {
                self.later(self.young_ms);
                self.turn();
                return;
            }
        }
        panic!("it does not catch up: {:?}", self.events);
    }

    /// Lets time pass.
    pub(crate) fn later(&mut self, ms: u64) {
        self.now_ms += ms;
    }

    pub(crate) fn hot(&self) -> Connection {
        self.files.partition(PARTITION).unwrap().open_hot().expect("it can be read")
    }

    /// Turns until at most so many finished instances are in no file.
    pub(crate) fn settle(&mut self, most: u64) {
        let started = Instant::now();
        let recent = "SELECT (SELECT count(*) FROM recent_a_process_instances) \
                      + (SELECT count(*) FROM recent_b_process_instances)";
        while self.hot().query_row(recent, [], |row| row.get::<_, u64>(0)).expect("a row") > most {
            self.turn();
            assert!(started.elapsed() < Duration::from_secs(30), "{:?}", self.events);
            std::thread::yield_now();
        }
    }

    /// What `hot.db` has of instances.
    pub(crate) fn dump_instances(&self) -> String {
        instances(&self.hot())
    }

    /// Everything that can be searched.
    pub(crate) fn dump(&self) -> String {
        let hot = self.hot();
        let others = [
            "process_definitions",
            "elements",
            "decision_requirements",
            "decision_definitions",
            "forms",
            "resources",
        ];
        let others: String = others.into_iter().map(|table| rows(&hot, table, "*")).collect();
        self.dump_instances() + &others
    }

    pub(crate) fn waits_for(&self, position: u64) -> Waited {
        self.visible.wait(PARTITION, Position(position), Instant::now())
    }
}

/// What is in an instance says when that began as the instance does.
pub(crate) fn check_starts(connection: &Connection) {
    let sql = "SELECT count(*) FROM element_instances e JOIN process_instances p USING (process_instance_key) \
         WHERE e.process_start_date IS NOT p.start_date";
    let wrong: i64 = connection.query_row(sql, [], |row| row.get(0)).expect("SQL");
    assert_eq!(wrong, 0, "element instances");
}

/// All rows of instances in a file, and the sequence flows that they took, wherever these stand.
pub(crate) fn instances(connection: &Connection) -> String {
    check_starts(connection);
    let of = |table: &str| {
        let columns = "SELECT group_concat(name) FROM pragma_table_info(?) WHERE name <> 'flows'";
        let columns: String = connection.query_row(columns, [table], |row| row.get(0)).expect("SQL");
        rows(connection, table, &columns)
    };
    instance_names().map(of).collect()
}

/// Of what there are rows.
pub(crate) fn instance_names() -> impl Iterator<Item = &'static str> {
    INSTANCE_TABLES.into_iter().map(|table| if table == "sequence_flows" { TAKEN_FLOWS } else { table })
}

/// The rows of a table in the order of their first two columns, one a line.
pub(crate) fn rows(connection: &Connection, table: &str, columns: &str) -> String {
    let mut statement =
        connection.prepare(&format!("SELECT {columns} FROM {table} ORDER BY 1, 2")).expect("SQL");
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).expect("a query");
    let mut out = String::new();
    while let Some(row) = rows.next().expect("a row") {
        write!(out, "{table}").unwrap();
        for (at, name) in names.iter().enumerate() {
            match row.get_ref(at).expect("a column") {
                ValueRef::Null => {}
                ValueRef::Integer(number) => write!(out, " {name}={number}").unwrap(),
                ValueRef::Text(text) => {
                    write!(out, " {name}={:?}", String::from_utf8_lossy(text)).unwrap();
                }
                ValueRef::Blob(bytes) => write!(out, " {name}={}b", bytes.len()).unwrap(),
                ValueRef::Real(number) => write!(out, " {name}={number}r").unwrap(),
            }
        }
        out.push('\n');
    }
    out
}
