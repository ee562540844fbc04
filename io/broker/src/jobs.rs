//! Job streams of this core's clients.
//!
//! A stream queues what partitions push until its connection takes it; what was never taken goes back as YIELD
//! when the stream ends.

use ringbolt_record::{ActivatedJob, StreamId};
use std::collections::{BTreeMap, VecDeque};
use std::task::{Context, Poll, Waker};

#[derive(Default)]
struct Queue {
    jobs: VecDeque<ActivatedJob>,
    waker: Option<Waker>,
    failed: bool,
}

/// The streams whose connections live on this core.
#[derive(Default)]
pub(crate) struct StreamQueues {
    core: u64,
    next: u64,
    queues: BTreeMap<StreamId, Queue>,
}

/// The core whose connection a stream or a poll belongs to.
pub(crate) fn home_core(stream: StreamId) -> usize {
    (stream.0 >> 48) as usize
}

impl StreamQueues {
    pub(crate) fn new(core: usize) -> Self {
        Self { core: core as u64, next: 0, queues: BTreeMap::new() }
    }

    pub(crate) fn open(&mut self) -> StreamId {
        self.next += 1;
        let stream = StreamId(self.core << 48 | self.next);
        self.queues.insert(stream, Queue::default());
        stream
    }

    /// Queues a job, or gives it back when the stream is closed.
    pub(crate) fn push(&mut self, stream: StreamId, job: ActivatedJob) -> Option<ActivatedJob> {
        let Some(queue) = self.queues.get_mut(&stream) else { return Some(job) };
        queue.jobs.push_back(job);
        if let Some(waker) = queue.waker.take() {
            waker.wake();
        }
        None
    }

    /// Ends a stream from the server's side: its connection learns of it after what is queued.
    pub(crate) fn fail_all(&mut self) {
        for queue in self.queues.values_mut() {
            queue.failed = true;
            if let Some(waker) = queue.waker.take() {
                waker.wake();
            }
        }
    }

    pub(crate) fn poll_next(&mut self, stream: StreamId, cx: &mut Context<'_>) -> Poll<Option<ActivatedJob>> {
        let Some(queue) = self.queues.get_mut(&stream) else { return Poll::Ready(None) };
        if let Some(job) = queue.jobs.pop_front() {
            return Poll::Ready(Some(job));
        }
        if queue.failed {
            return Poll::Ready(None);
        }
        queue.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Closes a stream; the jobs that were never taken.
    pub(crate) fn close(&mut self, stream: StreamId) -> VecDeque<ActivatedJob> {
        self.queues.remove(&stream).map(|queue| queue.jobs).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.queues.len()
    }

    /// Jobs that wait for their connection.
    pub(crate) fn queued(&self) -> usize {
        self.queues.values().map(|queue| queue.jobs.len()).sum()
    }
}
