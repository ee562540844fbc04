//! Searches of secondary storage, beside the cores.
//!
//! Invariants: a core does nothing for a search but hand it over and write its answer; what waits is bounded in number and each search in
//! time; a search ends early when nobody waits for it any more.

use crate::descriptors::finished_files_max;
use crate::search_config::SearchSettings;
use ringbolt_api::broker::Refusal;
use ringbolt_api::search::Look;
use ringbolt_api::{ApiError, ErrorKind};
use ringbolt_query::{Cancel, Files, Searcher, Visible, Waited};
use ringbolt_record::{PartitionId, Position};
use ringbolt_ring::side::{Full, Side, SideConfig, told};
use ringbolt_ring::{raise_descriptor_limit, time};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Searches yield to the cores.
const NICE: i32 = 5;
/// Reads that wait for a position; one more is refused.
const WAITING_MAX: usize = 4096;
/// When to try again after a refusal.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often it is looked whether all files are open, right after the start.
const OPENING: Duration = Duration::from_millis(5);
/// How much later than at its deadline a read that waits is told so, if the projector does not tell it.
const SLACK: Duration = Duration::from_millis(100);

/// What searches, and its threads. Clones share them.
#[derive(Clone)]
pub(crate) struct Searches {
    searcher: Arc<Searcher>,
    files: Arc<Files>,
    visible: Arc<Visible>,
    side: Side,
    waiting: Arc<AtomicUsize>,
    settings: SearchSettings,
}

/// Tells a search that nobody waits for it any more, when it is dropped.
struct GivenUp(Cancel);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

