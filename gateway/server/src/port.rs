//! The gateway's port to the engine, implemented by one core's broker.

use crate::documents::Documents;
use crate::evaluations::Evaluations;
use crate::exporting::Exporters;
use crate::figures::Figures;
use crate::job_streams::{JobStreams, Listed};
use crate::live::LiveStreams;
use crate::logging::{Level, log};
use crate::past::PastLooks;
use crate::searches::Searches;
use crate::test_endpoints::TestEndpoints;
use futures_util::FutureExt as _;
use futures_util::future::Either;
use ringbolt_api::broker::{
    Broker, BrokerInfo, Failed, Failure, JobPoll, JobStream, JobStreamSpec, LongPoll, NO_STORAGE,
    PartitionHealth, PartitionInfo, PartitionRole, Refusal, Submission, Topology,
};
use ringbolt_api::call::shown;
use ringbolt_api::documents::{DocumentReply, DocumentWish};
use ringbolt_api::operation::{ClockWish, Exporting};
use ringbolt_api::search::Look;
use ringbolt_api::watch::{Watch, Watching};
use ringbolt_api::{ApiError, ErrorKind};
use ringbolt_broker::metrics::{RefusalReason, WorkClass};
use ringbolt_broker::{Answer, CoreBroker, Pasts};
use ringbolt_engine::{names_cluster_variables, with_cluster_variables};
use ringbolt_http::{ArrivingBytes, ArrivingShare};
use ringbolt_record::command::{ActivateJobs, EvaluateExpression};
use ringbolt_record::reply::JobBatch;
use ringbolt_record::{
    ActivatedJob, Activation, Command, DurationMs, Key, PartitionId, Position, Reply, RequestContext,
};
use ringbolt_ring::side::Side;
use ringbolt_ring::time;
use std::cell::Cell;
use std::future::{self, Future};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// How long a core says nothing of refusals after it has: less than the log itself would hold back, and without its lock.
const REFUSED_PAUSE: Duration = Duration::from_millis(500);

thread_local! {
    /// When this core last had a line for a refusal.
    static REFUSED_AT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Whether this core may have a line for a refusal now.
fn is_due() -> bool {
    let now = time::now();
    let is_due = REFUSED_AT.get().is_none_or(|at| now.saturating_duration_since(at) >= REFUSED_PAUSE);
    if is_due {
        REFUSED_AT.set(Some(now));
    }
    is_due
}

/// One core's engine, as the protocols see it.
#[derive(Clone)]
pub(crate) struct CorePort {
    pub(crate) broker: CoreBroker,
    /// Where clients are told to find it.
    pub(crate) address: SocketAddr,
    pub(crate) evaluations: Evaluations,
    pub(crate) documents: Documents,
    pub(crate) tests: Arc<TestEndpoints>,
    pub(crate) aside: Side,
    pub(crate) job_streams: Arc<JobStreams>,
    pub(crate) exporters: Arc<Exporters>,
    pub(crate) figures: Figures,
    pub(crate) past: PastLooks,
    pub(crate) pasts: Pasts,
    /// None without secondary storage.
    pub(crate) searches: Option<Searches>,
    /// None without secondary storage.
    pub(crate) live: Option<LiveStreams>,
    /// What polls and streams want that wait for jobs.
    pub(crate) waiting: ArrivingBytes,
}

/// What is asked so seldom that it may have a box.
type Rarely<'a> = Pin<Box<dyn Future<Output = Result<Reply, Refusal>> + 'a>>;

/// What a poll or a stream takes beside its names, about: its books at each partition, its request, its place in the connection.
const WAITING_BYTES: usize = 2048;
/// What a name takes beside its text.
const NAME_BYTES: usize = 40;
/// When to try again where as many wait as may.
const WAITING_RETRY_AFTER: Duration = Duration::from_secs(1);

impl CorePort {
    /// Evaluates an expression beside the core, and counts what its client is told.
    async fn evaluate(&self, evaluate: EvaluateExpression) -> Result<Reply, Refusal> {
        let evaluated = self.evaluations.evaluate(evaluate).await;
        match &evaluated {
            Err(Refusal::Overloaded { .. }) => {
                self.broker.count_refusal(WorkClass::NewWork, RefusalReason::Evaluations);
            }
            Err(Refusal::Rejected(rejection)) => self.broker.count_rejection(rejection.kind),
            Ok(_) | Err(_) => {}
        }
        evaluated.map(Reply::ExpressionEvaluated)
    }

    /// Counts what somebody wants who waits for jobs, until it is dropped.
    fn waiting(&self, names: &[String], tenants: &[String]) -> Result<ArrivingShare, Refusal> {
        let texts: usize = names.iter().chain(tenants).map(|name| NAME_BYTES + name.len()).sum();
        let mut share = self.waiting.share();
        if share.add(WAITING_BYTES + texts) {
            return Ok(share);
        }
        self.broker.count_refusal(WorkClass::Progress, RefusalReason::Waiting);
        Err(Refusal::Overloaded { retry_after: WAITING_RETRY_AFTER })
    }

    fn ask(
        &self,
        partition: PartitionId,
        submission: Submission,
    ) -> impl Future<Output = Result<Reply, Refusal>> + use<'_> {
        let answer = self.broker.submit(partition, submission.command, submission.context);
        time::timeout(submission.timeout, answer).map(|answered| match answered {
            Ok(answer) => result_of(answer),
            Err(time::Elapsed { .. }) => Err(Refusal::DeadlineExceeded),
        })
    }

    /// An expression that names cluster variables gets them from a partition.
    async fn evaluate_with(
        &self,
        evaluate: EvaluateExpression,
        partition: PartitionId,
        (context, timeout): (RequestContext, Duration),
    ) -> Result<Reply, Refusal> {
        if !names_cluster_variables(&evaluate) {
            return self.evaluate(evaluate).await;
        }
        let fetch = Submission { command: Command::FetchClusterVariables, context, timeout };
        let Reply::ClusterVariables(seen) = self.ask(partition, fetch).await? else {
            return self.evaluate(evaluate).await;
        };
        self.evaluate(with_cluster_variables(evaluate, &seen)).await
    }
}

