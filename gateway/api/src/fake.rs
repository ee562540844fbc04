//! A scripted [`Broker`] for tests: it notes what it is asked as text and answers from a script.
//!
//! Invariant: it never waits. A test that runs out of script fails loudly in the submission's answer.

use crate::broker::{
    Broker, BrokerInfo, Failed, JobPoll, JobStream, JobStreamSpec, LongPoll, PartitionHealth, PartitionInfo,
    PartitionRole, Refusal, Submission, Topology,
};
use crate::documents::{DocumentReply, DocumentWish};
use crate::error::ApiError;
use crate::pump::Outlet;
use bytes::Bytes;
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::reply::{
    ActivatedJob, DecisionEvaluation, DeployedDecision, DeployedDecisionRequirements, DeployedProcess,
    DeployedResource, DeploymentReply, EvaluatedDecision, EvaluatedValue, JobBatch, MatchedRule,
    ProcessInstanceReply,
};
use ringbolt_record::{
    DEFAULT_TENANT, DecisionType, JobKind, JobListenerEventType, Key, PartitionId, Reply, RequestContext,
    TimestampMs,
};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

mod callers;
mod describe;

use describe::describe_document;

pub use callers::Callers;
pub use describe::describe;

/// A broker of three partitions with a script.
#[derive(Clone, Default)]
pub struct FakeBroker {
    script: Rc<RefCell<Script>>,
}

#[derive(Default)]
struct Script {
    log: String,
    answers: VecDeque<Result<Reply, Refusal>>,
    batches: VecDeque<Result<JobBatch, Refusal>>,
    documents: VecDeque<Result<DocumentReply, ApiError>>,
    pushed: VecDeque<ActivatedJob>,
    stays_open: bool,
    last_context: RequestContext,
    waker: Option<Waker>,
}

impl FakeBroker {
    /// One that answers every command with [`Reply::Done`] until told otherwise.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next command's answer.
    pub fn answer(&self, answer: Result<Reply, Refusal>) {
        self.script.borrow_mut().answers.push_back(answer);
    }

    /// The next batch of an activation.
    pub fn batch(&self, batch: Result<JobBatch, Refusal>) {
        self.script.borrow_mut().batches.push_back(batch);
    }

    /// The next answer of the store of documents.
    pub fn document(&self, answer: Result<DocumentReply, ApiError>) {
        self.script.borrow_mut().documents.push_back(answer);
    }

    /// A job for whoever streams.
    pub fn push(&self, job: ActivatedJob) {
        let mut script = self.script.borrow_mut();
        script.pushed.push_back(job);
        if let Some(waker) = script.waker.take() {
            waker.wake();
        }
    }

    /// Streams and polls wait for more jobs instead of ending when there are none.
    pub fn keep_open(&self) {
        self.script.borrow_mut().stays_open = true;
    }

    /// What was asked since the last time, a line each.
    pub fn take_log(&self) -> String {
        std::mem::take(&mut self.script.borrow_mut().log)
    }

    /// The context of the last command.
    pub fn last_context(&self) -> RequestContext {
        self.script.borrow().last_context.clone()
    }

    fn note(&self, line: &str) {
        let log = &mut self.script.borrow_mut().log;
        log.push_str(line);
        log.push('\n');
    }
}

impl Broker for FakeBroker {
    type JobPoll = FakePoll;
    type JobStream = FakeStream;

    fn submit(
        &self,
        partition: PartitionId,
        submission: Submission,
    ) -> impl Future<Output = Result<Reply, Refusal>> {
        self.note(&describe(partition, &submission));
        let mut script = self.script.borrow_mut();
        script.last_context = submission.context;
        let answer = script.answers.pop_front();
        ready(answer.unwrap_or(Ok(Reply::Done)))
    }

    fn partition_for_new_instance(&self) -> PartitionId {
        PartitionId(2)
    }

    fn partitions(&self) -> &[PartitionId] {
        &[PartitionId(1), PartitionId(2), PartitionId(3)]
    }

    fn topology(&self) -> Topology {
        let partition =
            |number, role, health| PartitionInfo { partition_id: PartitionId(number), role, health };
        Topology {
            brokers: vec![BrokerInfo {
                node_id: 0,
                host: "127.0.0.1".to_owned(),
                port: 26501,
                partitions: vec![
                    partition(1, PartitionRole::Leader, PartitionHealth::Healthy),
                    partition(2, PartitionRole::Follower, PartitionHealth::Unhealthy),
                    partition(3, PartitionRole::Inactive, PartitionHealth::Dead),
                ],
            }],
            cluster_size: 1,
            partitions_count: 3,
            replication_factor: 1,
            cluster_id: "c0ffee".to_owned(),
            last_completed_change_id: -1,
        }
    }

    async fn document(&self, wish: DocumentWish) -> Result<DocumentReply, ApiError> {
        self.note(&describe_document(&wish));
        let answer = self.script.borrow_mut().documents.pop_front();
        answer.unwrap_or(Ok(DocumentReply::Deleted))
    }

    fn failed(&self, failed: &Failed<'_>) {
        self.note(&format!("{failed:?}"));
    }

