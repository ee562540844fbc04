//! A partition over an in-memory state and a log that commits when the test says so.

#[path = "partition/forks.rs"]
mod forks;
#[path = "partition/large.rs"]
mod large;
#[path = "partition/polls.rs"]
mod polls;

use ringbolt_engine::EngineSettings;
use ringbolt_partition::{
    Answer, CheckpointSettings, Clock, EntryFrame, FlowSettings, Host, Partition, PartitionSettings,
    ReaderId, ReaderSettings, ReaderView, Refusal, SliceKinds, StreamSpec,
};
use ringbolt_record::command::{
    ActivateJobs, CreateDeployment, CreateProcessInstance, DefinitionSelector, FailJob, Resource,
};
use ringbolt_record::{
    ActivatedJob, Activation, Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, Position, Reply,
    RequestContext, RequestId, StreamId, TimestampMs, VariableDocument,
};
use ringbolt_store::{CheckpointJob, MemoryDisk, RetiredOverlay};
use ringbolt_tables::Tables;
use std::sync::Arc;

const MODEL: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
 <process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>
 <serviceTask id="t"><extensionElements><zeebe:taskDefinition type="work"/></extensionElements></serviceTask>
 </process></definitions>"#;

struct Entry {
    index: u64,
    term: u64,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct World {
    log: Vec<Entry>,
    answers: Vec<(RequestId, Answer)>,
    pushed: Vec<(StreamId, ActivatedJob)>,
    looks: Vec<(StreamId, Answer)>,
    checkpoint: Option<CheckpointJob>,
    released: Option<Position>,
    committed: u64,
    is_full: bool,
}

impl Host for World {
    fn accepts(&self) -> bool {
        !self.is_full
    }
    fn append(&mut self, _partition: PartitionId, frame: EntryFrame<'_>) {
        self.log.push(Entry { index: frame.index, term: frame.term, bytes: frame.bytes.to_vec() });
    }
    fn committed(&mut self, _partition: PartitionId, index: u64) {
        self.committed = index;
    }
    fn answer(&mut self, request: RequestId, answer: Answer) {
        self.answers.push((request, answer));
    }
    fn push(&mut self, stream: StreamId, job: ActivatedJob) {
        self.pushed.push((stream, job));
    }
    fn poll_answer(&mut self, _partition: PartitionId, poll: StreamId, answer: Answer) {
        self.looks.push((poll, answer));
    }
    fn instance_completed(&mut self, _lifetime: DurationMs) {}
    fn send(&mut self, _partition: PartitionId, _command: Command) {}
    fn run_checkpoint(&mut self, _partition: PartitionId, job: CheckpointJob) {
        self.checkpoint = Some(job);
    }
    fn retire(&mut self, overlay: RetiredOverlay) {
        drop(overlay);
    }
    fn release_log(&mut self, _partition: PartitionId, position: Position) {
        self.released = Some(position);
    }
    fn held_log_bytes(&self, _partition: PartitionId, _from: Position) -> u64 {
        0
    }
    fn reader(&self, _partition: PartitionId, _reader: ReaderId) -> Option<ReaderView> {
        None
    }
    fn spill(&mut self, _partition: PartitionId, _reader: ReaderId) {}
    fn attach_reader(&mut self, _partition: PartitionId, _reader: ReaderId, _from: Position) -> bool {
        false
    }
    fn detach_reader(&mut self, _partition: PartitionId, _reader: ReaderId) -> bool {
        false
    }
}

struct Rig {
    disk: MemoryDisk,
    partition: Partition,
    world: World,
    next_request: u64,
}

fn open(disk: &MemoryDisk) -> Partition {
    let settings = PartitionSettings {
        engine: EngineSettings::new(PartitionId(1)),
        checkpoints: CheckpointSettings::default(),
        flow: FlowSettings::default(),
        readers: ReaderSettings::default(),
        clock: Clock::Steady,
    };
    Partition::open(PartitionId(1), Tables::new(disk.open()), settings).expect("an empty state")
}

const NOW: TimestampMs = TimestampMs(1_000_000);

impl Rig {
    fn new() -> Self {
        let disk = MemoryDisk::new();
        let partition = open(&disk);
        let mut rig = Self { disk, partition, world: World::default(), next_request: 0 };
        rig.ask(Command::CreateDeployment(CreateDeployment {
            resources: vec![Resource { name: "p.bpmn".into(), content: MODEL.as_bytes().to_vec().into() }],
            tenant_id: DEFAULT_TENANT.into(),
        }));
        rig.commit();
        assert!(
            matches!(rig.world.answers[0].1, Answer::Reply(Reply::Deployed(_))),
            "{:?}",
            rig.world.answers
        );
        rig
    }