fn refusal_of(answer: ringbolt_broker::Refusal) -> Refusal {
    match answer {
        ringbolt_broker::Refusal::Overloaded { retry_after_ms, .. } => {
            Refusal::Overloaded { retry_after: Duration::from_millis(u64::from(retry_after_ms)) }
        }
        ringbolt_broker::Refusal::DiskFull { .. } => Refusal::DiskFull,
        ringbolt_broker::Refusal::Stopped { partition, cause } => {
            Refusal::PartitionUnavailable { partition, reason: cause }
        }
    }
}

fn result_of(answer: Answer) -> Result<Reply, Refusal> {
    match answer {
        Answer::Reply(reply) => Ok(reply),
        Answer::Rejection(rejection) => Err(Refusal::Rejected(rejection)),
        Answer::Refusal(refusal) => Err(refusal_of(refusal)),
    }
}

impl Broker for CorePort {
    type JobPoll = CorePoll;
    type JobStream = CoreStream;

    fn submit(
        &self,
        partition: PartitionId,
        submission: Submission,
    ) -> impl Future<Output = Result<Reply, Refusal>> {
        if !self.broker.has_partition(partition) {
            return Either::Left(
                Box::pin(future::ready(Err(Refusal::UnknownPartition(partition)))) as Rarely<'_>
            );
        }
        match submission.command {
            // In a box: other requests need not have room for it.
            Command::EvaluateExpression(evaluate) => {
                let rest = (submission.context, submission.timeout);
                Either::Left(Box::pin(self.evaluate_with(evaluate, partition, rest)) as Rarely<'_>)
            }
            _ => Either::Right(self.ask(partition, submission)),
        }
    }

    fn request_received(&self) {
        self.broker.request_received();
    }

    fn admit_new_work(&self) -> Result<(), Refusal> {
        self.broker.admit_new_work().map_err(refusal_of)
    }

    fn sheds_new_work(&self) -> bool {
        self.broker.sheds_new_work()
    }

    fn shed_new_work(&self) -> Result<(), Refusal> {
        self.broker.shed_new_work().map_err(refusal_of)
    }

    async fn new_work_turn(&self) -> Result<(), Refusal> {
        self.broker.new_work_turn().await.map_err(refusal_of)
    }

    fn partition_for_new_instance(&self) -> PartitionId {
        self.broker.partition_for_new_instance()
    }

    fn partitions(&self) -> &[PartitionId] {
        self.broker.partitions()
    }

    fn topology(&self) -> Topology {
        let partition = |partition_id: &PartitionId| PartitionInfo {
            partition_id: *partition_id,
            role: PartitionRole::Leader,
            health: match self.broker.has_stopped(*partition_id) {
                false => PartitionHealth::Healthy,
                true => PartitionHealth::Dead,
            },
        };
        let partitions: Vec<PartitionInfo> = self.broker.partitions().iter().map(partition).collect();
        Topology {
            cluster_size: 1,
            partitions_count: partitions.len() as u32,
            replication_factor: 1,
            brokers: vec![BrokerInfo {
                node_id: 0,
                host: self.address.ip().to_string(),
                port: self.address.port(),
                partitions,
            }],
            cluster_id: String::new(),
            last_completed_change_id: self.tests.last_change(),
        }
    }

    async fn aside<T, W>(&self, work: W) -> Option<T>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        self.aside.run(work).ok()?.await.ok()
    }

