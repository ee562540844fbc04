//! The port to the engine, implemented by the server over its partitions and by a script in tests.
//!
//! Invariants
//! - Everything stays on its core: nothing here is `Send`.
//! - Jobs that were yielded but not reported delivered go back at once when their poll or stream is dropped.

use crate::documents::{DocumentReply, DocumentWish};
use crate::error::{ApiError, ErrorKind};
use crate::operation::{ClockWish, Exporting};
use crate::search::Look;
use crate::watch::{Watch, Watching};
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::reply::{ActivatedJob, JobBatch};
use ringbolt_record::{Command, Key, PartitionId, Position, Rejection, Reply, RequestContext};
use std::future::Future;
use std::task::{Context, Poll};
use std::time::Duration;

/// Why nothing can be looked up.
pub const NO_STORAGE: &str = "This server runs without secondary storage: nothing can be searched";

/// The engine, as a protocol sees it. Clones share everything.
pub trait Broker: Clone + 'static {
    /// An activation of jobs that is under way.
    type JobPoll: JobPoll + 'static;
    /// An open stream of jobs.
    type JobStream: JobStream + 'static;

    /// Has a partition process a command. Answers when the answer is durable, or when the submission's time is over; a
    /// command that was handed to the partition takes effect although its future is dropped.
    fn submit(&self, partition: PartitionId, submission: Submission) -> impl Future<Output = Outcome>;

    /// A request is complete on its connection, and what it asks is submitted next, with nothing in between. For
    /// metrics; does nothing unless an engine wants to know.
    fn request_received(&self) {}

    /// Whether a request that starts new work may come in: asked before its body is read, for a server that has too much to
    /// do says so early.
    ///
    /// # Errors
    /// What to answer instead.
    fn admit_new_work(&self) -> Result<(), Refusal> {
        Ok(())
    }

    /// Whether new work may be turned away now. Asked for each request, so it is quick.
    fn sheds_new_work(&self) -> bool {
        false
    }

    /// Whether a request that starts new work is let pass: asked as soon as its head is seen, before anything is made ready for it.
    ///
    /// # Errors
    /// What to answer instead.
    fn shed_new_work(&self) -> Result<(), Refusal> {
        Ok(())
    }

    /// Waits until new work that was admitted may be handled. It is submitted next, with nothing in between.
    ///
    /// # Errors
    /// What to answer when that took too long.
    fn new_work_turn(&self) -> impl Future<Output = Result<(), Refusal>> {
        std::future::ready(Ok(()))
    }

    /// Where a new process instance starts best.
    fn partition_for_new_instance(&self) -> PartitionId;

    /// All partitions of the cluster.
    fn partitions(&self) -> &[PartitionId];

    /// The last position that a partition has given out: that of an answer that has just come, or a later one; none where nobody knows.
    fn last_position(&self, _: PartitionId) -> Option<Position> {
        None
    }

    /// The cluster.
    fn topology(&self) -> Topology;

    /// Has the store of documents do something, beside the core.
    ///
    /// # Errors
    /// What the client is told instead; always for an engine without such a store.
    fn document(&self, _: DocumentWish) -> impl Future<Output = Result<DocumentReply, ApiError>> {
        std::future::ready(Err(ApiError::new(ErrorKind::Unavailable, "This server keeps no documents")))
    }

    /// Does work beside the core; none when nobody has time for it.
    fn aside<T, W>(&self, work: W) -> impl Future<Output = Option<T>>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        std::future::ready(Some(work()))
    }

    /// Has secondary storage be searched, beside the core. It is given up when nobody waits for it any more.
    ///
    /// # Errors
    /// What the client is told instead; always for an engine without such storage.
    fn look(&self, _: Look) -> impl Future<Output = Result<Option<Vec<u8>>, ApiError>> {
        std::future::ready(Err(ApiError::new(ErrorKind::Unavailable, NO_STORAGE)))
    }

    /// Begins to tell which process instances change, when their rows are there. The engine ends it when it stops.
    ///
    /// # Errors
    /// What the client is told instead; always for an engine without secondary storage.
    fn watch(&self, _: Watch) -> Result<Box<dyn Watching>, ApiError> {
        Err(ApiError::new(ErrorKind::Unavailable, NO_STORAGE))
    }

    /// How the engine does, as JSON, for pages that show it; made beside the core, of what the cores said last.
    ///
    /// # Errors
    /// What the client is told instead; always for an engine that does not count.
    fn figures(&self) -> impl Future<Output = Result<Vec<u8>, ApiError>> {
        std::future::ready(Err(ApiError::new(ErrorKind::Unavailable, "This server tells no figures")))
    }

    /// What the log still has of a process instance, as JSON, for pages that replay it; read beside the core.
    ///
    /// # Errors
    /// What the client is told instead; always for an engine without secondary storage.
    fn past(&self, _: Key) -> impl Future<Output = Result<Vec<u8>, ApiError>> {
        std::future::ready(Err(ApiError::new(ErrorKind::Unavailable, NO_STORAGE)))
    }

    /// Since when everything that happened can be found, milliseconds since 1970; none for always.
    fn complete_since(&self) -> Option<i64> {
        None
    }

    /// The partitions, with commas between, of which what is alive is not all there yet; none when all is.
    fn incomplete(&self) -> Option<String> {
        None
    }

    /// Waits until what these positions stand for can be found.
    ///
    /// # Errors
    /// What the client is told instead: one was not given out yet, or it takes too long.
    fn visible(&self, _: Vec<(PartitionId, Position)>) -> impl Future<Output = Result<(), ApiError>> {
        std::future::ready(Err(ApiError::new(ErrorKind::Unavailable, NO_STORAGE)))
    }

    /// A request was not answered as its client may expect, through no fault of the client.
    fn failed(&self, _: &Failed<'_>) {}

    /// Sets the clock that deadlines go by.
    ///
    /// # Errors
    /// When the server was not started for tests.
    fn control_clock(&self, _: ClockWish) -> Result<(), ApiError> {
        Err(ApiError::new(ErrorKind::Forbidden, "This server's clock cannot be set"))
    }

    /// What exporters were told.
    fn exporting(&self) -> Exporting {
        Exporting::default()
    }

    /// Tells exporters what to do.
    ///
    /// # Errors
    /// When there are none that could be told.
    fn tell_exporters(&self, _: Exporting) -> Result<(), ApiError> {
        Err(ApiError::new(ErrorKind::Unavailable, "This server's exporters cannot be told anything"))
    }

    /// Activates jobs on all partitions, waiting for the first as long as `long_poll` says.
    fn poll_jobs(&self, request: ActivateJobs, long_poll: LongPoll) -> Self::JobPoll;

    /// Has jobs pushed as they are created, the backlog first. How many may be outstanding is the server's setting.
    ///
    /// # Errors
    /// When as many wait as may.
    fn open_job_stream(&self, spec: JobStreamSpec) -> Result<Self::JobStream, Refusal>;
}

