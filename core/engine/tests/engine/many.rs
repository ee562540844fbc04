//! What one of many costs that wait side by side, each in an instance of its own: timers, waits for messages, user tasks. And how long
//! what is due at once holds the loop: a slice, however much there is.
//!
//! CI counts entries, steps and bytes; `tests/long many` runs the whole numbers and takes the processor's time.

use crate::budget::{flow, variables};
use crate::pieces::{Bare, ran_ns};
use crate::rules;
use ringbolt_record::command::PublishMessage;
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs, Key, UserTaskCommand, VariableDocument};
use ringbolt_store::TableId;
use std::time::{Duration, Instant};

/// A piece of many takes at most so many times the entries, steps and bytes of one of few.
const MORE_MAX: f64 = 1.2;
/// The same of the processor's time, which caches have a part in.
const DEARER_MAX: f64 = 1.6;
/// Due commands that a slice takes, as `core/partition` has it.
const PER_SLICE: usize = 16;
/// How long a slice may hold the loop.
const SLICE_MAX: Duration = Duration::from_millis(2);
const HOUR: DurationMs = DurationMs(3_600_000);

/// What a phase took.
#[derive(Clone, Copy, Default)]
struct Took {
    entries: f64,
    steps: f64,
    bytes: f64,
    ns: f64,
}

impl Took {
    fn each(self, count: usize) -> Self {
        let per = |all: f64| all / count as f64;
        Self { entries: per(self.entries), steps: per(self.steps), bytes: per(self.bytes), ns: per(self.ns) }
    }
}

/// Runs a phase.
fn take(bare: &mut Bare, phase: impl FnOnce(&mut Bare)) -> Took {
    let (before, started) = (bare.taken, ran_ns());
    phase(bare);
    let ns = (ran_ns() - started) as f64;
    let taken = bare.taken;
    Took {
        entries: (taken.entries - before.entries) as f64,
        steps: (taken.steps - before.steps) as f64,
        bytes: (taken.bytes - before.bytes) as f64,
        ns,
    }
}