    fn poll_jobs(&self, request: ActivateJobs, long_poll: LongPoll) -> FakePoll {
        self.note(&format!("poll {request:?} {long_poll:?}"));
        FakePoll { broker: self.clone(), yielded: 0, delivered: 0 }
    }

    fn open_job_stream(&self, spec: JobStreamSpec) -> Result<FakeStream, Refusal> {
        self.note(&format!("stream {spec:?}"));
        Ok(FakeStream { broker: self.clone(), held: Vec::new() })
    }
}

/// See [`FakeBroker::batch`].
pub struct FakePoll {
    broker: FakeBroker,
    yielded: usize,
    delivered: usize,
}

impl JobPoll for FakePoll {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<JobBatch, Refusal>>> {
        let mut script = self.broker.script.borrow_mut();
        let batch = script.batches.pop_front();
        if batch.is_none() && script.stays_open {
            return Poll::Pending;
        }
        if let Some(Ok(batch)) = &batch {
            self.yielded += batch.jobs.len();
        }
        Poll::Ready(batch)
    }

    fn delivered(&mut self, count: usize) {
        self.delivered += count;
    }
}

impl Drop for FakePoll {
    fn drop(&mut self) {
        self.broker.note(&format!("poll dropped, {} of {} delivered", self.delivered, self.yielded));
    }
}

/// See [`FakeBroker::push`].
pub struct FakeStream {
    broker: FakeBroker,
    held: Vec<Key>,
}

impl JobStream for FakeStream {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<ActivatedJob>> {
        let mut script = self.broker.script.borrow_mut();
        let Some(job) = script.pushed.pop_front() else {
            if script.stays_open {
                script.waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
            return Poll::Ready(None);
        };
        self.held.push(job.key);
        Poll::Ready(Some(job))
    }

    fn delivered(&mut self, job_key: Key) {
        self.broker.note(&format!("delivered {job_key}"));
        self.held.retain(|held| *held != job_key);
    }

    fn end(&mut self, unknown: &[Key]) {
        let back: Vec<Key> = self.held.extract_if(.., |held| !unknown.contains(held)).collect();
        self.broker.note(&format!("stream ended, back go {back:?}"));
    }
}

impl Drop for FakeStream {
    fn drop(&mut self) {
        self.broker.note(&format!("stream dropped, back go {:?}", self.held));
    }
}

/// A connection that takes a message only when the test says so.
pub struct FakeOutlet {
    state: Rc<FakeOutletState>,
}

/// The test's end of a [`FakeOutlet`].
#[derive(Default)]
pub struct FakeOutletState {
    room: Cell<usize>,
    accepted: Cell<u64>,
    handed_over: Cell<u64>,
    closed: Cell<bool>,
    taken_back: Cell<bool>,
    held: Cell<u64>,
}

impl FakeOutlet {
    /// A connection with room for `room` messages.
    pub fn new(room: usize) -> (Self, Rc<FakeOutletState>) {
        let state = Rc::new(FakeOutletState::default());
        state.room.set(room);
        (Self { state: state.clone() }, state)
    }
}

impl FakeOutletState {
    /// The connection takes this many of the waiting messages.
    pub fn take(&self, count: u64) {
        let handed_over = (self.handed_over.get() + count).min(self.accepted.get());
        self.room.set(self.room.get() + (handed_over - self.handed_over.get()) as usize);
        self.handed_over.set(handed_over);
    }

    /// The connection holds this many of the waiting messages, which nobody takes.
    pub fn hold(&self, count: u64) {
        self.held.set(count);
    }

    /// It is gone, or comes for more: what it held was not written, or was.
    pub fn let_go(&self, is_written: bool) {
        let held = self.held.take();
        self.handed_over.set(self.handed_over.get() + if is_written { held } else { 0 });
    }

    /// The client goes away.
    pub fn close(&self) {
        self.closed.set(true);
    }

    /// Messages queued so far.
    pub fn accepted(&self) -> u64 {
        self.accepted.get()
    }

    /// Whether the pump took back what was queued.
    pub fn taken_back(&self) -> bool {
        self.taken_back.get()
    }
}

impl<M> Outlet<M> for FakeOutlet {
    fn try_send(&self, _: M) -> Option<u64> {
        if self.state.closed.get() || self.state.room.get() == 0 {
            return None;
        }
        self.state.room.set(self.state.room.get() - 1);
        self.state.accepted.set(self.state.accepted.get() + 1);
        Some(self.state.accepted.get())
    }

    fn room(&self) -> usize {
        if self.state.closed.get() { 0 } else { self.state.room.get() }
    }

    fn handed_over(&self) -> u64 {
        self.state.handed_over.get()
    }

    fn is_closed(&self) -> bool {
        self.state.closed.get()
    }

    async fn changed(&self, seen: u64) -> u64 {
        poll_fn(|_| {
            if self.state.handed_over.get() > seen || self.state.closed.get() {
                return Poll::Ready(self.state.handed_over.get());
            }
            Poll::Pending
        })
        .await
    }

    fn take_back(&self) {
        self.state.taken_back.set(true);
    }

    fn held(&self) -> u64 {
        self.state.handed_over.get() + self.state.held.get()
    }