    fn failed(&self, failed: &Failed<'_>) {
        let Failed { failure, method, path, id } = *failed;
        // That streams and polls end when the server stops is no news, and of thousands that are refused together a few are enough.
        if failure == Failure::Refused && (self.broker.is_draining() || !is_due()) {
            return;
        }
        let (level, message) = match failure {
            Failure::Error => (Level::Error, "a request met an error of the server"),
            Failure::Refused => (Level::Warn, "a request was refused: the server cannot take it now"),
            Failure::Late => (Level::Warn, "a request had no answer in time"),
        };
        log(level, message, &[("method", &method), ("path", &shown(path)), ("request_id", &id)]);
    }

    fn control_clock(&self, wish: ClockWish) -> Result<(), ApiError> {
        self.tests.control_clock(wish)
    }

    fn exporting(&self) -> Exporting {
        self.exporters.told()
    }

    fn tell_exporters(&self, exporting: Exporting) -> Result<(), ApiError> {
        self.exporters.tell(exporting);
        Ok(())
    }

    async fn document(&self, wish: DocumentWish) -> Result<DocumentReply, ApiError> {
        self.documents.ask(wish).await
    }

    fn last_position(&self, partition: PartitionId) -> Option<Position> {
        self.searches.as_ref()?;
        self.broker.last_position(partition)
    }

    async fn look(&self, look: Look) -> Result<Option<Vec<u8>>, ApiError> {
        match &self.searches {
            Some(searches) => searches.look(look).await,
            None => Err(ApiError::new(ErrorKind::Unavailable, NO_STORAGE)),
        }
    }

    fn watch(&self, watch: Watch) -> Result<Box<dyn Watching>, ApiError> {
        match &self.live {
            Some(live) => live.open(watch),
            None => Err(ApiError::new(ErrorKind::Unavailable, NO_STORAGE)),
        }
    }

    async fn figures(&self) -> Result<Vec<u8>, ApiError> {
        let (figures, exporting) = (self.figures.clone(), self.exporters.told());
        let told = self.aside(move || figures.told(exporting)).await;
        told.ok_or_else(|| ApiError::new(ErrorKind::ResourceExhausted, "Nobody has time for figures now"))
    }

    async fn past(&self, instance: Key) -> Result<Vec<u8>, ApiError> {
        match &self.searches {
            Some(searches) => self.past.told(self.pasts.clone(), searches, instance).await,
            None => Err(ApiError::new(ErrorKind::Unavailable, NO_STORAGE)),
        }
    }

    fn complete_since(&self) -> Option<i64> {
        self.searches.as_ref()?.complete_since()
    }

    fn incomplete(&self) -> Option<String> {
        self.searches.as_ref()?.incomplete()
    }

    async fn visible(&self, positions: Vec<(PartitionId, Position)>) -> Result<(), ApiError> {
        match &self.searches {
            Some(searches) => {
                let is_awaited = || positions.iter().any(|(id, _)| self.broker.is_position_awaited(*id));
                searches.opened_by(is_awaited).await?;
                searches.visible(positions, |partition| self.broker.last_position(partition)).await
            }
            None => Err(ApiError::new(ErrorKind::Unavailable, NO_STORAGE)),
        }
    }

