//! What a parallel multi-instance task costs for each item, in memory, without a log.
//!
//! `cargo run --release -p ringbolt-engine --example repeated -- [ITEMS]` prints microseconds for each item, and how long the
//! longest entries took: what neighbors on the core wait.

use bytes::Bytes;
use ringbolt_engine::{Effect, Engine, EngineSettings, NoStreams, Outcome};
use ringbolt_record::command::{CreateDeployment, CreateProcessInstance, DefinitionSelector, Resource};
use ringbolt_record::{
    Command, DEFAULT_TENANT, EntryBuilder, EntryMeta, Key, PartitionId, RequestContext, RequestId,
    TimestampMs, VariableDocument,
};
use ringbolt_store::open_memory;
use ringbolt_tables::Tables;
use std::time::Duration;

const MODEL: &str = r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
  <bpmn:process id="p" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="task">
      <bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>
        <zeebe:loopCharacteristics inputCollection="= items" inputElement="item" outputCollection="results" outputElement="= r" />
      </bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="task" />
  </bpmn:process>
</bpmn:definitions>"#;

struct Bench {
    engine: Engine,
    tables: Tables,
    entry: EntryBuilder,
    effects: Vec<Effect>,
    longest: Duration,
}

impl Bench {
    fn process(&mut self, command: &Command) {
        let request = RequestContext { request: Some(RequestId(1)), ..RequestContext::default() };
        let now = TimestampMs(1_700_000_000_000);
        self.effects.clear();
        self.entry.begin(&EntryMeta { timestamp: now, ..EntryMeta::default() });
        let (tables, entry, effects) = (&mut self.tables, &mut self.entry, &mut self.effects);
        let started = ran_ns();
        let outcome = self.engine.process(tables, command, &request, now, &mut NoStreams, entry, effects);
        self.longest = self.longest.max(Duration::from_nanos(ran_ns() - started));
        assert_eq!(outcome, Outcome::Events, "{:?}", self.effects);
    }

    fn report(&mut self, what: &str, items: usize, started: u64) {
        let each = (ran_ns() - started) as f64 / 1000.0 / items as f64;
        println!("{what}: {each:.2} us for each of {items} items, the longest entry took {:?}", self.longest);
        self.longest = Duration::ZERO;
    }
}

/// Nanoseconds that this thread has run, which other processes on the machine do not lengthen; 0 elsewhere than on Linux.
fn ran_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn main() {
    let items: usize = std::env::args().nth(1).map_or(10_000, |text| text.parse().expect("a number"));
    let mut bench = Bench {
        engine: Engine::new(EngineSettings::new(PartitionId(1))),
        tables: Tables::new(open_memory()),
        entry: EntryBuilder::default(),
        effects: Vec::new(),
        longest: Duration::ZERO,
    };
    let tenant_id = || DEFAULT_TENANT.to_owned();
    let resources = vec![Resource { name: "p.bpmn".into(), content: Bytes::from(MODEL) }];
    bench.process(&Command::CreateDeployment(CreateDeployment { resources, tenant_id: tenant_id() }));
    let rows = bench.tables.store().stats().active_rows;
    let list: Vec<String> = (0..items).map(|number| number.to_string()).collect();
    let text = format!(r#"{{"items":[{}]}}"#, list.join(","));
    let variables = VariableDocument::parse(Bytes::from(text)).expect("a document");
    bench.longest = Duration::ZERO;
    let started = ran_ns();
    bench.process(&Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: "p".into() },
        variables,
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: tenant_id(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
    }));
    while let Some(command) = bench.engine.next_turn(&bench.tables) {
        bench.process(&command);
    }
    bench.report("entered", items, started);
    let jobs: Vec<Key> = bench.tables.activatable_jobs(DEFAULT_TENANT, "work").collect();
    assert_eq!(jobs.len(), items);
    let result = VariableDocument::parse(Bytes::from_static(br#"{"r":"done"}"#)).expect("a document");
    let started = ran_ns();
    for job_key in jobs {
        bench.process(&Command::CompleteJob { job_key, variables: result.clone() });
    }
    while let Some(command) = bench.engine.next_turn(&bench.tables) {
        bench.process(&command);
    }
    bench.report("completed", items, started);
    assert_eq!(bench.tables.store().stats().active_rows, rows, "nothing is left behind");
}
