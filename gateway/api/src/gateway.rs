//! Takes a request to its partition and comes back with a reply or an error that names what was refused.

use crate::broker::{Broker, Failed, JobStreamSpec, LongPoll, Refusal, Submission, Topology};
use crate::documents::{DocumentReply, DocumentWish};
use crate::error::{ApiError, ErrorKind};
use crate::limits::Limits;
use crate::operation::{ClockWish, Exporting};
use crate::position::shown;
use crate::request::{Mapper, Missing, Protocol, Request, Target};
use crate::search::Look;
use crate::watch::{Watch, Watching};
use futures_util::FutureExt as _;
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::{Command, Key, PartitionId, Position, Rejection, RejectionType, Reply};
use std::cell::RefCell;
use std::rc::Rc;

/// The partition that keeps all deployments.
pub const DEPLOYMENT_PARTITION: PartitionId = PartitionId(1);

/// The engine and the bounds of requests to it, for one protocol on one core.
pub struct Gateway<B> {
    broker: B,
    limits: Rc<Limits>,
    protocol: Protocol,
    /// What new work was last turned away with: thousands are told the same.
    told: RefCell<Option<(&'static str, Refusal, ApiError)>>,
}

impl<B: Clone> Clone for Gateway<B> {
    fn clone(&self) -> Self {
        Self {
            broker: self.broker.clone(),
            limits: self.limits.clone(),
            protocol: self.protocol,
            told: RefCell::default(),
        }
    }
}

impl<B: Broker> Gateway<B> {
    /// A gateway to a broker.
    pub fn new(broker: B, limits: Rc<Limits>, protocol: Protocol) -> Self {
        Self { broker, limits, protocol, told: RefCell::default() }
    }

    /// Bounds of requests.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Makes requests.
    pub fn mapper(&self) -> Mapper<'_> {
        Mapper { protocol: self.protocol, limits: &self.limits }
    }

    /// A request is complete on its connection.
    pub fn request_received(&self) {
        self.broker.request_received();
    }

    /// Whether a request that starts new work may come in; `intent` is the command's name on the wire.
    ///
    /// # Errors
    /// When the server has too much to do already.
    pub fn admit_new_work(&self, intent: &str) -> Result<(), ApiError> {
        self.broker.admit_new_work().map_err(|refusal| ApiError::refused(intent, refusal))
    }

    /// Whether new work may be turned away now.
    pub fn sheds_new_work(&self) -> bool {
        self.broker.sheds_new_work()
    }

    /// Whether a request that starts new work is let pass, asked as soon as its head is seen; `intent` as above.
    ///
    /// # Errors
    /// When the server has too much to do already.
    pub fn shed_new_work(&self, intent: &'static str) -> Result<(), ApiError> {
        let Err(refusal) = self.broker.shed_new_work() else { return Ok(()) };
        let mut told = self.told.borrow_mut();
        match &*told {
            Some((intended, before, error)) if *intended == intent && *before == refusal => {
                Err(error.clone())
            }
            Some(_) | None => {
                let error = ApiError::refused(intent, refusal.clone());
                *told = Some((intent, refusal, error.clone()));
                Err(error)
            }
        }
    }

    /// Waits until new work that was admitted may be handled; `intent` as above.
    ///
    /// # Errors
    /// When that took too long.
    pub async fn new_work_turn(&self, intent: &str) -> Result<(), ApiError> {
        self.broker.new_work_turn().await.map_err(|refusal| ApiError::refused(intent, refusal))
    }

    /// The cluster.
    pub fn topology(&self) -> Topology {
        self.broker.topology()
    }

