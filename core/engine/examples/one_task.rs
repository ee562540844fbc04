//! What the engine alone costs for a one-task instance: create, push, complete, in memory, without a log.
//!
//! `cargo run --release -p ringbolt-engine --example one_task [-- INSTANCES [WAITING]]` prints microseconds and bytes of
//! entries per instance; WAITING instances of another process stand in the tables meanwhile.

use bytes::Bytes;
use ringbolt_engine::{Effect, Engine, EngineSettings, JobStreams, Outcome, StreamGrant};
use ringbolt_record::command::{CreateDeployment, CreateProcessInstance, DefinitionSelector, Resource};
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, EntryBuilder, EntryMeta, Key, PartitionId, RequestContext,
    RequestId, StreamId, TimestampMs, VariableDocument,
};
use ringbolt_store::open_memory;
use ringbolt_tables::Tables;
use std::time::Instant;

const MODEL: &str = r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
  <bpmn:process id="PROCESS" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="task">
      <bpmn:extensionElements><zeebe:taskDefinition type="PROCESS-work" /></bpmn:extensionElements>
    </bpmn:serviceTask>
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="task" />
    <bpmn:sequenceFlow id="b" sourceRef="task" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>"#;

/// A stream for one job type, with credit without end.
struct Stream;

impl JobStreams for Stream {
    fn take_credit(&mut self, job_type: &str, _tenant_id: &str) -> Option<StreamGrant> {
        (job_type == "pushed-work").then(|| StreamGrant {
            stream: StreamId(1),
            worker: "worker".into(),
            timeout: DurationMs(60_000),
            fetch_variables: [].into(),
            with_leases: false,
        })
    }

    fn return_credit(&mut self, _stream: StreamId) {}
}

struct Bench {
    engine: Engine,
    tables: Tables,
    entry: EntryBuilder,
    effects: Vec<Effect>,
    bytes: u64,
}

impl Bench {
    fn process(&mut self, command: &Command) {
        let request = RequestContext { request: Some(RequestId(1)), ..RequestContext::default() };
        let now = TimestampMs(1_700_000_000_000);
        self.effects.clear();
        self.entry.begin(&EntryMeta { timestamp: now, ..EntryMeta::default() });
        let (tables, entry, effects) = (&mut self.tables, &mut self.entry, &mut self.effects);
        let outcome = self.engine.process(tables, command, &request, now, &mut Stream, entry, effects);
        assert_eq!(outcome, Outcome::Events, "{:?}", self.effects);
        self.bytes += self.entry.finish(self.engine.key_counter()).len() as u64;
    }

    fn deploy(&mut self, id: &str) {
        let content = Bytes::from(MODEL.replace("PROCESS", id));
        let resources = vec![Resource { name: format!("{id}.bpmn"), content }];
        self.process(&Command::CreateDeployment(CreateDeployment {
            resources,
            tenant_id: DEFAULT_TENANT.into(),
        }));
    }

    fn pushed_job(&self) -> Key {
        let pushed = self.effects.iter().find_map(|effect| match effect {
            Effect::PushJob { job, .. } => Some(job.key),
            Effect::Reply { .. } | Effect::JobsAvailable { .. } | Effect::Send { .. } => None,
        });
        pushed.expect("the job was pushed")
    }
}

fn create(id: &str, variables: &VariableDocument) -> Command {
    Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: id.into() },
        variables: variables.clone(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: DEFAULT_TENANT.into(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
    })
}

/// Nanoseconds that this thread has run, which other processes on the machine do not lengthen; the clock's elsewhere.
fn ran_ns(started: Instant) -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ran = text.split(' ').next().and_then(|number| number.parse().ok());
    ran.unwrap_or_else(|| started.elapsed().as_nanos() as u64)
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let instances = arguments.next().unwrap_or(200_000);
    let waiting = arguments.next().unwrap_or(0);
    let mut bench = Bench {
        engine: Engine::new(EngineSettings::new(PartitionId(1))),
        tables: Tables::new(open_memory()),
        entry: EntryBuilder::default(),
        effects: Vec::new(),
        bytes: 0,
    };
    bench.deploy("pushed");
    bench.deploy("waiting");
    let payload = format!(r#"{{"id":1,"payload":"{}"}}"#, "x".repeat(1000));
    let variables = VariableDocument::parse(Bytes::from(payload)).expect("a document");
    for _ in 0..waiting {
        bench.process(&create("waiting", &VariableDocument::default()));
    }
    let begun = Instant::now();
    let rows = bench.tables.store().stats().active_rows;
    for round in 0..3 {
        bench.bytes = 0;
        let (started, ran) = (Instant::now(), ran_ns(begun));
        for _ in 0..instances {
            bench.process(&create("pushed", &variables));
            let job_key = bench.pushed_job();
            bench.process(&Command::CompleteJob { job_key, variables: VariableDocument::default() });
        }
        let cpu = (ran_ns(begun) - ran) as f64 / 1000.0 / instances as f64;
        let wall = started.elapsed().as_nanos() as f64 / 1000.0 / instances as f64;
        let bytes = bench.bytes / instances;
        println!(
            "round {round}: {cpu:.2} us CPU, {wall:.2} us by the clock, {bytes} bytes of entries per instance"
        );
    }
    assert_eq!(bench.tables.store().stats().active_rows, rows, "completed instances leave nothing behind");
}