fn create(bare: &mut Bare, item: usize) {
    // Keys of one length: a byte more would be counted.
    bare.process(&rules::create("p", variables(format!(r#"{{"i":"{item:07}"}}"#))));
}

fn publish(bare: &mut Bare, name: &str, item: usize, time_to_live: DurationMs) {
    bare.process(&Command::PublishMessage(PublishMessage {
        name: name.to_owned(),
        correlation_key: format!("{item:07}"),
        time_to_live,
        message_id: String::new(),
        business_id: String::new(),
        variables: VariableDocument::default(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    }));
}

/// Waits for an hour.
const TIMER: &str = r#"<bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"#;
const RECEIVE: &str = r#"<bpmn:receiveTask id="t" messageRef="m" />"#;
const USER_TASK: &str = r#"<bpmn:userTask id="t"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>"#;

/// How those that wait end.
type Finish = fn(&mut Bare, usize);

fn fire(bare: &mut Bare, _: usize) {
    bare.now = bare.now.plus(HOUR);
    bare.settle();
}

fn correlate(bare: &mut Bare, count: usize) {
    (0..count).for_each(|item| publish(bare, "paid", item, DurationMs(0)));
}

fn complete(bare: &mut Bare, _: usize) {
    const USER_TASKS: TableId = TableId(50);
    let rows = bare.tables.store().dump().filter(|(table, _, _)| *table == USER_TASKS);
    let keys: Vec<Key> =
        rows.map(|(_, key, _)| Key(u64::from_be_bytes(key[..8].try_into().expect("a key")))).collect();
    for user_task_key in keys {
        let operation = UserTaskOperation::Complete { variables: VariableDocument::default() };
        bare.process(&Command::UserTask(UserTaskCommand { user_task_key, action: String::new(), operation }));
    }
}

const KINDS: [(&str, &str, Finish); 3] = [
    ("timers", TIMER, fire),
    ("message subscriptions", RECEIVE, correlate),
    ("user tasks", USER_TASK, complete),
];

/// What creating and finishing one of so many take.
fn both(body: &str, finish: Finish, count: usize) -> [Took; 2] {
    let mut bare = Bare::new();
    bare.deploy(&format!("{body}{}", flow("s", "t")));
    let created = take(&mut bare, |bare| {
        for item in 0..count {
            create(bare, item);
        }
        bare.settle();
    });
    assert_eq!(bare.standing(), 2 * count, "each waits in its instance");
    let finished = take(&mut bare, |bare| {
        finish(bare, count);
        bare.settle();
    });
    assert_eq!(bare.standing(), 0, "all have ended");
    [created.each(count), finished.each(count)]
}

fn check(name: &str, few: Took, many: Took) {
    for (what, few, many) in [
        ("entries", few.entries, many.entries),
        ("steps", few.steps, many.steps),
        ("bytes", few.bytes, many.bytes),
    ] {
        assert!(many <= few * MORE_MAX, "{name}: {many:.2} {what} each of many, {few:.2} of few");
    }
}

#[test]
fn one_of_many_that_wait_takes_what_one_of_few_does() {
    for (name, body, finish) in KINDS {
        let (few, many) = (both(body, finish, 100), both(body, finish, 2_000));
        check(name, few[0], many[0]);
        check(name, few[1], many[1]);
    }
}

/// Slices, those of them that took longer than they may, and the longest: by the clock, to which the machine's other work adds, and of
/// the processor's time, which is ours.
#[derive(Clone, Copy, Debug, Default)]
struct Slices {
    count: usize,
    too_long: usize,
    longest: Duration,
    longest_ran: Duration,
}

/// Takes what is due in slices as a partition does.
fn slices(bare: &mut Bare) -> Slices {
    let mut slices = Slices::default();
    loop {
        let (ran, started) = (ran_ns(), Instant::now());
        let due = bare.engine.due_commands(&bare.tables, bare.now, PER_SLICE);
        assert!(due.len() <= PER_SLICE);
        if due.is_empty() {
            match bare.engine.next_turn(&bare.tables) {
                Some(command) => drop(bare.process(&command)),
                None => return slices,
            }
        }
        for command in due {
            bare.process(&command);
        }
        let took = started.elapsed();
        slices.count += 1;
        slices.too_long += usize::from(took > SLICE_MAX);
        slices.longest = slices.longest.max(took);
        slices.longest_ran = slices.longest_ran.max(Duration::from_nanos(ran_ns() - ran));
    }
}

/// So many messages expire at once, and so many timers are due at once.
fn at_once(messages: usize, timers: usize) -> [Slices; 2] {
    let mut bare = Bare::new();
    for item in 0..messages {
        publish(&mut bare, "later", item, HOUR);
    }
    assert_eq!(bare.tables.message_totals().count, messages as u64);
    bare.now = bare.now.plus(HOUR);
    let expired = slices(&mut bare);
    assert_eq!(bare.tables.message_totals().count, 0);
    bare.deploy(&format!("{TIMER}{}", flow("s", "t")));
    for item in 0..timers {
        create(&mut bare, item);
    }
    bare.settle();
    bare.now = bare.now.plus(HOUR);
    let fired = slices(&mut bare);
    assert_eq!(bare.standing(), 0);
    [expired, fired]
}

#[test]
fn what_is_due_at_once_is_taken_in_slices() {
    let [expired, fired] = at_once(2_000, 500);
    assert_eq!(expired.count, 2_000 / PER_SLICE);
    // What a timer sets off is its own entry's, up to a bound.
    assert!(fired.count >= 500usize.div_ceil(PER_SLICE), "{fired:?}");
}

#[test]
#[ignore = "it measures: tests/long many"]
fn a_hundred_thousand_wait_and_a_million_are_due() {
    for (name, body, finish) in KINDS {
        let mut measured = Vec::new();
        // On a busy machine a measurement may go wrong; what grows goes wrong each time.
        let is_flat = (0..4).any(|_| {
            let (few, many) = (both(body, finish, 1_000), both(body, finish, 100_000));
            check(name, few[0], many[0]);
            check(name, few[1], many[1]);
            let [created, finished] = [0, 1].map(|phase| (few[phase].ns / 1e3, many[phase].ns / 1e3));
            measured.push(format!(
                "created {:.1} and {:.1} us, finished {:.1} and {:.1} us",
                created.0, created.1, finished.0, finished.1
            ));
            [created, finished].iter().all(|(few, many)| *many <= few * DEARER_MAX)
        });
        println!("{name}, each of 1,000 and of 100,000: {}", measured.join("; "));
        assert!(is_flat, "{name}: {measured:?}");
    }
    let [expired, fired] = at_once(1_000_000, 100_000);
    for (what, slices) in [("1,000,000 messages", expired), ("100,000 timers", fired)] {
        let Slices { count, too_long, longest, longest_ran } = slices;
        println!(
            "{what}: {count} slices, {too_long} over {SLICE_MAX:?}, longest {longest:?}, of the processor {longest_ran:?}"
        );
        assert!(longest_ran <= SLICE_MAX, "{what}: {slices:?}");
    }
}
