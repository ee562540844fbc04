//! The exporter between a log in memory and files: order, exactly once over crashes, failing sinks, foreign directories.

use ringbolt_exporters::{
    Definition, Event, Exporter, Feed, FeedItem, FeedState, Filter, Held, Jsonl, Lines, Progress, Sink,
    SinkError, StatePart, Turn,
};
use ringbolt_record::values::{
    Arrival, ElementInstanceRef, InstanceRef, ProcessInstanceRecord, VariableRecord,
};
use ringbolt_record::{
    BpmnElementType, BpmnEventType, ElementIndex, EntryBuilder, EntryMeta, Key, PartitionId, Position,
    ProcessInstanceIntent, RecordType, TimestampMs, VariableIntent,
};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const PARTITION: PartitionId = PartitionId(1);
/// The one life whose records may be set aside.
const ANEW: u128 = 77;
const MODEL: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"
 targetNamespace="t"><process id="p" isExecutable="true"><startEvent id="begin"/></process></definitions>"#;

/// A log and what is kept of its reader.
#[derive(Default)]
struct Log {
    /// Entries with their first position; an empty one stands for what is gone.
    entries: Vec<(u64, Arc<[u8]>)>,
    end: u64,
    acknowledged: Option<u64>,
    /// Lives of its directory with the position at which each began.
    lives: Vec<(u128, u64)>,
    shown: Progress,
    asked: u32,
}

struct LogFeed {
    log: Arc<Mutex<Log>>,
    next: u64,
    taken: Option<(u64, Arc<[u8]>)>,
}

impl Feed for LogFeed {
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
        Position(self.log.lock().unwrap().end - 1)
    }
    fn seek(&mut self, next: Position) {
        self.next = next.0.max(self.acknowledged().0);
        self.taken = None;
    }
    fn fill(&mut self) -> Result<FeedState, String> {
        let log = self.log.lock().unwrap();
        let end_of = |at: usize| log.entries.get(at + 1).map_or(log.end, |(first, _)| *first);
        let at = (0..log.entries.len()).find(|at| end_of(*at) > self.next);
        self.taken = at.map(|at| log.entries[at].clone());
        let Some(at) = at else { return Ok(FeedState::CaughtUp) };
        self.next = end_of(at);
        Ok(FeedState::More)
    }
    fn items(&self) -> Box<dyn Iterator<Item = FeedItem<'_>> + '_> {
        Box::new(self.taken.iter().map(|(first, bytes)| match bytes.is_empty() {
            true => FeedItem::Gap { from: Position(*first), to: Position(self.next - 1) },
            false => FeedItem::Entry(bytes),
        }))
    }
    fn end(&self) -> Option<Position> {
        self.taken.as_ref().map(|_| Position(self.next))
    }
    fn acknowledge(&mut self, next: Position) -> Result<(), String> {
        self.log.lock().unwrap().acknowledged = Some(next.0);
        Ok(())
    }
    fn definition(&self, _key: Key) -> Option<Option<Definition>> {
        let mut log = self.log.lock().unwrap();
        log.asked += 1;
        // The core answers a little later.
        (log.asked > 1).then(|| {
            Some(Definition {
                bpmn_process_id: "p".to_owned(),
                version: 3,
                resource_name: "p.bpmn".to_owned(),
                resource: MODEL.as_bytes().to_vec(),
            })
        })
    }
    fn state(&self, _from: &[u8]) -> Option<StatePart> {
        None
    }
    fn life(&self) -> u128 {
        self.log.lock().unwrap().lives.last().expect("a life").0
    }
    fn is_own_past(&self, life: u128, position: Position) -> bool {
        let lives = &self.log.lock().unwrap().lives;
        let Some(at) = lives.iter().position(|(id, _)| *id == life) else { return false };
        lives.get(at + 1).is_none_or(|(_, begins)| position.0 < *begins)
    }
    fn show(&self, progress: &Progress) {
        self.log.lock().unwrap().shown = progress.clone();
    }
}