/// One of those that wait, for as long as it is kept.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Searches {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub(crate) fn start(
        files: Arc<Files>,
        visible: Arc<Visible>,
        settings: SearchSettings,
    ) -> io::Result<Self> {
        let SearchSettings { threads, queue_max, .. } = settings;
        let side = Side::start(SideConfig { name: "search", threads, queue_max, nice: NICE })?;
        // Each search that runs has one more open.
        let kept = finished_files_max(raise_descriptor_limit()?).saturating_sub(threads as u64);
        let searcher = Searcher::new(files.clone()).keeping(usize::try_from(kept).unwrap_or(usize::MAX));
        let searcher = Arc::new(searcher);
        Ok(Self { searcher, files, visible, side, waiting: Arc::default(), settings })
    }

    /// Looks something up.
    ///
    /// # Errors
    /// What the client is told instead.
    pub(crate) async fn look(&self, look: Look) -> Result<Option<Vec<u8>>, ApiError> {
        self.find(look).await
    }

    /// The same for what is no document.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn find<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Searcher, &Cancel) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.opened().await?;
        let cancel = Cancel::at(Instant::now() + self.settings.time_max);
        let _given_up = GivenUp(cancel.clone());
        let searcher = self.searcher.clone();
        match self.side.run(move || look(&searcher, &cancel)) {
            Err(Full) => Err(overloaded()),
            Ok(running) => match running.await {
                Ok(done) => done,
                Err(panicked) => Err(ApiError::refused("SEARCH", Refusal::Internal(panicked.to_string()))),
            },
        }
    }

    /// Waits until what is opened at the start is open, or fails. What is not after a while is refused by who reads it.
    async fn opened(&self) -> Result<(), ApiError> {
        self.has_come(|| !self.files.are_opening()).await.map(drop)
    }

    /// Waits until the cores have opened their partitions.
    ///
    /// # Errors
    /// When that takes too long.
    pub(crate) async fn opened_by(&self, is_awaited: impl Fn() -> bool) -> Result<(), ApiError> {
        match self.has_come(|| !is_awaited()).await? {
            true => Ok(()),
            false => Err(ApiError::new(ErrorKind::Unavailable, "A partition has not been opened yet")),
        }
    }

    /// Waits for what comes right after a start; whether it came before it was waited for too long.
    async fn has_come(&self, is_there: impl Fn() -> bool) -> Result<bool, ApiError> {
        if is_there() {
            return Ok(true);
        }
        let _waiting = self.begin_to_wait()?;
        let deadline = Instant::now() + self.settings.wait_max;
        while !is_there() && Instant::now() < deadline {
            time::sleep(OPENING).await;
        }
        Ok(is_there())
    }

    /// Refused where a partition cannot be read, and so gets no further either; one that is being opened gets on.
    fn available(&self, partition: PartitionId) -> Result<(), ApiError> {
        let files = self.files.partition(partition).filter(|files| !files.is_opening());
        match files.and_then(|files| files.unavailable()) {
            None => Ok(()),
            Some(unavailable) => Err(ApiError::new(ErrorKind::Unavailable, unavailable.to_string())),
        }
    }

    /// Counts one more that waits.
    fn begin_to_wait(&self) -> Result<Waiting, ApiError> {
        let waiting = Waiting(self.waiting.clone());
        let others = self.waiting.fetch_add(1, Ordering::Relaxed);
        if others >= WAITING_MAX { Err(overloaded()) } else { Ok(waiting) }
    }

    /// Since when everything that happened can be found, milliseconds since 1970; none for always.
    pub(crate) fn complete_since(&self) -> Option<i64> {
        self.files.complete_since(time::unix_ms())
    }

    /// The partitions, with commas between, of which what is alive is still being told; none when all is there.
    pub(crate) fn incomplete(&self) -> Option<String> {
        let partitions: Vec<String> = self.files.filling().map(|partition| partition.to_string()).collect();
        (!partitions.is_empty()).then(|| partitions.join(","))
    }

    /// Whether what is alive on a partition is still being told.
    pub(crate) fn is_filling(&self, partition: PartitionId) -> bool {
        self.files.filling().any(|filling| filling == partition)
    }

    /// Waits until these positions can be found; `last` is the last that a partition has given out.
    ///
    /// # Errors
    /// What the client is told instead: one was not given out yet, or it takes too long.
    pub(crate) async fn visible(
        &self,
        positions: Vec<(PartitionId, Position)>,
        last: impl Fn(PartitionId) -> Option<Position>,
    ) -> Result<(), ApiError> {
        for (partition, position) in &positions {
            if last(*partition).is_none_or(|last| *position > last) {
                let what = format!("The position {partition}-{position} was not given out yet");
                return Err(ApiError::invalid(what));
            }
        }
        let deadline = Instant::now() + self.settings.wait_max;
        for (partition, position) in positions {
            if self.visible.position(partition).is_none_or(|visible| visible < position) {
                self.wait(partition, position, deadline).await?;
            }
        }
        Ok(())
    }

    async fn wait(
        &self,
        partition: PartitionId,
        position: Position,
        deadline: Instant,
    ) -> Result<(), ApiError> {
        self.available(partition)?;
        let waiting = self.begin_to_wait()?;
        let (teller, told) = told();
        let then = move |waited| {
            drop(waiting);
            teller.tell(waited);
        };
        self.visible.when(partition, position, deadline, Box::new(then));
        let left = deadline.saturating_duration_since(Instant::now()) + SLACK;
        match time::timeout(left, told).await {
            Ok(Ok(Waited::Visible)) => Ok(()),
            Ok(Ok(Waited::TimedOut)) | Err(_) => self.available(partition).and(Err(ApiError::new(
                ErrorKind::DeadlineExceeded,
                format!("What stands at the position {partition}-{position} cannot be found yet"),
            ))),
            Ok(Ok(Waited::Closed) | Err(_)) => Err(ApiError::new(
                ErrorKind::Unavailable,
                format!("Secondary storage of partition {partition} does not get on"),
            )),
        }
    }
}

fn overloaded() -> ApiError {
    let mut error = ApiError::new(ErrorKind::ResourceExhausted, "Too many searches wait; try again");
    error.retry_after = Some(RETRY_AFTER);
    error
}
