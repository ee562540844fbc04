//! What cores say to each other. One bounded mailbox per core; every message is one hop.
//!
//! A full mailbox never loses a message and never blocks: what does not fit waits in the sender's outbox, in
//! order. The outbox is bounded by what may be under way: requests, stream credit and yields of this core.

use ringbolt_partition::{Answer, PollSpec, StreamSpec};
use ringbolt_record::{ActivatedJob, Command, Key, PartitionId, RequestContext, RequestId, StreamId};
use ringbolt_ring::mailbox::{Receiver, SendError, Sender, channel};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::metrics::CoreMetrics;
use crate::readers::ReaderFigures;

/// Messages that one core's mailbox holds.
const MAILBOX_CAPACITY: usize = 16 * 1024;

/// Banned instances of a partition that a report lists; there may be more.
pub const BANNED_LISTED_MAX: usize = 1_000;

/// A message between cores.
pub(crate) enum Message {
    /// A command for a partition of the receiver.
    Command { partition: PartitionId, command: Command, context: RequestContext, sent: Instant },
    /// The answer to a request of the receiver's client.
    Answer { request: RequestId, answer: Answer },
    /// Nobody waits for a request any more.
    Forget { partition: PartitionId, request: RequestId },
    /// Opens a stream at the receiver's partitions.
    OpenStream { stream: StreamId, spec: StreamSpec },
    /// Closes a stream at the receiver's partitions.
    CloseStream { stream: StreamId },
    /// A job for a stream or a waiting poll of the receiver.
    Push { stream: StreamId, job: ActivatedJob },
    /// A poll looks at the receiver's partitions, beginning with the one in this turn, and waits there.
    OpenPoll { poll: StreamId, spec: PollSpec, turn: usize },
    /// What a poll of the receiver got from a partition of the sender; `None` when it was not asked after all.
    PollAnswer { poll: StreamId, partition: PartitionId, answer: Option<Answer> },
    /// A poll waits at the receiver's partitions no more.
    EndPoll { poll: StreamId },
    /// A partition of the sender stopped for good.
    PartitionStopped { partition: PartitionId },
    /// The sender wants the receiver's figures.
    Collect { core: usize, collection: u64 },
    /// Figures of the sender.
    Collected { collection: u64, report: Box<CoreReport> },
}

/// Figures of one core and its partitions.
#[derive(Clone, Debug, Default)]
pub struct CoreReport {
    /// Which core.
    pub core: usize,
    /// What it counted.
    pub metrics: CoreMetrics,
    /// Its partitions.
    pub partitions: Vec<PartitionReport>,
    /// Requests that wait for their answer.
    pub requests_waiting: usize,
    /// Open job streams of its connections.
    pub streams: usize,
    /// Jobs queued for its streams' connections.
    pub stream_jobs_queued: usize,
    /// Polls that wait for jobs.
    pub polls_waiting: usize,
    /// Mailbox messages to other cores.
    pub handoffs_sent: u64,
    /// Mailbox messages from other cores.
    pub handoffs_received: u64,
    /// Bytes of live journal segments.
    pub journal_bytes: u64,
    /// The greatest age of a request, from when its bytes could be read until it was handled, of the last seconds.
    pub request_age: Duration,
    /// New work older than this is refused now; none while the core is not behind.
    pub admission_limit: Option<Duration>,
    /// Records a second that new work may add to each partition now, by partition; none without a limit.
    pub write_limits: Vec<(PartitionId, f64)>,
}

/// Figures of one partition.
#[derive(Clone, Debug)]
pub struct PartitionReport {
    /// Which partition.
    pub partition: PartitionId,
    /// Its own figures.
    pub stats: ringbolt_partition::PartitionStats,
    /// Its store's figures.
    pub store: ringbolt_store::Stats,
    /// Why it stopped, if it did.
    pub stopped: Option<String>,
    /// Readers of its log.
    pub readers: Vec<ReaderFigures>,
    /// Banned instances, oldest first, at most [`BANNED_LISTED_MAX`].
    pub banned: Vec<Key>,
    /// How long instances have had follow-ups without a pause.
    pub follow_ups_age: Duration,
    /// How late the earliest is of what time brings about.
    pub due_age: Duration,
}

/// The ends of all mailboxes, made once before the cores start.
pub struct Mesh {
    senders: Vec<Sender<Message>>,
    receivers: parking_lot::Mutex<Vec<Option<Receiver<Message>>>>,
}

impl Mesh {
    /// Mailboxes for `cores` cores.
    pub fn new(cores: usize) -> Self {
        let (senders, receivers) = (0..cores).map(|_| channel(MAILBOX_CAPACITY)).unzip();
        let receivers: Vec<_> = {
            let receivers: Vec<Receiver<Message>> = receivers;
            receivers.into_iter().map(Some).collect()
        };
        Self { senders, receivers: parking_lot::Mutex::new(receivers) }
    }

    /// One core's ends; each core takes its own once.
    pub(crate) fn take(&self, core: usize) -> (Outbox, Receiver<Message>) {
        let receiver = self.receivers.lock()[core].take().expect("a core takes its mailbox once");
        (Outbox::new(self.senders.clone()), receiver)
    }
}

/// The way out of a core.
pub(crate) struct Outbox {
    senders: Vec<Sender<Message>>,
    waiting: Vec<VecDeque<Message>>,
}

impl Outbox {
    fn new(senders: Vec<Sender<Message>>) -> Self {
        let waiting = senders.iter().map(|_| VecDeque::new()).collect();
        Self { senders, waiting }
    }

    pub(crate) fn cores(&self) -> usize {
        self.senders.len()
    }

    /// Sends, or keeps in order what does not fit. Returns whether something waits.
    pub(crate) fn send(&mut self, core: usize, message: Message) -> bool {
        if self.waiting[core].is_empty() {
            match self.senders[core].try_send(message) {
                Ok(()) | Err(SendError::Closed(_)) => return false,
                Err(SendError::Full(message)) => self.waiting[core].push_back(message),
            }
        } else {
            self.waiting[core].push_back(message);
        }
        true
    }

    /// Sends what waits; whether something still does.
    pub(crate) fn flush(&mut self) -> bool {
        let mut is_waiting = false;
        for (core, waiting) in self.waiting.iter_mut().enumerate() {
            while let Some(message) = waiting.pop_front() {
                match self.senders[core].try_send(message) {
                    Ok(()) => {}
                    Err(SendError::Closed(_)) => waiting.clear(),
                    Err(SendError::Full(message)) => {
                        waiting.push_front(message);
                        is_waiting = true;
                        break;
                    }
                }
            }
        }
        is_waiting
    }
}