    fn poll_jobs(&self, request: ActivateJobs, long_poll: LongPoll) -> CorePoll {
        let deadline = match long_poll {
            LongPoll::None => None,
            LongPoll::For(span) => Some(time::now() + span),
        };
        let broker = self.broker.clone();
        let (state, share) = match self.waiting(&request.fetch_variables, &request.tenant_ids) {
            Ok(share) => {
                (PollState::Running(Box::pin(self.broker.poll_jobs(request, deadline).run())), Some(share))
            }
            Err(refusal) => (PollState::Refused(refusal), None),
        };
        CorePoll { broker, state, undelivered: Vec::new(), _share: share }
    }

    fn open_job_stream(&self, spec: JobStreamSpec) -> Result<CoreStream, Refusal> {
        let share = self.waiting(&spec.fetch_variables, &spec.tenant_ids)?;
        let listed = self.job_streams.list(&spec);
        let stream = self.broker.open_job_stream(ringbolt_broker::JobStreamSpec {
            job_type: spec.job_type,
            worker: spec.worker,
            timeout: DurationMs(i64::try_from(spec.timeout.as_millis()).unwrap_or(i64::MAX)),
            fetch_variables: spec.fetch_variables,
            tenant_ids: spec.tenant_ids,
        });
        let broker = self.broker.clone();
        Ok(CoreStream {
            broker,
            stream: Some(stream),
            undelivered: Vec::new(),
            _listed: listed,
            _share: share,
        })
    }
}

type RunningPoll = Pin<Box<dyn Future<Output = Result<JobBatch, Answer>>>>;

/// A poll under way; what was yielded and not delivered goes back when it is dropped.
pub(crate) struct CorePoll {
    broker: CoreBroker,
    state: PollState,
    undelivered: Vec<Activation>,
    _share: Option<ArrivingShare>,
}

enum PollState {
    Running(RunningPoll),
    Refused(Refusal),
    Over,
}

impl JobPoll for CorePoll {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<JobBatch, Refusal>>> {
        let finished = match &mut self.state {
            PollState::Running(running) => ready!(running.as_mut().poll(cx)),
            PollState::Refused(refusal) => {
                let refusal = refusal.clone();
                self.state = PollState::Over;
                return Poll::Ready(Some(Err(refusal)));
            }
            PollState::Over => return Poll::Ready(None),
        };
        self.state = PollState::Over;
        match finished {
            Ok(batch) if batch.jobs.is_empty() && !batch.truncated => Poll::Ready(None),
            Ok(batch) => {
                self.undelivered.extend(batch.jobs.iter().map(ActivatedJob::activation));
                Poll::Ready(Some(Ok(batch)))
            }
            Err(answer) => match result_of(answer) {
                Ok(_) => Poll::Ready(None),
                Err(refusal) => Poll::Ready(Some(Err(refusal))),
            },
        }
    }

    fn delivered(&mut self, count: usize) {
        self.undelivered.drain(..count.min(self.undelivered.len()));
    }
}

impl Drop for CorePoll {
    fn drop(&mut self) {
        if !self.undelivered.is_empty() {
            self.broker.give_back(self.undelivered.drain(..));
        }
    }
}

/// An open stream; what was yielded and not delivered goes back when it is dropped.
pub(crate) struct CoreStream {
    broker: CoreBroker,
    /// None once it has ended.
    stream: Option<ringbolt_broker::JobStream>,
    undelivered: Vec<Activation>,
    _listed: Listed,
    _share: ArrivingShare,
}

impl JobStream for CoreStream {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<ActivatedJob>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(None) };
        let polled = stream.poll_next(cx);
        if let Poll::Ready(Some(job)) = &polled {
            self.undelivered.push(job.activation());
        }
        polled
    }

    fn delivered(&mut self, job_key: Key) {
        if let Some(place) = self.undelivered.iter().position(|activation| activation.job_key == job_key) {
            self.undelivered.swap_remove(place);
        }
    }

    fn end(&mut self, unknown: &[Key]) {
        self.stream = None;
        let back = self.undelivered.extract_if(.., |activation| !unknown.contains(&activation.job_key));
        self.broker.give_back(back);
    }
}

impl Drop for CoreStream {
    fn drop(&mut self) {
        if !self.undelivered.is_empty() {
            self.broker.give_back(self.undelivered.drain(..));
        }
    }
}