/// A request that was refused, or failed, through no fault of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed<'a> {
    /// What happened.
    pub failure: Failure,
    /// The request's method.
    pub method: &'a str,
    /// The request's path, as it came.
    pub path: &'a str,
    /// What the request is called, as its client was told.
    pub id: &'a str,
}

/// What happened to a request that its client did nothing wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It met an error of ours.
    Error,
    /// It cannot be taken now.
    Refused,
    /// Its answer did not come in time.
    Late,
}

impl Failure {
    /// What a status of HTTP says; none for what is no failure of ours.
    pub const fn of_http(status: u16) -> Option<Self> {
        match status {
            500 => Some(Self::Error),
            503 => Some(Self::Refused),
            504 => Some(Self::Late),
            _ => None,
        }
    }

    /// What the number of a gRPC status says; none for what is no failure of ours. A deadline is the client's.
    pub const fn of_grpc(code: u8) -> Option<Self> {
        match code {
            2 | 13 => Some(Self::Error),
            8 | 14 => Some(Self::Refused),
            _ => None,
        }
    }
}

/// What becomes of a submission.
pub type Outcome = Result<Reply, Refusal>;

/// A command on its way to a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// What is asked.
    pub command: Command,
    /// Who asks; its `request` is the broker's to fill in.
    pub context: RequestContext,
    /// The client waits this long; then [`Refusal::DeadlineExceeded`].
    pub timeout: Duration,
}

