//! What the gateway talks to: one handle per core, cheap to clone, never leaving its core.

use crate::admission::Admission;
use crate::clock;
use crate::collection::Collection;
use crate::host::CoreHost;
use crate::large::{Full, LargeCommands};
use crate::mesh::{CoreReport, Message};
use crate::metrics::{RefusalReason, Stage, WorkClass};
use crate::notices::Notices;
use crate::pending::Pending;
use crate::positions::Positions;
use crate::side_threads::SideThreads;
use crate::write_limit::WriteLimit;
use ringbolt_partition::{Answer, Partition, Refusal, StreamSpec, new_work_bytes};
use ringbolt_record::{
    ActivatedJob, Activation, Command, DurationMs, PartitionId, Position, RejectionType, Reply,
    RequestContext, RequestId, StreamId, TimestampMs,
};
use ringbolt_ring::local::Notify;
use ringbolt_ring::time;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// What a client asks of a job stream.
#[derive(Clone, Debug)]
pub struct JobStreamSpec {
    /// Type of the jobs.
    pub job_type: String,
    /// Who gets them.
    pub worker: String,
    /// How long the worker has a job.
    pub timeout: DurationMs,
    /// Names of variables; all that are visible when empty.
    pub fetch_variables: Vec<String>,
    /// Whose jobs.
    pub tenant_ids: Vec<String>,
}

pub(crate) struct Inner {
    pub(crate) partitions: BTreeMap<PartitionId, Partition>,
    pub(crate) host: CoreHost,
}

pub(crate) struct Shared {
    pub(crate) inner: RefCell<Inner>,
    pub(crate) side: SideThreads,
    /// Something waits in the outbox.
    pub(crate) outbox: Notify,
    /// A partition has work that no client waits for.
    pub(crate) slices: Notify,
    /// The partition whose slice comes next.
    pub(crate) next_slice: Cell<usize>,
    /// A write has ended since an instance went on by itself.
    pub(crate) owes_slice: Cell<bool>,
    /// Something becomes due before the timer's next look.
    pub(crate) timer: Notify,
    pub(crate) timer_at: Cell<TimestampMs>,
    pub(crate) partition_ids: Vec<PartitionId>,
    pub(crate) positions: Arc<Positions>,
    pub(crate) local_ids: Vec<PartitionId>,
    /// The other cores that have partitions, with these.
    pub(crate) elsewhere: Vec<(usize, Vec<PartitionId>)>,
    pub(crate) next_partition: Cell<usize>,
    pub(crate) next_poll: Cell<usize>,
    /// When the request was complete whose command is submitted next.
    pub(crate) received: Cell<Option<Instant>>,
    /// The server stops: nobody waits any more for what others have yet to do.
    pub(crate) is_draining: Cell<bool>,
    pub(crate) stream_window: u32,
    pub(crate) next_collection: Cell<u64>,
    pub(crate) collections: RefCell<BTreeMap<u64, Vec<CoreReport>>>,
    pub(crate) collected: Notify,
    pub(crate) notices: Notices,
    pub(crate) admission: RefCell<Admission>,
    pub(crate) write_limit: RefCell<WriteLimit>,
    pub(crate) large: RefCell<LargeCommands>,
    /// The first request of a round came.
    pub(crate) round_begins: Notify,
    /// Somebody waits at the door.
    pub(crate) door_waits: Notify,
    /// When the bytes of the request could be read whose command is submitted next, if it waited at the door.
    pub(crate) came: Cell<Option<Instant>>,
}

/// One core's broker.
#[derive(Clone)]
pub struct CoreBroker {
    pub(crate) shared: Rc<Shared>,
}

/// A command on its way to its partition.
enum Begun<'a> {
    Now(Option<Pending>),
    /// When its turn has come. In a box: what does not wait need not have room for it.
    InTurn(Pin<Box<dyn Future<Output = Option<Pending>> + 'a>>),
}

/// How long a deployment waits for the other cores to have seen it.
const DISTRIBUTION_MAX: Duration = Duration::from_secs(2);

/// Why there is no answer.
pub(crate) const STOPPING: &str = "the server is stopping";

/// The time that partitions are told.
pub(crate) fn wall_clock() -> TimestampMs {
    TimestampMs(clock::now_ms())
}

impl CoreBroker {
    /// All partitions of this node, in order.
    pub fn partitions(&self) -> &[PartitionId] {
        &self.shared.partition_ids
    }

    /// Which core this is.
    pub fn core(&self) -> usize {
        self.shared.inner.borrow().host.core
    }

