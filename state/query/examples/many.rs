//! How long searches take over many instances: `cargo run --release -p ringbolt-query --example many -- FINISHED [RUNNING]`.
//!
//! So many finished and running instances (10,000,000 and 100,000 unless said) go through the engine and a projector into `DIRECTORY` (or one of its
//! own, which it removes). Then each search is asked 100 times while 500 instances a second begin and end, and its middle and its 95th of a hundred are printed in
//! milliseconds, with the bytes of an instance, memory, and what it costs to remove a million. With `AGAIN` in the environment the directory of a run
//! before, which was ended while it searched, is asked again, and nothing else happens.

mod shared;

use ringbolt_query::like::Pattern;
use ringbolt_query::views::instances::{INCIDENTS_VIEW, PROCESS_INSTANCES, VARIABLES_OF_INSTANCE};
use ringbolt_query::views::jobs::{JOBS, USER_TASKS};
use ringbolt_query::{
    Batching, Cancel, Files, Filter, History, Kind, Order, Pace, Page, Projector, Query, Searcher, Start,
    StoreEvent, Test, Value, View, Visible,
};
use ringbolt_record::command::FailJob;
use ringbolt_record::{Command, DurationMs, Key, TimestampMs, VariableDocument};
use shared::{MemoryFeed, PARTITION, Pending, Work, all_us, bytes_in, own_us};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// Definitions of orders, groups of people, types of work, texts of errors.
const KINDS: u64 = 10;
/// How often each search is asked.
const TIMES: usize = 100;
/// Instances that are folded at once while it is filled.
const BATCH: u64 = 500;
/// Milliseconds between two instances, so that ten million take a month.
const APART_MS: u64 = 250;

/// One of numbers that look random.
fn mixed(number: u64) -> u64 {
    let mixed = (number ^ (number >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 16
}

fn model(id: &str, task: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="http://ringbolt.io/many">
  <bpmn:process id="{id}" isExecutable="true">
    <bpmn:startEvent id="start" /><bpmn:sequenceFlow id="a" sourceRef="start" targetRef="task" />
    {task}
    <bpmn:sequenceFlow id="b" sourceRef="task" targetRef="end" /><bpmn:endEvent id="end" />
  </bpmn:process>
</bpmn:definitions>"#
    )
}

/// Instances of all sorts.
struct Filler {
    work: Work,
    number: u64,
    running: usize,
    /// Those that have called another.
    callers: Vec<Key>,
}

impl Filler {
    fn new(began: TimestampMs) -> Self {
        let mut work = Work::new(began);
        for kind in 0..KINDS {
            let task = format!(
                r#"<bpmn:serviceTask id="task"><bpmn:extensionElements><zeebe:taskDefinition type="work-{kind}" /></bpmn:extensionElements></bpmn:serviceTask>"#
            );
            work.deploy(&format!("order-{kind}.bpmn"), model(&format!("order-{kind}"), &task).as_bytes());
            let task = format!(
                r#"<bpmn:userTask id="task"><bpmn:extensionElements><zeebe:userTask /><zeebe:assignmentDefinition candidateGroups="group-{kind}, all" /></bpmn:extensionElements></bpmn:userTask>"#
            );
            work.deploy(&format!("approve-{kind}.bpmn"), model(&format!("approve-{kind}"), &task).as_bytes());
        }
        let task = r#"<bpmn:callActivity id="task"><bpmn:extensionElements><zeebe:calledElement processId="order-0" propagateAllChildVariables="false" /></bpmn:extensionElements></bpmn:callActivity>"#;
        work.deploy("parent.bpmn", model("parent", task).as_bytes());
        Self { work, number: 0, running: 0, callers: Vec::new() }
    }

    /// One more instance; of a hundred 92 are orders, 5 call another and 3 are approvals.
    fn begin(&mut self) -> &'static str {
        self.number += 1;
        let (number, mixed) = (self.number, mixed(self.number));
        self.work.now = TimestampMs(self.work.now.0 + APART_MS as i64);
        let json = format!(
            r#"{{"orderId":"o-{mixed:x}","region":"r-{}","amount":{},"customer":{{"name":"Customer {}","mail":"c{}@example.org"}}}}"#,
            mixed % 50,
            mixed % 10_000,
            mixed % 100_000,
            mixed % 100_000,
        );
        let variables = VariableDocument::parse(json.into()).expect("JSON");
        let sort = match mixed % 100 {
            0..92 => "order",
            92..97 => "parent",
            _ => "approve",
        };
        let id = match sort {
            "parent" => sort.to_owned(),
            _ => format!("{sort}-{}", mixed / 100 % KINDS),
        };
        self.work.create(&id, format!("b-{number:08}"), &variables);
        sort
    }

    fn finish(&mut self) {
        self.work.jobs.clear();
        if self.begin() == "approve" {
            let process_instance_key = self.work.created;
            return self.work.process(&Command::CancelProcessInstance { process_instance_key });
        }
        let job_key = self.work.jobs.pop_front().expect("an open job");
        self.work.process(&Command::CompleteJob { job_key, variables: VariableDocument::default() });
    }

    /// One that goes on; of some the work fails.
    fn stay(&mut self) {
        self.work.jobs.clear();
        self.running += 1;
        if self.begin() == "parent" {
            self.callers.push(self.work.created);
        }
        let job_key = self.work.jobs.pop_front().filter(|_| self.running.is_multiple_of(50));
        let Some(job_key) = job_key else { return };
        self.work.process(&Command::FailJob(FailJob {
            job_key,
            retries: 0,
            retry_backoff: DurationMs(0),
            error_message: format!("error {}", mixed(self.number) % KINDS),
            variables: VariableDocument::default(),
        }));
    }
}

