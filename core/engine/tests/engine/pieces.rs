//! What one piece costs where an instance has many of them: handlers, repetitions, subscriptions, timers, conditions, children. Ten
//! times as many take about ten times the processor's time, never a hundred; printed with `--nocapture`.

use crate::budget::{flow, task as budget_task, variables};
use crate::conditions::{caught, task};
use crate::rules;
use bytes::Bytes;
use ringbolt_engine::{Effect, Engine, EngineSettings, JobStreams, Outcome, StreamGrant};
use ringbolt_record::command::{CreateDeployment, PublishMessage, Resource, UpdateSemantics};
use ringbolt_record::{
    AdHocActivation, AdHocInstruction, Command, DEFAULT_TENANT, DurationMs, EntryBuilder, EntryMeta,
    InstructAdHocSubProcess, Key, PartitionId, Reply, RequestContext, RequestId, StreamId, TimestampMs,
    VariableDocument,
};
use ringbolt_store::{TableId, open_memory};
use ringbolt_tables::Tables;

const FEW: usize = 500;
const MANY: usize = 5_000;
/// A piece of many may cost so much more than one of few: caches, not squares, which would be ten.
const DEARER_MAX: f64 = 2.5;

/// Nobody takes jobs.
struct Nobody;

impl JobStreams for Nobody {
    fn take_credit(&mut self, _job_type: &str, _tenant_id: &str) -> Option<StreamGrant> {
        None
    }

    fn return_credit(&mut self, _stream: StreamId) {}
}

/// An engine without the checks of the rig, which look at all rows after each entry.
pub(crate) struct Bare {
    pub(crate) engine: Engine,
    pub(crate) tables: Tables,
    pub(crate) taken: Taken,
    entry: EntryBuilder,
    effects: Vec<Effect>,
    pub(crate) now: TimestampMs,
}

/// What all its entries took together.
#[derive(Clone, Copy, Default)]
pub(crate) struct Taken {
    pub(crate) entries: usize,
    pub(crate) steps: u64,
    pub(crate) bytes: usize,
}

impl Bare {
    pub(crate) fn new() -> Self {
        Self::of(EngineSettings::new(PartitionId(1)))
    }

    pub(crate) fn of(settings: EngineSettings) -> Self {
        let engine = Engine::new(settings);
        let now = TimestampMs(1_700_000_000_000);
        Self {
            engine,
            tables: Tables::new(open_memory()),
            entry: EntryBuilder::default(),
            effects: Vec::new(),
            taken: Taken::default(),
            now,
        }
    }

    pub(crate) fn process(&mut self, command: &Command) -> Option<Reply> {
        let outcome = self.offer(command);
        assert_eq!(outcome, Outcome::Events, "{:?}", self.effects);
        self.effects.iter().find_map(|effect| match effect {
            Effect::Reply { result, .. } => result.as_ref().ok().cloned(),
            _ => None,
        })
    }

    /// What the last command sends to other partitions.
    pub(crate) fn sent(&mut self) -> Vec<(PartitionId, Command)> {
        let sent = std::mem::take(&mut self.effects).into_iter();
        sent.filter_map(|effect| match effect {
            Effect::Send { partition, command } => Some((partition, command)),
            _ => None,
        })
        .collect()
    }

    /// The same of a command that may do nothing.
    pub(crate) fn offer(&mut self, command: &Command) -> Outcome {
        let request = RequestContext { request: Some(RequestId(1)), ..RequestContext::default() };
        self.effects.clear();
        self.entry.begin(&EntryMeta { timestamp: self.now, ..EntryMeta::default() });
        let (tables, entry, effects) = (&mut self.tables, &mut self.entry, &mut self.effects);
        let outcome = self.engine.process(tables, command, &request, self.now, &mut Nobody, entry, effects);
        self.taken.entries += 1;
        self.taken.steps += u64::from(self.engine.steps_taken());
        self.taken.bytes += self.entry.finish(self.engine.key_counter()).len();
        outcome
    }

    /// All that was put off or is due.
    pub(crate) fn settle(&mut self) {
        loop {
            if let Some(command) = self.engine.next_turn(&self.tables) {
                self.process(&command);
                continue;
            }
            let due = self.engine.due_commands(&self.tables, self.now, 100);
            if due.is_empty() {
                return;
            }
            for command in due {
                self.process(&command);
            }
        }
    }

    pub(crate) fn deploy(&mut self, body: &str) {
        let content = format!(
            r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t"><bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=i" /></bpmn:extensionElements></bpmn:message><bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="s" />{body}</bpmn:process></bpmn:definitions>"#
        );
        let resources = vec![Resource { name: "p.bpmn".to_owned(), content: Bytes::from(content) }];
        self.process(&Command::CreateDeployment(CreateDeployment {
            resources,
            tenant_id: DEFAULT_TENANT.into(),
        }));
    }