/// An entry of three records: a command, a variable, an element.
fn entry(first: u64) -> Arc<[u8]> {
    let key = |counter| Key::new(PARTITION, counter);
    let instance = InstanceRef {
        process_definition_key: key(1),
        process_instance_key: key(2),
        root_process_instance_key: key(2),
    };
    let mut builder = EntryBuilder::default();
    builder.begin(&EntryMeta {
        timestamp: TimestampMs(5),
        first_position: Position(first),
        ..EntryMeta::default()
    });
    builder.push_command(ProcessInstanceIntent::Cancel.into(), key(2));
    let variable =
        VariableRecord { instance, scope_key: key(2), name: "a\n\"b", value: br#"{"x":[1]}"#, tenant_id: "" };
    builder.push(RecordType::Event, VariableIntent::Created.into(), key(10), &variable);
    let element = ElementInstanceRef {
        instance,
        flow_scope_key: key(2),
        element_index: ElementIndex(1),
        element_type: BpmnElementType::StartEvent,
        event_type: BpmnEventType::None,
    };
    let value = ProcessInstanceRecord {
        element,
        parent_process_instance_key: Key::NONE,
        parent_element_instance_key: Key::NONE,
        arrival: Arrival::None,
        promised: 0,
        tenant_id: "",
    };
    builder.push(RecordType::Event, ProcessInstanceIntent::ElementActivated.into(), key(11), &value);
    builder.finish(11).into()
}

fn log_of(entries: u64) -> Arc<Mutex<Log>> {
    let entries: Vec<_> = (0..entries).map(|at| (1 + 3 * at, entry(1 + 3 * at))).collect();
    let end = 1 + 3 * entries.len() as u64;
    Arc::new(Mutex::new(Log { entries, end, lives: vec![(1, 1)], ..Log::default() }))
}

fn exporter(log: &Arc<Mutex<Log>>, sink: impl Sink + 'static, filter: Filter) -> Exporter {
    let feed = LogFeed { log: log.clone(), next: 1, taken: None };
    Exporter::new(Box::new(sink), filter, vec![Box::new(feed)], vec![ANEW])
}

/// Turns until there was nothing to do three times; what was to be told.
fn run(exporter: &mut Exporter, now_ms: u64) -> Vec<Event> {
    let (mut events, mut idle) = (Vec::new(), 0);
    while idle < 3 {
        idle = match exporter.turn(now_ms, &mut |event| events.push(event)) {
            Turn::Worked => 0,
            Turn::Idle => idle + 1,
        };
    }
    events
}

fn export_to(log: &Arc<Mutex<Log>>, directory: &Path, file_bytes_max: u64) -> Vec<Event> {
    let sink = Jsonl::new(directory.to_owned(), file_bytes_max);
    run(&mut exporter(log, sink, Filter::default()), 0)
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect();
    paths.sort();
    paths
}

fn lines(directory: &Path) -> Vec<Value> {
    let text: String = files(directory).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    text.lines().map(|line| serde_json::from_str(line).expect("a whole line of JSON")).collect()
}

fn positions(directory: &Path) -> Vec<u64> {
    lines(directory).iter().map(|line| line["position"].as_u64().unwrap()).collect()
}

#[test]
fn records_are_exported_in_order_with_names_and_over_several_files() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(10));
    let out = dir.path().join("out");
    let mut exporter = exporter(&log, Jsonl::new(out.clone(), 2_000), Filter::default());
    assert_eq!(run(&mut exporter, 0), []);
    assert_eq!(positions(&out), (1..=30).collect::<Vec<_>>());
    assert!(files(&out).len() > 3, "files are closed at their size");
    let all = lines(&out);
    let (command, variable, element) = (&all[0], &all[1], &all[2]);
    assert_eq!((&command["recordType"], &command["value"]), (&json!("COMMAND"), &json!({})));
    assert_eq!(variable["value"]["name"], "a\n\"b");
    assert_eq!(variable["value"]["value"], r#"{"x":[1]}"#);
    assert_eq!(variable["value"]["bpmnProcessId"], "p");
    assert_eq!(variable["sourceRecordPosition"], 1);
    assert_eq!((&element["value"]["elementId"], &element["value"]["version"]), (&json!("begin"), &json!(3)));
    assert_eq!(log.lock().unwrap().shown.lines, 30);
    exporter.finish();
    assert_eq!(log.lock().unwrap().acknowledged, Some(31));
}

#[test]
fn a_crash_after_any_byte_leaves_every_record_once() {
    /// More than one batch of lines.
    const FILE_BYTES: u64 = 4_000;
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(6));
    export_to(&log, dir.path(), FILE_BYTES);
    let written: Vec<(_, Vec<u8>)> =
        files(dir.path()).iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let total: usize = written.iter().map(|(_, bytes)| bytes.len()).sum();
    for cut in (0..=total).step_by(41) {
        for acknowledged in [1, 4] {
            if cut < written[0].1.len() && acknowledged > 1 {
                // What is acknowledged is durable.
                continue;
            }
            // Files of the round before may begin elsewhere.
            files(dir.path()).iter().for_each(|path| fs::remove_file(path).unwrap());
            let mut left = cut;
            for (path, bytes) in &written {
                let keep = left.min(bytes.len());
                left -= keep;
                if keep > 0 {
                    fs::write(path, &bytes[..keep]).unwrap();
                }
            }
            log.lock().unwrap().acknowledged = Some(acknowledged);
            let events = export_to(&log, dir.path(), FILE_BYTES);
            let expected: Vec<u64> = (1..=18).collect();
            assert_eq!((events, positions(dir.path())), (Vec::new(), expected), "cut at {cut}");
        }
    }
}