    /// Where a new instance starts: on this core, in turn over its partitions that work; elsewhere when there is none.
    pub fn partition_for_new_instance(&self) -> PartitionId {
        let turn = self.shared.next_partition.get();
        self.shared.next_partition.set(turn.wrapping_add(1));
        let in_turn = |ids: &[PartitionId]| {
            let ids = ids.iter().cycle().skip(turn % ids.len().max(1)).take(ids.len()).copied();
            ids.into_iter().find(|id| !self.has_stopped(*id))
        };
        let all = &self.shared.partition_ids;
        let found = in_turn(&self.shared.local_ids).or_else(|| in_turn(all));
        found.unwrap_or(all[turn % all.len()])
    }

    /// Whether the server is about to stop: what waits here is ended.
    pub fn is_draining(&self) -> bool {
        self.shared.is_draining.get()
    }

    /// Whether this node has the partition.
    pub fn has_partition(&self, partition: PartitionId) -> bool {
        self.shared.partition_ids.contains(&partition)
    }

    /// The last position that a partition has given out, committed: that of an answer that has just come, or a later one. None of a
    /// partition that there is not.
    pub fn last_position(&self, partition: PartitionId) -> Option<Position> {
        self.shared.positions.last(partition)
    }

    /// Whether the core of a partition has not said yet how far that is: right after the start.
    pub fn is_position_awaited(&self, partition: PartitionId) -> bool {
        self.shared.positions.is_awaited(partition)
    }