    async fn let_go(&self) {
        poll_fn(|_| if self.state.held.get() == 0 { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

/// Runs a future that never waits for anything outside of it.
///
/// # Panics
/// When it does wait.
pub fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits, and nothing would wake it"),
    }
}

/// An instance for replies.
pub fn instance() -> ProcessInstanceReply {
    ProcessInstanceReply {
        bpmn_process_id: "order".into(),
        version: 3,
        process_definition_key: Key::new(PartitionId(1), 7),
        process_instance_key: Key::new(PartitionId(2), 8),
        tenant_id: DEFAULT_TENANT.to_owned(),
        tags: vec!["fast".to_owned()],
        business_id: "o-1".to_owned(),
    }
}

/// A deployment for replies.
pub fn deployment() -> DeploymentReply {
    DeploymentReply {
        deployment_key: Key::new(PartitionId(1), 5),
        tenant_id: DEFAULT_TENANT.to_owned(),
        processes: vec![DeployedProcess {
            bpmn_process_id: "order".to_owned(),
            version: 3,
            process_definition_key: Key::new(PartitionId(1), 7),
            resource_name: "order \"v3\".bpmn".to_owned(),
        }],
        decisions: vec![DeployedDecision {
            decision_id: "dish".to_owned(),
            decision_name: "Dish".to_owned(),
            version: 2,
            decision_key: Key::new(PartitionId(1), 10),
            decision_requirements_id: "dinner".to_owned(),
            decision_requirements_key: Key::new(PartitionId(1), 9),
        }],
        decision_requirements: vec![DeployedDecisionRequirements {
            decision_requirements_id: "dinner".to_owned(),
            decision_requirements_name: "Dinner".to_owned(),
            version: 4,
            decision_requirements_key: Key::new(PartitionId(1), 9),
            resource_name: "dinner.dmn".to_owned(),
        }],
        forms: vec![DeployedResource {
            resource_id: "claim".to_owned(),
            version: 5,
            resource_key: Key::new(PartitionId(1), 11),
            resource_name: "claim.form".to_owned(),
        }],
        resources: vec![DeployedResource {
            resource_id: "robot".to_owned(),
            version: 6,
            resource_key: Key::new(PartitionId(1), 12),
            resource_name: "robot.rpa".to_owned(),
        }],
    }
}

/// An evaluation for replies: a table that calls a function.
pub fn evaluation() -> DecisionEvaluation {
    let value = |id: &str, name: &str, value: &'static str| EvaluatedValue {
        id: id.into(),
        name: name.into(),
        value: Bytes::from_static(value.as_bytes()),
    };
    let rule =
        MatchedRule { rule_id: "r1".into(), rule_index: 1, outputs: vec![value("out", "dish", "\"stew\"")] };
    DecisionEvaluation {
        key: Key::new(PartitionId(2), 11),
        decision_id: "dish".into(),
        decision_name: "Dish".into(),
        decision_version: 2,
        decision_key: Key::new(PartitionId(1), 10),
        decision_requirements_id: "dinner".into(),
        decision_requirements_key: Key::new(PartitionId(1), 9),
        tenant_id: DEFAULT_TENANT.into(),
        output: Ok(Bytes::from_static(b"\"stew\"")),
        evaluated: vec![
            EvaluatedDecision {
                decision_id: "f".into(),
                decision_name: "function".into(),
                decision_key: Key::NONE,
                decision_version: -1,
                decision_type: DecisionType::LiteralExpression,
                output: Bytes::from_static(b"2"),
                inputs: Vec::new(),
                matched_rules: Vec::new(),
            },
            EvaluatedDecision {
                decision_id: "dish".into(),
                decision_name: "Dish".into(),
                decision_key: Key::new(PartitionId(1), 10),
                decision_version: 2,
                decision_type: DecisionType::DecisionTable,
                output: Bytes::from_static(b"\"stew\""),
                inputs: vec![value("in", "Month", "1")],
                matched_rules: vec![rule],
            },
        ],
    }
}

/// A job for replies, with this counter in its key.
pub fn job(counter: u64) -> ActivatedJob {
    ActivatedJob {
        key: Key::new(PartitionId(2), counter),
        job_type: "pay".into(),
        kind: JobKind::BpmnElement,
        listener_event_type: JobListenerEventType::Unspecified,
        process_instance_key: Key::new(PartitionId(2), 8),
        root_process_instance_key: Key::new(PartitionId(2), 8),
        bpmn_process_id: "order".into(),
        process_definition_version: 3,
        process_definition_key: Key::new(PartitionId(1), 7),
        element_id: "task".into(),
        element_instance_key: Key::new(PartitionId(2), 9),
        custom_headers: r#"{"a":"b"}"#.into(),
        worker: "w\n1".into(),
        retries: 3,
        priority: 0,
        lease_token: None,
        deadline: TimestampMs(1_700_000_000_123),
        variables: Bytes::from_static(br#"{"x": [1, 2.50]}"#),
        tenant_id: DEFAULT_TENANT.into(),
        tags: vec!["fast".to_owned()].into(),
        business_id: "o-1".into(),
    }
}