fn unix_ms() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis() as i64
}

/// Memory of the process, MiB: now, and at most.
fn memory() -> (u64, u64) {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn is(view: &'static View, name: &str, test: Test) -> Filter {
    Filter::Is(view.column(name).expect("a column"), test)
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// A process instance's variable.
fn variable(name: &str, test: Test) -> Filter {
    let tests = vec![("v.name", Kind::Text, Test::Eq(text(name))), ("v.value", Kind::Value, test)];
    Filter::Has(VARIABLES_OF_INSTANCE, tests, ")")
}

fn like(pattern: &str) -> Test {
    Test::Like(Pattern::new(pattern).expect("a pattern"))
}

/// A search: its name, view, conditions, what it is sorted by, and how many rows.
struct Asked {
    name: &'static str,
    view: &'static View,
    filter: Box<dyn Fn(u64) -> Filter>,
    sort: &'static str,
    limit: u32,
}

fn asked(
    name: &'static str,
    view: &'static View,
    sort: &'static str,
    filter: impl Fn(u64) -> Filter + 'static,
) -> Asked {
    Asked { name, view, filter: Box::new(filter), sort, limit: 50 }
}

fn searches(callers: Vec<Key>, finished: u64) -> Vec<Asked> {
    let pi = &PROCESS_INSTANCES;
    let active = |view: &'static View| is(view, "state", Test::Eq(Value::Int(0)));
    let of = move |n: u64| is(pi, "processDefinitionId", Test::Eq(text(format!("order-{}", n % KINDS))));
    let region = |n: u64| variable("region", Test::Eq(text(format!("\"r-{}\"", n % 50))));
    let order =
        move |n: u64| variable("orderId", Test::Eq(text(format!("\"o-{:x}\"", mixed(n % finished + 1)))));
    let business = move |n: u64| format!("b-{:08}", n % finished + 1);
    let caller = move |n: u64| Value::Int(callers[n as usize % callers.len()].to_wire());
    let mut all = vec![
        asked("newest running of a definition", pi, "startDate", move |n| {
            Filter::All(vec![of(n), active(pi)])
        }),
        asked("running by one variable", pi, "startDate", move |n| Filter::All(vec![active(pi), region(n)])),
        asked("any by one variable", pi, "startDate", move |n| Filter::All(vec![order(n)])),
        asked("any by two variables", pi, "startDate", move |n| {
            Filter::All(vec![order(n), region(mixed(n % finished + 1))])
        }),
        asked("by business id", pi, "startDate", move |n| is(pi, "businessId", Test::Eq(text(business(n))))),
        asked("incidents by error", &INCIDENTS_VIEW, "creationTime", |n| {
            let error = text(format!("error {}", n % KINDS));
            Filter::All(vec![
                is(&INCIDENTS_VIEW, "errorMessage", Test::Eq(error)),
                is(&INCIDENTS_VIEW, "state", Test::Eq(Value::Int(0))),
            ])
        }),
        asked("incidents by type of error", &INCIDENTS_VIEW, "creationTime", |_| {
            is(&INCIDENTS_VIEW, "errorType", Test::Eq(Value::Int(9)))
        }),
        asked("children of an instance", pi, "startDate", move |n| {
            is(pi, "parentProcessInstanceKey", Test::Eq(caller(n)))
        }),
        asked("open jobs by type", &JOBS, "creationTime", |n| {
            Filter::All(vec![
                is(&JOBS, "type", Test::Eq(text(format!("work-{}", n % KINDS)))),
                is(&JOBS, "state", Test::Eq(Value::Int(2))),
            ])
        }),
        asked("open user tasks by group", &USER_TASKS, "creationDate", |n| {
            Filter::All(vec![
                is(&USER_TASKS, "candidateGroup", Test::Eq(text(format!("group-{}", n % KINDS)))),
                is(&USER_TASKS, "state", Test::Eq(Value::Int(5))),
            ])
        }),
        asked("all, by end date", pi, "endDate", |_| Filter::All(Vec::new())),
        asked("a cursor's page of 1,000", pi, "processInstanceKey", move |n| Filter::All(vec![of(n)])),
        asked("business id like prefix", pi, "startDate", move |n| {
            is(pi, "businessId", like(&format!("{}*", &business(n)[..8])))
        }),
        asked("variable like prefix", pi, "startDate", move |n| {
            variable("orderId", like(&format!("\"o-{:x}*", mixed(n % finished + 1) >> 8)))
        }),
        asked("one of three", pi, "startDate", move |n| {
            Filter::Any(vec![
                order(n),
                is(pi, "businessId", Test::Eq(text(business(n)))),
                Filter::All(vec![of(n), active(pi)]),
            ])
        }),
    ];
    all[11].limit = 1_000;
    all.extend(slow_searches(finished));
    all
}

/// Searches that no index serves.
fn slow_searches(finished: u64) -> Vec<Asked> {
    let pi = &PROCESS_INSTANCES;
    let active = |view: &'static View| is(view, "state", Test::Eq(Value::Int(0)));
    let of = move |n: u64| is(pi, "processDefinitionId", Test::Eq(text(format!("order-{}", n % KINDS))));
    let business = move |n: u64| format!("b-{:08}", n % finished + 1);
    vec![
        asked("SLOW business id like infix", pi, "startDate", move |n| {
            is(pi, "businessId", like(&format!("*{}", &business(n)[4..])))
        }),
        asked("SLOW running, variable like infix", pi, "startDate", move |n| {
            Filter::All(vec![active(pi), variable("orderId", like(&format!("*{:x}*", n % 4096)))])
        }),
        asked("SLOW all, by business id", pi, "businessId", |_| Filter::All(Vec::new())),
        asked("SLOW a definition's, by start date", pi, "startDate", of),
    ]
}

/// Asks a search several times and prints how long it took.
fn ask(searcher: &Searcher, asked: &Asked) {
    let is_slow = asked.name.starts_with("SLOW");
    let (times, mut took, mut rows, mut refused) =
        (if is_slow { TIMES / 10 } else { TIMES }, Vec::new(), 0, 0);
    let shown = ["processInstanceKey", "state"].map(|name| asked.view.column(name).expect("a column"));
    let sort = vec![(asked.view.column(asked.sort).expect("a column"), Order::Descending)];
    let mut after = None;
    let began = Instant::now();
    for time in 0..times as u64 {
        // The last 60 s are spent elsewhere better.
        if began.elapsed() > Duration::from_secs(40) {
            break;
        }
        let start = after.take().map_or(Start::From(0), Start::After);
        let page = Page { start, limit: asked.limit };
        let filter = (asked.filter)(if asked.limit > 50 { 3 } else { mixed(time) });
        let query = Query {
            view: asked.view,
            output: shown.to_vec(),
            filter,
            sort: sort.clone(),
            page,
            is_counted: true,
        };
        let asked_at = Instant::now();
        let found = searcher.search(&query, &Cancel::at(asked_at + Duration::from_secs(10)), |_| {
            rows += 1;
            Ok(())
        });
        took.push(asked_at.elapsed().as_secs_f64() * 1e3);
        match found {
            Ok(found) if asked.limit > 50 => {
                let cursor = found.last.as_deref();
                after = cursor
                    .map(|cursor| ringbolt_query::page::decoded(asked.view, &sort, cursor).expect("our own"));
            }
            Ok(_) => {}
            Err(_) => refused += 1,
        }
    }
    took.sort_by(f64::total_cmp);
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    let (bar, times) = (if is_slow { 1_000.0 } else { 50.0 }, took.len());
    let verdict = if at(95) <= bar || refused == times { "" } else { " MISSED" };
    println!(
        "{:40} p50 {:9.2} p95 {:9.2} most {:9.2} ms, {:6.1} rows, {refused} of {times} refused{verdict}",
        asked.name,
        at(50),
        at(95),
        at(100),
        rows as f64 / times as f64
    );
}

struct Rig {
    projector: Projector,
    pending: Arc<Mutex<Pending>>,
    filler: Filler,
    started: Instant,
}

impl Rig {
    fn turn(&mut self) {
        self.filler.work.hand_over(&self.pending);
        let print = &mut |event: StoreEvent| println!("{event:?}");
        while self.projector.turn(self.started.elapsed().as_millis() as u64, print) != Pace::CaughtUp {}
    }

    /// So many finished ones and running ones, in turn.
    fn fill(&mut self, finished: u64, running: u64) {
        let (mut spent, mut stay) = (0.0, 0);
        let mut quarter = (0, 0.0);
        for number in 1..=finished {
            self.filler.finish();
            while stay * finished < running * number {
                self.filler.stay();
                stay += 1;
            }
            if number % BATCH == 0 || number == finished {
                let own = own_us();
                self.turn();
                spent += own_us() - own;
            }
            if number * 10 / finished > quarter.0 * 10 / finished {
                let each = (spent - quarter.1) / (number - quarter.0) as f64;
                println!(
                    "{number} finished after {:.0} s, {each:.1} us of the projector's own each, {:?} MiB",
                    self.started.elapsed().as_secs_f64(),
                    memory()
                );
                quarter = (number, spent);
            }
        }
    }

    /// 500 instances a second begin and end, and a turn each 50 ms.
    fn run(mut self, is_over: &AtomicBool) -> Self {
        while !is_over.load(Ordering::Relaxed) {
            let turn = Instant::now();
            for _ in 0..25 {
                self.filler.finish();
            }
            self.turn();
            std::thread::sleep(Duration::from_millis(50).saturating_sub(turn.elapsed()));
        }
        self
    }
}

/// Removes a million, or what there is of finished ones, by their age.
fn retain(mut rig: Rig, directory: &Path, files: &Files) {
    rig.projector.finish();
    drop(rig);
    let hot = files.partition(PARTITION).expect("it is there").open_hot().expect("it can be read");
    let partition = files.partition(PARTITION).expect("it is there");
    let listed = partition.finished(&hot, partition.generation()).expect("it can be read");
    let mut oldest = 0;
    let last = listed.iter().find(|file| {
        oldest += file.instances;
        oldest >= 1_000_000
    });
    let Some(last) = last.or(listed.last()) else { return };
    let age_max_ms = unix_ms() - last.end_date_max - 1;
    println!("removing what ended until {}", last.end_date_max);
    let history = History { age_max_ms, bytes_max: Some(u64::MAX), ..History::default() };
    let visible = Arc::new(Visible::new([PARTITION]));
    let feed = MemoryFeed::again(directory);
    let files = Files::new(directory, [PARTITION]);
    let mut projector = Projector::new(feed, &files, visible, history, Batching::default());
    let own = all_us();
    projector.turn(1, &mut |event| println!("{event:?}"));
    println!("{:.1} ms of CPU", (all_us() - own) / 1e3);
}

/// Asks what a run before has left.
fn ask_again(directory: &Path, finished: u64, history: History) {
    let (files, visible) =
        (Arc::new(Files::new(directory, [PARTITION])), Arc::new(Visible::new([PARTITION])));
    let feed = MemoryFeed::again(directory);
    let mut projector = Projector::new(feed, &files, visible, history, Batching::default());
    projector.turn(1, &mut |event| println!("{event:?}"));
    let searcher = Searcher::new(files.clone());
    // Who called others is not known.
    let list = searches(vec![Key::from_wire(1)], finished);
    list.iter().filter(|asked| !asked.name.starts_with("children")).for_each(|asked| ask(&searcher, asked));
    println!("{:?} MiB after all searches", memory());
}

fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let finished = arguments.first().copied().unwrap_or(10_000_000);
    let running = arguments.get(1).copied().unwrap_or(100_000);
    let own = std::env::var("DIRECTORY").ok();
    let directory =
        PathBuf::from(own.clone().unwrap_or_else(|| format!("target/many-{}", std::process::id())));
    let (files, visible) =
        (Arc::new(Files::new(&directory, [PARTITION])), Arc::new(Visible::new([PARTITION])));
    let pending = Arc::new(Mutex::new(Pending::default()));
    let history = History { age_max_ms: i64::MAX / 2, bytes_max: Some(u64::MAX), ..History::default() };
    if std::env::var_os("AGAIN").is_some() {
        return ask_again(&directory, finished, history);
    }
    let feed = MemoryFeed::new(&pending);
    let projector = Projector::new(feed, &files, visible, history, Batching::default());
    let span_ms = ((finished + running) * APART_MS) as i64;
    let filler = Filler::new(TimestampMs(unix_ms() - span_ms));
    let mut rig = Rig { projector, pending, filler, started: Instant::now() };
    rig.fill(finished, running);
    // Files of all that are full.
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(100));
        rig.turn();
    }
    let bytes = bytes_in(&directory.join("partition-1"));
    println!("{} bytes an instance, {:?} MiB", bytes / (finished + running), memory());
    let list = searches(rig.filler.callers.clone(), finished);
    let (searcher, is_over) = (Searcher::new(files.clone()), Arc::new(AtomicBool::new(false)));
    let runs = std::thread::spawn({
        let is_over = is_over.clone();
        move || rig.run(&is_over)
    });
    list.iter().for_each(|asked| ask(&searcher, asked));
    println!("{:?} MiB after all searches", memory());
    is_over.store(true, Ordering::Relaxed);
    retain(runs.join().expect("no panic"), &directory, &files);
    if own.is_none() {
        let _ = std::fs::remove_dir_all(&directory);
    }
}
