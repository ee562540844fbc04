//! Logs that the engine writes.

use crate::feed::PARTITION;
use ringbolt_engine::{Engine, EngineSettings, JobStreams, Outcome, StreamGrant};
use ringbolt_record::command::{
    ActivateJobs, CreateDeployment, CreateProcessInstance, DefinitionSelector, Resource,
};
use ringbolt_record::values::{InstanceRef, ProcessInstanceCreationRecord};
use ringbolt_record::{
    BatchOperationCreationIntent, Command, DEFAULT_TENANT, DurationMs, EntryBuilder, EntryMeta, EntryRef,
    Intent, JobIntent, Key, Position, ProcessInstanceCreationIntent, ProcessIntent, RecordRef,
    RequestContext, StreamId, TimestampMs, VariableDocument,
};
use ringbolt_store::open_memory;
use ringbolt_tables::Tables;

/// The time of every entry.
pub(crate) const NOW: TimestampMs = TimestampMs(1_893_456_000_000);

struct NoStreams;

impl JobStreams for NoStreams {
    fn take_credit(&mut self, _job_type: &str, _tenant_id: &str) -> Option<StreamGrant> {
        None
    }
    fn return_credit(&mut self, _stream: StreamId) {}
}

/// An engine whose entries are kept.
pub(crate) struct Writer {
    engine: Engine,
    tables: Tables,
    next: u64,
    pub(crate) entries: Vec<Vec<u8>>,
}

impl Writer {
    /// With the sample of one task deployed.
    pub(crate) fn new() -> Self {
        let engine = Engine::new(EngineSettings::new(PARTITION));
        let mut writer = Self { engine, tables: Tables::new(open_memory()), next: 1, entries: Vec::new() };
        let content = include_bytes!("../../../../tests/scenarios/models/one_task.bpmn");
        let resource = Resource { name: "one_task.bpmn".to_owned(), content: content.to_vec().into() };
        let tenant_id = DEFAULT_TENANT.to_owned();
        writer.process(&Command::CreateDeployment(CreateDeployment { resources: vec![resource], tenant_id }));
        writer
    }

    /// The same process by another id.
    pub(crate) fn deploy(mut self, bpmn_process_id: &str) -> Self {
        let content = include_str!("../../../../tests/scenarios/models/one_task.bpmn");
        let content = content.replace("one_task", bpmn_process_id).into_bytes();
        let resource = Resource { name: format!("{bpmn_process_id}.bpmn"), content: content.into() };
        let tenant_id = DEFAULT_TENANT.to_owned();
        self.process(&Command::CreateDeployment(CreateDeployment { resources: vec![resource], tenant_id }));
        self
    }

    /// Starts so many instances.
    pub(crate) fn create(self, count: usize) -> Self {
        self.create_of("one_task", count)
    }

    /// Starts so many instances of a process.
    pub(crate) fn create_of(mut self, bpmn_process_id: &str, count: usize) -> Self {
        for _ in 0..count {
            self.process(&Command::CreateProcessInstance(CreateProcessInstance {
                definition: DefinitionSelector::Latest { bpmn_process_id: bpmn_process_id.to_owned() },
                variables: VariableDocument::parse(r#"{"x":1}"#.into()).unwrap(),
                start_element_ids: Vec::new(),
                terminate_after_element_ids: Vec::new(),
                tenant_id: DEFAULT_TENANT.to_owned(),
                tags: Vec::new(),
                business_id: String::new(),
                await_result: None,
            }));
        }
        self
    }

    /// Does so many jobs, each of which ends its instance.
    pub(crate) fn complete(mut self, count: usize) -> Self {
        self.process(&Command::ActivateJobs(ActivateJobs {
            job_type: "work".to_owned(),
            worker: "w".to_owned(),
            timeout: DurationMs(60_000),
            jobs_max: count as u32,
            bytes_max: 4 << 20,
            fetch_variables: Vec::new(),
            tenant_ids: Vec::new(),
            with_leases: false,
        }));
        let created = Intent::Job(JobIntent::Created);
        let completed = Intent::Job(JobIntent::Completed);
        let (open, done) = (self.keys(created), self.keys(completed));
        for job_key in open.into_iter().filter(|key| !done.contains(key)).take(count) {
            self.process(&Command::CompleteJob { job_key, variables: VariableDocument::default() });
        }
        self
    }

    fn keys(&self, intent: Intent) -> Vec<Key> {
        let entries = self.entries.iter().map(|bytes| EntryRef::parse(bytes).unwrap());
        let records = entries.flat_map(|entry| entry.records().map(Result::unwrap).collect::<Vec<_>>());
        records.filter(|record| record.header.intent == intent).map(|record| record.header.key).collect()
    }

    /// All instances that were started, in order.
    pub(crate) fn instances(&self) -> Vec<Key> {
        let created = Intent::ProcessInstanceCreation(ProcessInstanceCreationIntent::Created);
        let entries = self.entries.iter().map(|bytes| EntryRef::parse(bytes).unwrap());
        let records = entries.flat_map(|entry| entry.records().map(Result::unwrap).collect::<Vec<_>>());
        let created = records.filter(|record| record.header.intent == created);
        let value = |record: RecordRef<'_>| {
            let value = record.value::<ProcessInstanceCreationRecord<'_>>().unwrap();
            InstanceRef::of(&value.instance).process_instance_key
        };
        created.map(value).collect()
    }

    /// The process.
    pub(crate) fn definition(&self) -> Key {
        self.keys(Intent::Process(ProcessIntent::Created))[0]
    }

    /// The batch operation that was created last.
    pub(crate) fn newest_batch(&self) -> Key {
        let created = Intent::BatchOperationCreation(BatchOperationCreationIntent::Created);
        *self.keys(created).last().expect("one was created")
    }

    pub(crate) fn process(&mut self, command: &Command) {
        let meta = EntryMeta { timestamp: NOW, first_position: Position(self.next), ..EntryMeta::default() };
        let mut entry = EntryBuilder::default();
        entry.begin(&meta);
        let outcome = self.engine.process(
            &mut self.tables,
            command,
            &RequestContext::default(),
            NOW,
            &mut NoStreams,
            &mut entry,
            &mut Vec::new(),
        );
        assert!(matches!(outcome, Outcome::Events));
        self.next += u64::from(entry.record_count());
        self.entries.push(entry.finish(self.engine.key_counter()).to_vec());
    }
}
