//! Job streams and long polls of this core's clients.
//!
//! A stream queues what partitions push until its connection takes it; what was never taken goes back as YIELD
//! when the stream ends. A poll asks every partition in turn and then waits for news of its type.

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

/// The core whose connection a stream belongs to.
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

#[derive(Default)]
struct OfType {
    /// Grows with every piece of news, so that none is missed between looking and waiting.
    news: u64,
    waiting: VecDeque<(u64, Waker)>,
}

/// Polls that wait for jobs of a type.
#[derive(Default)]
pub(crate) struct Waiters {
    by_type: BTreeMap<Box<str>, OfType>,
    next: u64,
    count: usize,
}

/// A poll's place in the queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct WaiterId(u64);

impl Waiters {
    /// The type's news counter; look at it before looking for jobs.
    pub(crate) fn news(&self, job_type: &str) -> u64 {
        self.by_type.get(job_type).map_or(0, |of_type| of_type.news)
    }

    pub(crate) fn new_id(&mut self) -> WaiterId {
        self.next += 1;
        WaiterId(self.next)
    }

    /// Waits for news after `seen`.
    pub(crate) fn poll(&mut self, job_type: &str, id: WaiterId, seen: u64, cx: &mut Context<'_>) -> Poll<()> {
        let of_type = match self.by_type.get_mut(job_type) {
            Some(of_type) => of_type,
            None => self.by_type.entry(job_type.into()).or_default(),
        };
        if of_type.news != seen {
            return Poll::Ready(());
        }
        match of_type.waiting.iter_mut().find(|(other, _)| *other == id.0) {
            Some((_, waker)) => waker.clone_from(cx.waker()),
            None => {
                self.count += 1;
                of_type.waiting.push_back((id.0, cx.waker().clone()));
            }
        }
        Poll::Pending
    }

    /// A poll ends; news that it may not have used goes to the next one.
    pub(crate) fn remove(&mut self, job_type: &str, id: WaiterId) {
        let Some(of_type) = self.by_type.get_mut(job_type) else { return };
        let before = of_type.waiting.len();
        of_type.waiting.retain(|(other, _)| *other != id.0);
        self.count -= before - of_type.waiting.len();
        match of_type.waiting.front() {
            Some((_, next)) => next.wake_by_ref(),
            None => drop(self.by_type.remove(job_type)),
        }
    }

    /// Jobs of a type may have come: the poll that waits longest looks first.
    pub(crate) fn notify(&mut self, job_type: &str) {
        let Some(of_type) = self.by_type.get_mut(job_type) else { return };
        of_type.news += 1;
        if let Some((_, first)) = of_type.waiting.front() {
            first.wake_by_ref();
        }
    }

    /// Wakes every poll: there is more to know than jobs.
    pub(crate) fn notify_all(&mut self) {
        for of_type in self.by_type.values_mut() {
            of_type.news += 1;
            of_type.waiting.iter().for_each(|(_, waker)| waker.wake_by_ref());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::Waiters;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn news_between_looking_and_waiting_is_not_missed() {
        let mut waiters = Waiters::default();
        let mut cx = Context::from_waker(Waker::noop());
        let id = waiters.new_id();
        let seen = waiters.news("work");
        assert_eq!(waiters.poll("work", id, seen, &mut cx), Poll::Pending);
        waiters.notify("other");
        assert_eq!(waiters.poll("work", id, seen, &mut cx), Poll::Pending);
        waiters.notify("work");
        assert_eq!(waiters.poll("work", id, seen, &mut cx), Poll::Ready(()));
        let seen = waiters.news("work");
        assert_eq!(waiters.poll("work", id, seen, &mut cx), Poll::Pending);
        assert_eq!(waiters.len(), 1);
        waiters.remove("work", id);
        assert_eq!(waiters.len(), 0);
        assert!(waiters.by_type.is_empty(), "a type nobody waits for costs nothing");
    }
}