/// How long an activation waits for its first job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongPoll {
    /// Not at all: what is there now.
    None,
    /// At most this long.
    For(Duration),
}

/// Batches of activated jobs. Dropping it gives back every job that was not reported delivered.
pub trait JobPoll {
    /// The next batch, never an empty one. `None` when as many as asked for were yielded, no more are there after
    /// the first, or the time is over. An error ends it.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<JobBatch, Refusal>>>;

    /// The oldest `count` of the jobs yielded and not reported yet are in the hands of the client's connection.
    fn delivered(&mut self, count: usize);
}

/// Jobs pushed one by one. Dropping it closes the stream and gives back every job that was not reported delivered.
pub trait JobStream {
    /// The next job; `None` when the server ends the stream.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<ActivatedJob>>;

    /// This job is in the hands of the client's connection.
    fn delivered(&mut self, job_key: Key);

    /// Ends it: there is no next job, and all that was not delivered goes back at once but for these, of which it is not known yet.
    fn end(&mut self, unknown: &[Key]);
}

/// Which jobs a stream wants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobStreamSpec {
    /// Type of the jobs.
    pub job_type: String,
    /// Who gets them; may be empty.
    pub worker: String,
    /// How long the worker has each; at least 1 ms.
    pub timeout: Duration,
    /// Names of variables; all that are visible when empty.
    pub fetch_variables: Vec<String>,
    /// Whose jobs; at least one.
    pub tenant_ids: Vec<String>,
}

/// Why a command has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The engine refused it.
    Rejected(Rejection),
    /// The partition is behind and takes no such work now.
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// The partition exists but cannot work now: it recovers, moves, or was stopped for the reason given.
    PartitionUnavailable {
        /// Which.
        partition: PartitionId,
        /// Why.
        reason: String,
    },
    /// There is no such partition.
    UnknownPartition(PartitionId),
    /// No answer in time; the command may still take effect.
    DeadlineExceeded,
    /// An expression's evaluation took longer than it may.
    EvaluationTooLong {
        /// How long it may take.
        limit: Duration,
    },
    /// The disk is full: no new work until there is space.
    DiskFull,
    /// The server stops.
    ShuttingDown,
    /// An error of ours.
    Internal(String),
}

/// The cluster, as clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Its members.
    pub brokers: Vec<BrokerInfo>,
    /// How many members it should have.
    pub cluster_size: u32,
    /// How many partitions.
    pub partitions_count: u32,
    /// How many replicas of each.
    pub replication_factor: u32,
    /// Made when the cluster was; may be empty.
    pub cluster_id: String,
    /// The last change of the topology.
    pub last_completed_change_id: i64,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerInfo {
    /// Counted from 0.
    pub node_id: u32,
    /// Where its gateway listens.
    pub host: String,
    /// The port there.
    pub port: u16,
    /// Its partitions.
    pub partitions: Vec<PartitionInfo>,
}

/// A member's part in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionInfo {
    /// Which.
    pub partition_id: PartitionId,
    /// The member's role.
    pub role: PartitionRole,
    /// Its state there.
    pub health: PartitionHealth,
}

/// A member's role in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionRole {
    /// It processes.
    Leader,
    /// It replicates.
    Follower,
    /// Neither.
    Inactive,
}

/// A member's state in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionHealth {
    /// All is well.
    Healthy,
    /// It may recover by itself.
    Unhealthy,
    /// It will not.
    Dead,
}

impl Topology {
    /// Whether some member leads some partition and is well: what `/v2/status` asks.
    pub fn has_healthy_leader(&self) -> bool {
        self.brokers.iter().flat_map(|broker| &broker.partitions).any(|partition| {
            partition.role == PartitionRole::Leader && partition.health == PartitionHealth::Healthy
        })
    }
}