    /// Submits a command and waits for its answer: at once, or, where it is new work that brings much and the next write of the log has
    /// enough, when its turn has come. Dropping the future leaves a command processed whose turn had come; jobs that it activated go back. It does not
    /// hold a command that was submitted: so many wait that what each holds counts.
    pub fn submit(
        &self,
        partition: PartitionId,
        command: Command,
        context: RequestContext,
    ) -> impl Future<Output = Answer> + use<'_> {
        let brings = new_work_bytes(&command);
        let class = if brings.is_some() { WorkClass::NewWork } else { WorkClass::Progress };
        let came = self.shared.came.take();
        let arrived = is_timed(&command).then(|| came.unwrap_or_else(|| self.shared.arrived()));
        if let Some(received) = self.shared.received.take() {
            let metrics = &mut self.shared.inner.borrow_mut().host.metrics;
            metrics.observe(Stage::Parsed, received.elapsed());
        }
        let begun = match self.large_turn(partition, brings.unwrap_or(0)) {
            Err(Full) => Begun::Now(None),
            Ok(None) => Begun::Now(self.begin(partition, command, context)),
            Ok(Some(turn)) => Begun::InTurn(Box::pin(async move {
                turn.await;
                let pending = self.begin(partition, command, context);
                self.wake_large();
                pending
            })),
        };
        async move {
            // How long one waited for its turn says nothing of how fast the core is.
            let (pending, arrived) = match begun {
                Begun::Now(pending) => (pending, arrived),
                Begun::InTurn(pending) => (pending.await, None),
            };
            let Some(pending) = pending else {
                let answer = Answer::Refusal(Refusal::Overloaded { partition, retry_after_ms: 1_000 });
                self.shared.inner.borrow_mut().host.count_answer(class, &answer);
                return answer;
            };
            let answer = pending.await;
            self.note_answer(&answer, class, arrived);
            if matches!(answer, Answer::Reply(Reply::Deployed(_))) && self.shared.partition_ids.len() > 1 {
                // The deployment went to the other partitions before this; mailboxes keep their order. So whoever deploys
                // and then starts an instance finds the definition on every core. In a box: others need not have room for it.
                drop(Box::pin(self.collect(DISTRIBUTION_MAX)).await);
            }
            answer
        }
    }

    /// Has a command processed; none when no request may be added to those that wait.
    fn begin(
        &self,
        partition: PartitionId,
        command: Command,
        mut context: RequestContext,
    ) -> Option<Pending> {
        let request = {
            let mut inner = self.shared.inner.borrow_mut();
            let request = inner.host.requests.open()?;
            context.request = Some(request);
            inner.run(partition, command, context);
            request
        };
        self.after_step();
        Some(Pending { broker: self.clone(), partition, request: Some(request) })
    }

    fn note_answer(&self, answer: &Answer, class: WorkClass, arrived: Option<Instant>) {
        if let Some(arrived) = arrived {
            let now = time::now();
            let took = now.saturating_duration_since(arrived);
            self.shared.admission.borrow_mut().on_answered(took, now);
        }
        if !matches!(answer, Answer::Reply(_)) {
            self.shared.inner.borrow_mut().host.count_answer(class, answer);
        }
    }

    /// Does what a step left to be done: wakes the journal, starts side work, sends what waits.
    pub(crate) fn after_step(&self) {
        let (checkpoints, spill, retired, removals, outbox_waits) = {
            let mut inner = self.shared.inner.borrow_mut();
            inner.run_afterwards();
            if self.shared.is_draining.get() {
                inner.dismiss_requests();
            }
            inner.stop_if_journal_failed();
            self.shared.note_stopped(&mut inner);
            self.shared.wake_background(&mut inner);
            let host = &mut inner.host;
            let outbox_waits = std::mem::take(&mut host.outbox_waits);
            let checkpoints = std::mem::take(&mut host.afterwards.checkpoints);
            let retired = std::mem::take(&mut host.afterwards.retired);
            let removals = std::mem::take(&mut host.journal.removals);
            (checkpoints, host.readers.next_spill(), retired, removals, outbox_waits)
        };
        if outbox_waits {
            self.shared.outbox.notify_one();
        }
        for (partition, job) in checkpoints {
            self.spawn_checkpoint(partition, job);
        }
        if let Some(spill) = spill {
            ringbolt_ring::spawn(self.clone().spill(spill));
        }
        if !retired.is_empty() {
            // When the side threads are busy the overlay is dropped here: late, but not lost.
            let _ = self.shared.side.chores.run(move || drop(retired));
        }
        if !removals.is_empty() {
            // What is not removed now is found again, and removed, at the next start.
            let _ = self.shared.side.chores.run(move || removals.into_iter().for_each(|old| drop(old.run())));
        }
    }

    /// Opens a job stream over all partitions. Jobs that wait come first.
    pub fn open_job_stream(&self, spec: JobStreamSpec) -> JobStream {
        let partitions = self.shared.partition_ids.len() as u32;
        let spec = StreamSpec {
            job_type: spec.job_type.into(),
            worker: spec.worker.into(),
            timeout: spec.timeout,
            fetch_variables: spec.fetch_variables.into(),
            tenant_ids: spec.tenant_ids.into(),
            window: (self.shared.stream_window / partitions).max(1),
            with_leases: false,
        };
        let stream = {
            let mut inner = self.shared.inner.borrow_mut();
            let stream = inner.host.streams.open();
            inner.host.send_to_others(|| Message::OpenStream { stream, spec: spec.clone() });
            inner.open_stream(stream, &spec);
            stream
        };
        self.after_step();
        JobStream { broker: self.clone(), stream }
    }

    /// Counts what a client of this core is told of something that no partition was asked for.
    pub fn count_refusal(&self, class: WorkClass, reason: RefusalReason) {
        self.shared.inner.borrow_mut().host.metrics.refuse(class, reason);
    }

    /// As [`CoreBroker::count_refusal`], where the request itself was wrong.
    pub fn count_rejection(&self, kind: RejectionType) {
        self.shared.inner.borrow_mut().host.metrics.rejections[kind.number() as usize] += 1;
    }

    /// Figures of this core alone.
    pub fn report(&self) -> CoreReport {
        self.shared.with_admission(self.shared.inner.borrow().report())
    }

    /// Figures of all cores, as many as answer within the time.
    pub async fn collect(&self, limit: Duration) -> Vec<CoreReport> {
        let collection = self.shared.next_collection.get();
        self.shared.next_collection.set(collection + 1);
        let others = {
            let mut inner = self.shared.inner.borrow_mut();
            let (own, cores) = (inner.host.core, inner.host.outbox.cores());
            inner.host.send_to_others(|| Message::Collect { core: own, collection });
            cores - 1
        };
        self.after_step();
        let reports = Collection::open(&self.shared, collection);
        let all_in = async {
            while reports.count() < others {
                self.shared.collected.notified().await;
            }
        };
        // What is missing after the time is left out.
        let _ = time::timeout(limit, all_in).await;
        let mut reports = reports.take();
        reports.push(self.report());
        reports.sort_by_key(|report| report.core);
        reports
    }
}

/// Whether a command's answer says how fast the core is: it waits for nothing but its entry.
fn is_timed(command: &Command) -> bool {
    matches!(command, Command::CreateProcessInstance(create) if create.await_result.is_none())
}

impl Shared {
    /// When the bytes of a request that is handled now could be read.
    pub(crate) fn arrived(&self) -> Instant {
        let now = time::now();
        now.checked_sub(self.admission.borrow().age(now)).unwrap_or(now)
    }