    /// Submits a request to its partition.
    ///
    /// # Errors
    /// When the partition refuses it, cannot take it, or does not exist.
    pub fn call(&self, request: Request) -> impl Future<Output = Result<Reply, ApiError>> + use<'_, B> {
        self.call_placed(request).map(|answered| answered.map(|(reply, _)| reply))
    }

    /// The same, with a position at which what it wrote can be found, as clients name it.
    ///
    /// # Errors
    /// As above.
    pub fn call_placed(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<(Reply, Option<String>), ApiError>> + use<'_, B> {
        // Before anything is waited for, so that what waits does not hold the request.
        let asked = self.partition_of(&request).map(|partition| {
            let intent = request.command.record().0.name();
            let Request { command, context, timeout, .. } = request;
            (partition, intent, self.broker.submit(partition, Submission { command, context, timeout }))
        });
        async move {
            let (partition, intent, answer) = asked?;
            let reply = answer.await.map_err(|refusal| ApiError::refused(intent, refusal))?;
            let position = self.broker.last_position(partition).map(|position| shown(partition, position));
            Ok((reply, position))
        }
    }

    fn partition_of(&self, request: &Request) -> Result<PartitionId, ApiError> {
        match request.target {
            Target::Deployments => Ok(DEPLOYMENT_PARTITION),
            Target::NewInstance => Ok(self.partition_of_instance(&request.command)),
            Target::Any => Ok(self.broker.partition_for_new_instance()),
            Target::CorrelationKey => self.partition_of_message(&request.command),
            Target::Key(key) => {
                let partition = Key::from_wire(key).partition();
                let is_known = self.broker.partitions().contains(&partition);
                if is_known { Ok(partition) } else { Err(not_found(request, key)) }
            }
        }
    }

    fn partition_of_message(&self, command: &Command) -> Result<PartitionId, ApiError> {
        let correlation_key = match command {
            Command::PublishMessage(message) => &message.correlation_key,
            Command::CorrelateMessage(message) => &message.correlation_key,
            _ => return Err(ApiError::new(ErrorKind::Internal, "the command has no correlation key")),
        };
        Ok(self.partition_of_text(correlation_key))
    }

    /// An instance with a business id begins on the partition that the id falls to, as in Camunda: there it is known who has which, so
    /// that the server can ask at any time that they differ.
    fn partition_of_instance(&self, command: &Command) -> PartitionId {
        match command {
            Command::CreateProcessInstance(create) if !create.business_id.is_empty() => {
                self.partition_of_text(&create.business_id)
            }
            _ => self.broker.partition_for_new_instance(),
        }
    }

    fn partition_of_text(&self, text: &str) -> PartitionId {
        let partition_count = self.broker.partitions().len().try_into().unwrap_or(u16::MAX);
        PartitionId::of_correlation_key(text, partition_count)
    }

    /// Has the store of documents do something.
    ///
    /// # Errors
    /// What the client is told instead.
    pub async fn document(&self, wish: DocumentWish) -> Result<DocumentReply, ApiError> {
        self.broker.document(wish).await
    }

    /// Has something be looked up in secondary storage.
    ///
    /// # Errors
    /// What the client is told instead.
    pub async fn look(&self, look: Look) -> Result<Option<Vec<u8>>, ApiError> {
        self.broker.look(look).await
    }

    /// Begins to tell which process instances change.
    ///
    /// # Errors
    /// What the client is told instead.
    pub fn watch(&self, watch: Watch) -> Result<Box<dyn Watching>, ApiError> {
        self.broker.watch(watch)
    }

    /// How the engine does, as JSON.
    ///
    /// # Errors
    /// What the client is told instead.
    pub async fn figures(&self) -> Result<Vec<u8>, ApiError> {
        self.broker.figures().await
    }

    /// What the log still has of a process instance, as JSON.
    ///
    /// # Errors
    /// What the client is told instead.
    pub async fn past(&self, instance: Key) -> Result<Vec<u8>, ApiError> {
        self.broker.past(instance).await
    }

    /// Since when everything that happened can be found, milliseconds since 1970; none for always.
    pub fn complete_since(&self) -> Option<i64> {
        self.broker.complete_since()
    }

    /// The partitions, with commas between, of which what is alive is not all there yet; none when all is.
    pub fn incomplete(&self) -> Option<String> {
        self.broker.incomplete()
    }

    /// Waits until what these positions stand for can be found.
    ///
    /// # Errors
    /// What the client is told instead.
    pub async fn visible(&self, positions: Vec<(PartitionId, Position)>) -> Result<(), ApiError> {
        self.broker.visible(positions).await
    }

    /// Waits until all that every partition has committed can be found.
    ///
    /// # Errors
    /// What the client is told instead.
    pub async fn all_visible(&self) -> Result<(), ApiError> {
        let last = |id: &PartitionId| Some((*id, self.broker.last_position(*id)?));
        self.broker.visible(self.broker.partitions().iter().filter_map(last).collect()).await
    }

    /// Does work beside the core; none when nobody has time for it.
    pub async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        self.broker.aside(work).await
    }

    /// A request was refused, or failed, through no fault of its client.
    pub fn failed(&self, failed: &Failed<'_>) {
        self.broker.failed(failed);
    }

    /// Sets the clock that deadlines go by.
    ///
    /// # Errors
    /// When the server was not started for tests.
    pub fn control_clock(&self, wish: ClockWish) -> Result<(), ApiError> {
        self.broker.control_clock(wish)
    }

    /// What exporters were told.
    pub fn exporting(&self) -> Exporting {
        self.broker.exporting()
    }

    /// Tells exporters what to do.
    ///
    /// # Errors
    /// When there are none that could be told.
    pub fn tell_exporters(&self, exporting: Exporting) -> Result<(), ApiError> {
        self.broker.tell_exporters(exporting)
    }

    /// Starts an activation of jobs.
    pub fn poll_jobs(&self, request: ActivateJobs, long_poll: LongPoll) -> B::JobPoll {
        self.broker.poll_jobs(request, long_poll)
    }

    /// Opens a stream of jobs.
    ///
    /// # Errors
    /// When as many wait as may.
    pub fn open_job_stream(&self, spec: JobStreamSpec) -> Result<B::JobStream, ApiError> {
        self.broker.open_job_stream(spec).map_err(|refusal| ApiError::refused("STREAM", refusal))
    }
}

/// A key that no partition of this cluster made belongs to nothing: the engine's answer, without asking one.
fn not_found(request: &Request, key: i64) -> ApiError {
    let Missing { wish, thing } = request.missing;
    let reason = format!("Expected to {wish} with key '{key}', but no such {thing} was found");
    let intent = request.command.record().0.name();
    ApiError::rejected(intent, &Rejection::new(RejectionType::NotFound, reason))
}