    fn ask(&mut self, command: Command) -> RequestId {
        self.next_request += 1;
        let request = RequestId(self.next_request);
        let context = RequestContext { request: Some(request), ..RequestContext::default() };
        self.partition.process(NOW, &command, &context, &mut self.world);
        request
    }

    fn create(&mut self) -> RequestId {
        self.create_with("{}".to_owned())
    }

    fn create_with(&mut self, variables: String) -> RequestId {
        let variables = VariableDocument::parse(variables.into()).expect("this is JSON");
        self.ask(Command::CreateProcessInstance(CreateProcessInstance {
            definition: DefinitionSelector::Latest { bpmn_process_id: "p".into() },
            variables,
            start_element_ids: Vec::new(),
            terminate_after_element_ids: Vec::new(),
            tenant_id: DEFAULT_TENANT.into(),
            tags: Vec::new(),
            business_id: String::new(),
            await_result: None,
        }))
    }

    fn activate(&mut self, jobs_max: u32) -> RequestId {
        self.ask(Command::ActivateJobs(ActivateJobs {
            job_type: "work".into(),
            worker: "w".into(),
            timeout: DurationMs(1000),
            jobs_max,
            bytes_max: 1 << 20,
            fetch_variables: Vec::new(),
            tenant_ids: vec![DEFAULT_TENANT.into()],
            with_leases: false,
        }))
    }

    fn commit(&mut self) {
        let index = self.partition.stats().last_index;
        self.partition.on_durable(NOW, index, &mut self.world);
    }

    fn answer(&self, request: RequestId) -> Option<&Answer> {
        self.world.answers.iter().find(|(other, _)| *other == request).map(|(_, answer)| answer)
    }

    fn spec(window: u32) -> StreamSpec {
        StreamSpec {
            job_type: "work".into(),
            worker: "w".into(),
            timeout: DurationMs(1000),
            fetch_variables: Arc::new([]),
            tenant_ids: [DEFAULT_TENANT.into()].into(),
            window,
            with_leases: false,
        }
    }

    fn open_stream(&mut self, window: u32) -> StreamId {
        self.partition.open_stream(NOW, StreamId(1), Self::spec(window), &mut self.world);
        StreamId(1)
    }

    fn pushed(&self) -> Vec<Activation> {
        self.world.pushed.iter().map(|(_, job)| job.activation()).collect()
    }