#[test]
fn a_filter_lets_through_what_it_names_and_positions_go_on() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(4));
    let filter = Filter::new(&["variable".to_owned()], &["EVENT".to_owned()]).unwrap();
    let mut exporter = exporter(&log, Jsonl::new(dir.path().to_owned(), 1 << 20), filter);
    run(&mut exporter, 1_000);
    assert_eq!(positions(dir.path()), [2, 5, 8, 11]);
    exporter.finish();
    assert_eq!(log.lock().unwrap().acknowledged, Some(13));
}

#[test]
fn a_gap_is_a_line_and_an_event() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(4));
    log.lock().unwrap().entries[1].1 = Arc::new([]);
    let events = export_to(&log, dir.path(), 1 << 20);
    assert_eq!(events, [Event::Gap { partition: PARTITION, positions: 3 }]);
    assert_eq!(positions(dir.path()), [1, 2, 3, 6, 7, 8, 9, 10, 11, 12]);
    let gap = lines(dir.path())[3].clone();
    assert_eq!((&gap["recordType"], &gap["fromPosition"]), (&json!("GAP"), &json!(4)));
    assert_eq!(gap["toPosition"], 6);
}

#[test]
fn a_directory_that_goes_is_noticed_and_what_is_not_acknowledged_comes_again() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(4));
    let out = dir.path().join("out");
    let mut exporter = exporter(&log, Jsonl::new(out.clone(), 1 << 20), Filter::default());
    run(&mut exporter, 10_000);
    let acknowledged = log.lock().unwrap().acknowledged.unwrap();
    fs::remove_dir_all(&out).unwrap();
    {
        let mut log = log.lock().unwrap();
        let end = log.end;
        log.entries.push((end, entry(end)));
        log.end += 3;
    }
    let events = run(&mut exporter, 20_000);
    assert!(format!("{events:?}").contains("removed"), "{events:?}");
    let events = run(&mut exporter, 21_000);
    assert!(matches!(events[..], [Event::Failing { .. }]), "it is not made again: {events:?}");
    assert!(!out.exists() && log.lock().unwrap().shown.failing.is_some());
    fs::create_dir(&out).unwrap();
    assert_eq!(run(&mut exporter, 60_000), [Event::Recovered { partition: PARTITION }]);
    assert_eq!(positions(&out), (acknowledged..=15).collect::<Vec<_>>());
    assert_eq!(log.lock().unwrap().shown.failing, None);
}

#[test]
fn files_of_other_data_are_not_continued() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(4));
    export_to(&log, dir.path(), 1 << 20);
    let other = log_of(4);
    let events = export_to(&other, dir.path(), 1 << 20);
    assert!(format!("{events:?}").contains("another history"), "{events:?}");
    assert_eq!(positions(dir.path()).len(), 12);
}

/// A directory was copied at position 6 of its first life and started again; the sink went on with the original.
fn restored(original: &Arc<Mutex<Log>>, life: u128) -> Arc<Mutex<Log>> {
    let copy = log_of(5);
    copy.lock().unwrap().acknowledged = Some(7);
    copy.lock().unwrap().lives = vec![(1, 1), (life, 7)];
    original.lock().unwrap().lives.push((2, 13));
    copy
}

#[test]
fn a_restored_directory_never_goes_on_in_the_lines_of_the_original() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(4));
    export_to(&log, dir.path(), 1 << 20);
    let before = fs::read(&files(dir.path())[0]).unwrap();
    let copy = restored(&log, 3);
    // It is longer than the original by now, and stays refused.
    let events = export_to(&copy, dir.path(), 1 << 20);
    let [Event::Failing { cause, .. }] = &events[..] else { panic!("{events:?}") };
    assert!(cause.contains("up to position 12 of another history"), "{cause}");
    assert!(cause.ends_with("start with --export-anew 00000000000000000000000000000001"), "{cause}");
    assert_eq!(fs::read(&files(dir.path())[0]).unwrap(), before);
    // The original goes on, in its second life too.
    assert_eq!(export_to(&log, dir.path(), 1 << 20), []);
}