    /// Element instances that stand.
    pub(crate) fn standing(&self) -> usize {
        self.tables.store().dump().filter(|(table, _, _)| *table == ELEMENT_INSTANCES).count()
    }

    /// Begins an instance with a list of so many items.
    fn begin(&mut self, items: usize) -> Key {
        let list: Vec<String> = (0..items).map(|item| item.to_string()).collect();
        let created =
            self.process(&rules::create("p", variables(format!(r#"{{"items":[{}]}}"#, list.join(",")))));
        let Some(Reply::ProcessInstanceCreated(instance)) = created else { panic!("it is created") };
        self.settle();
        instance.process_instance_key
    }
}

/// For each item.
const REPEATED: &str = r#"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="i" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"#;

/// A sub-process for each item, with this between its start and its end.
fn repeated(from: &str, inner: &str, ids: &[&str]) -> String {
    let mut ids: Vec<&str> = ids.to_vec();
    ids.insert(0, "is");
    ids.push("ie");
    let flows: String = ids.windows(2).map(|pair| flow(pair[0], pair[1])).collect();
    format!(
        r#"<bpmn:subProcess id="each">{REPEATED}<bpmn:startEvent id="is" />{inner}<bpmn:endEvent id="ie" />{flows}</bpmn:subProcess>{}"#,
        flow(from, "each")
    )
}

fn handlers(bare: &mut Bare, count: usize) {
    let inner = r#"<bpmn:task id="t" /><bpmn:boundaryEvent id="on" attachedToRef="t"><bpmn:compensateEventDefinition id="on_d" /></bpmn:boundaryEvent><bpmn:task id="undo" isForCompensation="true" /><bpmn:association id="as" sourceRef="on" targetRef="undo" />"#;
    let thrown = r#"<bpmn:endEvent id="back"><bpmn:compensateEventDefinition id="back_d" /></bpmn:endEvent>"#;
    bare.deploy(&format!("{}{thrown}{}", repeated("s", inner, &["t"]), flow("each", "back")));
    bare.begin(count);
}

fn repetitions(bare: &mut Bare, count: usize) {
    bare.deploy(&format!(r#"<bpmn:task id="t">{REPEATED}</bpmn:task>{}"#, flow("s", "t")));
    bare.begin(count);
}

fn messages(bare: &mut Bare, count: usize) {
    bare.deploy(&format!(
        r#"<bpmn:receiveTask id="t" messageRef="m">{REPEATED}</bpmn:receiveTask>{}"#,
        flow("s", "t")
    ));
    bare.begin(count);
    for item in 0..count {
        bare.process(&Command::PublishMessage(PublishMessage {
            name: "paid".to_owned(),
            correlation_key: item.to_string(),
            time_to_live: DurationMs(0),
            message_id: String::new(),
            business_id: String::new(),
            variables: VariableDocument::default(),
            tenant_id: DEFAULT_TENANT.to_owned(),
        }));
    }
    bare.settle();
}

fn timers(bare: &mut Bare, count: usize) {
    let inner = r#"<bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"#;
    bare.deploy(&repeated("s", inner, &["t"]));
    bare.begin(count);
    bare.now = TimestampMs(bare.now.0 + 3_600_000);
    bare.settle();
}

/// Each waits twice: one change where all see it tells them, and what they wait for then ends with the instance.
fn conditions(bare: &mut Bare, count: usize) {
    let inner = caught("t", "=go = true", "") + &caught("u", "=stop = true", "");
    bare.deploy(&repeated("s", &inner, &["t", "u"]));
    let element_instance_key = bare.begin(count);
    let variables = variables(r#"{"go":true}"#.to_owned());
    let semantics = UpdateSemantics::Propagate;
    bare.process(&Command::SetVariables { element_instance_key, variables, semantics });
    bare.settle();
    bare.process(&Command::CancelProcessInstance { process_instance_key: element_instance_key });
    bare.settle();
}

fn chosen(bare: &mut Bare, count: usize) {
    const AT_ONCE: usize = 50;
    bare.deploy(&format!(
        r#"<bpmn:adHocSubProcess id="adhoc" cancelRemainingInstances="true"><bpmn:extensionElements><zeebe:adHoc activeElementsCollection="=[&quot;a&quot;]" /></bpmn:extensionElements>{}</bpmn:adHocSubProcess>{}"#,
        task("a"),
        flow("s", "adhoc")
    ));
    let process_instance_key = bare.begin(0);
    let mut children = bare.tables.children_after(process_instance_key, Key::NONE);
    let element_instance_key = children.next().expect("it stands");
    drop(children);
    let activation =
        || AdHocActivation { element_id: "a".to_owned(), variables: VariableDocument::default() };
    for _ in 0..count / AT_ONCE {
        let instruction = AdHocInstruction {
            activate: (0..AT_ONCE).map(|_| activation()).collect(),
            ..AdHocInstruction::default()
        };
        bare.process(&Command::InstructAdHocSubProcess(Box::new(InstructAdHocSubProcess {
            element_instance_key,
            instruction,
        })));
        bare.settle();
    }
    bare.process(&Command::CancelProcessInstance { process_instance_key });
    bare.settle();
}

/// So many branches between two gateways, each with a task.
fn branches(bare: &mut Bare, count: usize, join: &str, task: impl Fn(usize) -> String) {
    let ids: Vec<String> = (0..count).map(|number| format!("b{number}")).collect();
    let branch = |(number, id): (usize, &String)| task(number) + &flow("fork", id) + &flow(id, "join");
    let body: String = ids.iter().enumerate().map(branch).collect();
    bare.deploy(&format!(
        r#"<bpmn:parallelGateway id="fork" /><bpmn:{join} id="join" /><bpmn:endEvent id="e" />{body}{}{}"#,
        flow("s", "fork"),
        flow("join", "e")
    ));
    bare.begin(0);
    let jobs: Vec<Key> = bare.tables.activatable_jobs(DEFAULT_TENANT, "work").collect();
    for job_key in jobs {
        bare.process(&Command::CompleteJob { job_key, variables: VariableDocument::default() });
        bare.settle();
    }
}

fn waits(number: usize) -> String {
    budget_task(&format!("b{number}"), "work", "")
}

fn inclusive(bare: &mut Bare, count: usize) {
    branches(bare, count, "inclusiveGateway", waits);
}

fn inclusive_passing(bare: &mut Bare, count: usize) {
    branches(bare, count, "inclusiveGateway", |number| format!(r#"<bpmn:task id="b{number}" />"#));
}

fn parallel(bare: &mut Bare, count: usize) {
    branches(bare, count, "parallelGateway", waits);
}

fn exclusive(bare: &mut Bare, count: usize) {
    branches(bare, count, "exclusiveGateway", waits);
}

/// Nanoseconds that this thread has run.
pub(crate) fn ran_ns() -> u64 {
    // What it has run is counted when it stops.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux kernel");
    text.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// What a piece takes of the processor, nanoseconds; nothing is left behind.
fn piece(of: Run, count: usize) -> f64 {
    let mut bare = Bare::new();
    let before = ran_ns();
    of(&mut bare, count);
    let ran = ran_ns() - before;
    assert_eq!(bare.standing(), 0, "it has ended");
    ran as f64 / count as f64
}

/// Runs an instance with so many pieces to its end.
type Run = fn(&mut Bare, usize);
/// What stands.
const ELEMENT_INSTANCES: TableId = TableId(4);

const KINDS: [(&str, Run); 10] = [
    ("compensation handlers", handlers),
    ("repetitions", repetitions),
    ("message subscriptions", messages),
    ("timers", timers),
    ("conditions", conditions),
    ("children of an ad-hoc sub-process", chosen),
    ("branches of an inclusive join", inclusive),
    ("branches of an inclusive join that pass", inclusive_passing),
    ("branches of a parallel join", parallel),
    ("branches of an exclusive merge", exclusive),
];

/// So many pieces of one kind, for who counts the instructions of the whole process: `PIECES=10000 KIND=0`.
#[test]
#[ignore = "it is counted from outside: tests/long pieces"]
fn pieces_to_be_counted() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    if let (Some(count), Some(kind)) = (number("PIECES"), number("KIND")) {
        piece(KINDS[kind].1, count);
    }
}

#[test]
#[ignore = "it measures: tests/long pieces"]
fn a_piece_of_many_costs_what_one_of_few_does() {
    for (name, of) in KINDS {
        // A process has no more elements before an inclusive gateway.
        let many = if name.starts_with("branches") { 2_000 } else { MANY };
        check_linear(name, of, FEW, many);
    }
}

fn check_linear(name: &str, of: Run, few: usize, many: usize) {
    let mut measured = Vec::new();
    // On a busy machine a measurement may go wrong; what grows too fast goes wrong each time.
    let is_linear = (0..4).any(|_| {
        let of_each = [few, many].map(|count| piece(of, count) / 1e3);
        measured.push(format!("{:.1} us of {few}, {:.1} us of {many}", of_each[0], of_each[1]));
        of_each[1] < of_each[0] * DEARER_MAX
    });
    println!("{name}: {}", measured.join("; "));
    assert!(is_linear, "{name}: {measured:?}");
}

/// Each flow that comes to a gateway looks at few of the others.
#[test]
fn a_branch_of_a_wide_join_costs_what_one_of_a_narrow_does() {
    for (name, of) in &KINDS[6..] {
        check_linear(name, *of, 125, 1_000);
    }
}