    /// Adds what the door knows to a core's figures.
    pub(crate) fn with_admission(&self, report: CoreReport) -> CoreReport {
        let (admission, limits, now) = (self.admission.borrow(), self.write_limit.borrow(), time::now());
        CoreReport {
            request_age: admission.oldest(now),
            admission_limit: admission.limit(),
            write_limits: report
                .partitions
                .iter()
                .filter_map(|it| Some((it.partition, limits.limit_of(it.partition.0, now)?)))
                .collect(),
            ..report
        }
    }
}

impl Inner {
    /// Runs a command on its partition, here or on another core.
    pub(crate) fn run(&mut self, partition: PartitionId, command: Command, context: RequestContext) {
        let Some(here) = self.partitions.get_mut(&partition) else {
            self.host.metrics.handoffs += 1;
            self.host.dispatch(partition, command, context);
            return;
        };
        let started = time::now();
        here.process(wall_clock(), &command, &context, &mut self.host);
        self.host.metrics.commands += 1;
        self.host.metrics.observe(Stage::Processing, started.elapsed());
    }

    /// Nobody waits for this request any more.
    pub(crate) fn forget(&mut self, partition: PartitionId, request: RequestId) {
        if let Some(here) = self.partitions.get_mut(&partition) {
            here.forget_request(request);
        } else if let Some(core) = self.host.owners.get(&partition).copied() {
            self.host.send_to(core, Message::Forget { partition, request });
        }
    }

    /// Commands that a step sent to partitions of the same core.
    fn run_afterwards(&mut self) {
        while let Some((partition, command, context)) = self.host.afterwards.commands.pop_front() {
            self.run(partition, command, context);
        }
    }

    /// An entry was refused that the state already has: nothing of this core may leave any more.
    fn stop_if_journal_failed(&mut self) {
        let Some(cause) = self.host.journal.failure.clone() else { return };
        self.stop_all(&cause);
    }

    /// Requests that wait for somebody's work are told that the server stops.
    fn dismiss_requests(&mut self) {
        for partition in self.partitions.values_mut() {
            partition.dismiss_requests(STOPPING, &mut self.host);
        }
    }

    /// Stops every partition of this core.
    pub(crate) fn stop_all(&mut self, cause: &str) {
        for partition in self.partitions.values_mut() {
            partition.stop(cause, &mut self.host);
        }
        self.host.streams.fail_all();
    }

    pub(crate) fn open_stream(&mut self, stream: StreamId, spec: &StreamSpec) {
        for partition in self.partitions.values_mut() {
            partition.open_stream(wall_clock(), stream, spec.clone(), &mut self.host);
        }
    }

    pub(crate) fn close_stream(&mut self, stream: StreamId) {
        for partition in self.partitions.values_mut() {
            partition.close_stream(stream);
        }
    }

    pub(crate) fn report(&self) -> CoreReport {
        let ring = ringbolt_ring::stats().unwrap_or_default();
        CoreReport {
            core: self.host.core,
            metrics: self.host.metrics.clone(),
            partitions: self.partitions.values().map(|partition| self.partition_report(partition)).collect(),
            requests_waiting: self.host.requests.waiting(),
            streams: self.host.streams.len(),
            stream_jobs_queued: self.host.streams.queued(),
            polls_waiting: self.host.polls.len(),
            handoffs_sent: ring.handoffs_sent,
            handoffs_received: ring.handoffs_received,
            journal_bytes: self.host.journal.bytes(),
            request_age: Duration::ZERO,
            admission_limit: None,
            write_limits: Vec::new(),
        }
    }
}

/// An open job stream. Dropping it closes it; jobs that were never taken go back.
pub struct JobStream {
    broker: CoreBroker,
    stream: StreamId,
}

impl JobStream {
    /// The next job; none when the server ends the stream.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<ActivatedJob>> {
        self.broker.shared.inner.borrow_mut().host.streams.poll_next(self.stream, cx)
    }
}

impl CoreBroker {
    /// Gives activated jobs back that were not handed over.
    pub fn give_back(&self, jobs: impl IntoIterator<Item = Activation>) {
        self.shared.inner.borrow_mut().host.yield_jobs(jobs);
        self.after_step();
    }
}

impl Drop for JobStream {
    fn drop(&mut self) {
        {
            let inner = &mut *self.broker.shared.inner.borrow_mut();
            inner.close_stream(self.stream);
            inner.host.send_to_others(|| Message::CloseStream { stream: self.stream });
            let left = inner.host.streams.close(self.stream);
            inner.host.yield_jobs(left.iter().map(ActivatedJob::activation));
        }
        self.broker.after_step();
    }
}