    fn pushed_keys(&self) -> Vec<Key> {
        self.world.pushed.iter().map(|(_, job)| job.key).collect()
    }
}

#[test]
fn nothing_leaves_before_its_entry_is_committed() {
    let mut rig = Rig::new();
    rig.open_stream(10);
    let created = rig.create();
    assert_eq!(rig.answer(created), None);
    assert!(rig.world.pushed.is_empty(), "a job was pushed before its commit");
    rig.commit();
    assert!(matches!(rig.answer(created), Some(Answer::Reply(Reply::ProcessInstanceCreated(_)))));
    assert_eq!(rig.world.pushed.len(), 1);
}

#[test]
fn a_rejection_and_an_empty_answer_wait_for_what_they_rest_on() {
    let mut rig = Rig::new();
    rig.create();
    let unknown = rig.ask(Command::CompleteJob { job_key: Key(77), variables: VariableDocument::default() });
    let appended = rig.partition.stats().last_index;
    assert_eq!(rig.answer(unknown), None, "a rejection left before the create that it has seen");
    rig.commit();
    assert!(matches!(rig.answer(unknown), Some(Answer::Rejection(_))));
    let again = rig.ask(Command::CompleteJob { job_key: Key(77), variables: VariableDocument::default() });
    assert!(rig.answer(again).is_some(), "nothing is uncommitted, so the rejection leaves at once");
    assert_eq!(rig.partition.stats().last_index, appended, "a rejection is no entry");
}

#[test]
fn a_backlog_is_pushed_oldest_first_and_new_jobs_never_overtake_it() {
    let mut rig = Rig::new();
    for _ in 0..3 {
        rig.create();
    }
    rig.commit();
    rig.open_stream(2);
    rig.create();
    rig.commit();
    let first_two = rig.pushed_keys();
    assert_eq!(first_two.len(), 2, "the window is two");
    for job_key in &first_two {
        rig.ask(Command::CompleteJob { job_key: *job_key, variables: VariableDocument::default() });
    }
    rig.commit();
    let all = rig.pushed_keys();
    assert_eq!(all.len(), 4);
    assert!(all.is_sorted(), "jobs overtook each other: {all:?}");
}

#[test]
fn a_closed_stream_gets_nothing_and_yielded_jobs_are_there_at_once() {
    let mut rig = Rig::new();
    let stream = rig.open_stream(10);
    rig.create();
    rig.commit();
    rig.partition.close_stream(stream);
    let activation = rig.pushed()[0];
    rig.partition.process(NOW, &Command::YieldJob { activation }, &RequestContext::default(), &mut rig.world);
    rig.create();
    rig.commit();
    assert_eq!(rig.world.pushed.len(), 1);
    let polled = rig.activate(10);
    rig.commit();
    match rig.answer(polled) {
        Some(Answer::Reply(Reply::JobsActivated(batch))) => assert_eq!(batch.jobs.len(), 2),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_checkpoint_waits_for_its_commit_and_recovery_replays_the_rest() {
    let mut rig = Rig::new();
    rig.create();
    rig.partition.start_checkpoint();
    rig.partition.run_ready_checkpoint(&mut rig.world);
    assert!(rig.world.checkpoint.is_none(), "the checkpoint ran before its position was committed");
    rig.commit();
    let outcome = rig.world.checkpoint.take().expect("a checkpoint").run();
    rig.partition.finish_checkpoint(NOW, outcome, &mut rig.world);
    assert!(rig.world.released.is_some());
    rig.create();
    rig.commit();
    let live: Vec<_> = dump(&rig.partition);
    let mut recovered = open(&rig.disk);
    for entry in &rig.world.log {
        recovered.replay(entry.index, entry.term, &entry.bytes).expect("the log replays");
    }
    assert_eq!(dump(&recovered), live);
    assert_eq!(recovered.replay_from(), Position(rig.partition.stats().last_position + 1));
    let mut with_gap = open(&MemoryDisk::new());
    let error = with_gap.replay(2, 1, &rig.world.log[1].bytes).expect_err("the first entry is missing");
    assert!(error.to_string().contains("state ends at position 0"), "{error}");
}

fn dump(partition: &Partition) -> Vec<(u8, Vec<u8>, Vec<u8>)> {
    let rows = partition.tables().store().dump();
    rows.map(|(table, key, value)| (table.0, key.to_vec(), value.to_vec())).collect()
}

#[test]
fn a_stopped_partition_tells_everyone_why_and_lets_nothing_leave() {
    let mut rig = Rig::new();
    let waiting = rig.create();
    rig.partition.stop("flush failed", &mut rig.world);
    assert!(matches!(rig.answer(waiting), Some(Answer::Refusal(Refusal::Stopped { .. }))));
    let later = rig.create();
    assert!(matches!(rig.answer(later), Some(Answer::Refusal(Refusal::Stopped { .. }))));
    let answers = rig.world.answers.len();
    rig.commit();
    assert_eq!(rig.world.answers.len(), answers);
}

#[test]
fn a_full_disk_refuses_new_work_and_lets_completions_go_on() {
    let mut rig = Rig::new();
    rig.create();
    let polled = rig.activate(1);
    rig.commit();
    let Some(Answer::Reply(Reply::JobsActivated(batch))) = rig.answer(polled) else { panic!("no jobs") };
    let job_key = batch.jobs[0].key;
    rig.partition.set_disk_full(true);
    let refused = rig.create();
    assert!(matches!(rig.answer(refused), Some(Answer::Refusal(Refusal::DiskFull { .. }))));
    let completed = rig.ask(Command::CompleteJob { job_key, variables: VariableDocument::default() });
    rig.commit();
    assert_eq!(rig.answer(completed), Some(&Answer::Reply(Reply::Done)));
    rig.world.is_full = true;
    let polled = rig.activate(1);
    assert!(matches!(rig.answer(polled), Some(Answer::Refusal(Refusal::DiskFull { .. }))));
    rig.partition.set_disk_full(false);
    rig.world.is_full = false;
    let created = rig.create();
    rig.commit();
    assert!(matches!(rig.answer(created), Some(Answer::Reply(_))));
}

/// Keys of the jobs of an answer.
fn activated(answer: Option<&Answer>) -> Vec<Key> {
    match answer {
        Some(Answer::Reply(Reply::JobsActivated(batch))) => batch.jobs.iter().map(|job| job.key).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn many_deadlines_at_once_are_taken_in_slices_and_hold_up_nothing() {
    const JOBS: usize = 4_000;
    let mut rig = Rig::new();
    for _ in 0..JOBS {
        rig.create();
        rig.commit();
    }
    let polled = rig.activate(JOBS as u32);
    rig.commit();
    let jobs = activated(rig.answer(polled));
    assert_eq!(jobs.len(), JOBS);
    // One job rests, and its rest is over before the others' time is.
    rig.ask(Command::FailJob(FailJob {
        job_key: jobs[0],
        retries: 1,
        retry_backoff: DurationMs(500),
        error_message: String::new(),
        variables: VariableDocument::default(),
    }));
    rig.commit();
    assert!(!rig.partition.has_ready(), "nothing is due yet");
    let later = NOW.plus(DurationMs(2_000));
    rig.partition.tick(later, &mut rig.world);
    let mut slices = 0;
    while rig.partition.has_ready() {
        let (before, entries) = (rig.world.log.len(), rig.partition.stats().last_index);
        if !rig.partition.run_slice(later, SliceKinds::All, &mut rig.world) {
            break;
        }
        slices += 1;
        assert!(rig.world.log.len() - before <= 16, "a slice is short");
        if slices == 1 {
            let first = rig.activate(1);
            rig.partition.on_durable(later, entries + 17, &mut rig.world);
            assert_eq!(activated(rig.answer(first)), [jobs[0]], "who has waited longest comes first");
        }
        // A client comes in between, and waits for no more than a slice.
        rig.create();
        let index = rig.partition.stats().last_index;
        rig.partition.on_durable(later, index, &mut rig.world);
    }
    assert!((JOBS / 16..JOBS / 16 + 3).contains(&slices), "{slices} slices");
    assert!(rig.partition.next_due().is_none_or(|due| due > later));
}

#[test]
fn slices_wait_for_their_commits() {
    let mut rig = Rig::new();
    for _ in 0..3_000 {
        rig.create();
    }
    rig.commit();
    rig.activate(3_000);
    rig.commit();
    let later = NOW.plus(DurationMs(2_000));
    rig.partition.tick(later, &mut rig.world);
    while rig.partition.run_slice(later, SliceKinds::All, &mut rig.world) {}
    let waiting: usize = rig
        .world
        .log
        .iter()
        .rev()
        .take_while(|e| e.index > rig.partition.stats().committed_index)
        .map(|e| e.bytes.len())
        .sum();
    assert!((128 * 1024..200 * 1024).contains(&waiting), "{waiting} bytes wait");
    assert!(!rig.partition.has_ready() && rig.partition.next_due().is_some_and(|due| due <= later));
    rig.commit();
    assert!(rig.partition.has_ready());
}