#[test]
fn what_another_history_wrote_is_set_aside_when_told_and_a_gap_stands_first() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(4));
    log.lock().unwrap().lives = vec![(ANEW, 1)];
    export_to(&log, dir.path(), 1 << 20);
    let before = fs::read(&files(dir.path())[0]).unwrap();
    let copy = restored(&log, 3);
    let events = export_to(&copy, dir.path(), 1 << 20);
    let set_aside = Event::SetAside { partition: PARTITION, life: ANEW };
    assert_eq!(events, [set_aside, Event::Gap { partition: PARTITION, positions: 6 }]);
    let lines = lines(dir.path());
    assert_eq!(
        (&lines[0]["recordType"], &lines[0]["fromPosition"], &lines[0]["toPosition"]),
        (&json!("GAP"), &json!(1), &json!(6))
    );
    assert_eq!(positions(dir.path()), (6..=15).collect::<Vec<_>>());
    let aside = dir.path().join(format!("history-{ANEW:032x}"));
    assert_eq!(fs::read(&files(&aside)[0]).unwrap(), before);
    // The setting may stay: from now on it is the copy's own.
    assert_eq!(export_to(&copy, dir.path(), 1 << 20), []);
    assert_eq!(positions(dir.path()), (6..=15).collect::<Vec<_>>());
}

#[test]
fn lines_of_which_nobody_knows_the_life_are_another_history() {
    let (dir, log) = (tempfile::tempdir().unwrap(), log_of(4));
    export_to(&log, dir.path(), 1 << 20);
    fs::write(dir.path().join("partition-1.lives"), "rotten").unwrap();
    let events = export_to(&log, dir.path(), 1 << 20);
    assert!(format!("{events:?}").contains("--export-anew 00000000000000000000000000000000"), "{events:?}");
}

#[test]
fn one_process_writes_to_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Jsonl::new(dir.path().to_owned(), 1 << 20);
    assert_eq!(first.open(PARTITION, Position(1)), Ok(None));
    let error = Jsonl::new(dir.path().to_owned(), 1 << 20).open(PARTITION, Position(1)).expect_err("taken");
    assert!(error.to_string().contains("in use"), "{error}");
}

/// What a sink is to do and has done.
#[derive(Default)]
struct Flaky {
    failures_left: u32,
    opened: u32,
    last: u64,
}

struct FlakySink(Arc<Mutex<Flaky>>);

impl Sink for FlakySink {
    fn open(&mut self, _: PartitionId, _: Position) -> Result<Option<Held>, SinkError> {
        let mut state = self.0.lock().unwrap();
        state.opened += 1;
        Ok((state.last > 0).then_some(Held { last: Position(state.last), life: Some(1) }))
    }
    fn begin_life(&mut self, _: PartitionId, _: u128, _: Position) -> Result<(), SinkError> {
        Ok(())
    }
    fn set_aside(&mut self, _: PartitionId) -> Result<(), SinkError> {
        panic!("nothing is to be set aside")
    }
    fn export(&mut self, _: PartitionId, lines: &Lines) -> Result<(), SinkError> {
        let mut state = self.0.lock().unwrap();
        if state.failures_left > 0 {
            state.failures_left -= 1;
            return Err(SinkError("out of order".to_owned()));
        }
        state.last = lines.first().unwrap().0 + lines.count() - 1;
        Ok(())
    }
}

#[test]
fn a_failing_sink_is_tried_again_with_growing_pauses() {
    let log = log_of(2);
    let state = Arc::new(Mutex::new(Flaky { failures_left: 4, ..Flaky::default() }));
    let mut exporter = exporter(&log, FlakySink(state.clone()), Filter::default());
    let mut failures = Vec::new();
    for now_ms in (0..5_000).step_by(50) {
        for event in run(&mut exporter, now_ms) {
            match event {
                Event::Failing { .. } => failures.push(now_ms),
                Event::Recovered { .. } => assert_eq!(now_ms, 1_500),
                Event::Gap { .. } | Event::Damaged { .. } | Event::SetAside { .. } => panic!("{event:?}"),
            }
        }
    }
    assert_eq!(failures, [0, 100, 300, 700]);
    let state = state.lock().unwrap();
    assert_eq!((state.opened, state.last), (5, 6), "opened again after each failure, and everything arrived");
    assert_eq!(log.lock().unwrap().shown.errors, 4);
}
