//! Open job streams and their credit. Volatile: a leader that starts anew has none.
//!
//! A stream may have a window of jobs outstanding: pushed, and neither ended, failed nor taken back. The window
//! is the server's setting; the protocol has no field for it. Streams of one type take turns.
//!
//! Invariant: `outstanding` of a stream equals its jobs in `pushed` plus the credit granted in the current step.

use ringbolt_engine::{JobStreams, StreamGrant};
use ringbolt_record::{DurationMs, Key, StreamId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a stream wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSpec {
    /// Type of the jobs.
    pub job_type: Arc<str>,
    /// Who gets them.
    pub worker: Arc<str>,
    /// How long the worker has a job.
    pub timeout: DurationMs,
    /// Names of variables; all that are visible when empty.
    pub fetch_variables: Arc<[String]>,
    /// Whose jobs.
    pub tenant_ids: Vec<String>,
    /// How many jobs it may have outstanding at this partition; at least 1.
    pub window: u32,
}

struct Stream {
    spec: StreamSpec,
    outstanding: u32,
}

#[derive(Default)]
struct TypeStreams {
    order: Vec<StreamId>,
    next: usize,
    /// Jobs of this type may wait in the state.
    has_backlog: bool,
}

#[derive(Default)]
pub(crate) struct Streams {
    by_type: BTreeMap<Arc<str>, TypeStreams>,
    streams: BTreeMap<StreamId, Stream>,
    pushed: BTreeMap<Key, StreamId>,
}

/// A stream is refilled from the backlog when at least this part of its window is free: 1/REFILL_FRACTION.
const REFILL_FRACTION: u32 = 4;
/// Most jobs that one refill activates.
const REFILL_JOBS_MAX: u32 = 128;

/// Jobs to activate for a stream out of the backlog.
pub(crate) struct Refill {
    pub(crate) stream: StreamId,
    pub(crate) spec: StreamSpec,
    pub(crate) jobs_max: u32,
}

impl Streams {
    pub(crate) fn open(&mut self, stream: StreamId, spec: StreamSpec) {
        assert!(spec.window > 0, "a stream needs a window");
        let of_type = self.by_type.entry(spec.job_type.clone()).or_default();
        of_type.order.push(stream);
        // What waited before the stream opened comes first.
        of_type.has_backlog = true;
        let known = self.streams.insert(stream, Stream { spec, outstanding: 0 });
        assert!(known.is_none(), "stream {} is open already", stream.0);
    }

    pub(crate) fn close(&mut self, stream: StreamId) {
        let Some(closed) = self.streams.remove(&stream) else { return };
        let job_type = &closed.spec.job_type;
        let Some(of_type) = self.by_type.get_mut(job_type) else { return };
        of_type.order.retain(|other| *other != stream);
        of_type.next = 0;
        if of_type.order.is_empty() {
            self.by_type.remove(job_type);
        }
        self.pushed.retain(|_, owner| *owner != stream);
    }

    /// A granted credit became a job.
    pub(crate) fn on_pushed(&mut self, job: Key, stream: StreamId) {
        self.pushed.insert(job, stream);
    }

    /// A job ended, failed or was taken back.
    pub(crate) fn on_released(&mut self, job: Key) {
        let Some(stream) = self.pushed.remove(&job) else { return };
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.outstanding -= 1;
        }
    }

    pub(crate) fn note_backlog(&mut self, job_type: &str) {
        if let Some(of_type) = self.by_type.get_mut(job_type) {
            of_type.has_backlog = true;
        }
    }

    pub(crate) fn clear_backlog(&mut self, job_type: &str) {
        if let Some(of_type) = self.by_type.get_mut(job_type) {
            of_type.has_backlog = false;
        }
    }

    /// The next stream that has room for waiting jobs; its credit is taken.
    pub(crate) fn next_refill(&mut self) -> Option<Refill> {
        for of_type in self.by_type.values_mut().filter(|of_type| of_type.has_backlog) {
            for _ in 0..of_type.order.len() {
                let id = of_type.order[of_type.next % of_type.order.len()];
                of_type.next = (of_type.next + 1) % of_type.order.len();
                let stream = self.streams.get_mut(&id).expect("streams by type are open");
                let free = stream.spec.window - stream.outstanding;
                if free == 0 || free < stream.spec.window / REFILL_FRACTION {
                    continue;
                }
                let jobs_max = free.min(REFILL_JOBS_MAX);
                stream.outstanding += jobs_max;
                return Some(Refill { stream: id, spec: stream.spec.clone(), jobs_max });
            }
        }
        None
    }

    /// Gives back credit that no job took.
    pub(crate) fn give_back(&mut self, stream: StreamId, credit: u32) {
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.outstanding -= credit;
        }
    }

    pub(crate) fn open_count(&self) -> usize {
        self.streams.len()
    }

    /// Free credit over all streams.
    pub(crate) fn credit(&self) -> u64 {
        self.streams.values().map(|stream| u64::from(stream.spec.window - stream.outstanding)).sum()
    }
}

impl JobStreams for Streams {
    fn take_credit(&mut self, job_type: &str, tenant_id: &str) -> Option<StreamGrant> {
        let of_type = self.by_type.get_mut(job_type)?;
        for _ in 0..of_type.order.len() {
            let id = of_type.order[of_type.next % of_type.order.len()];
            of_type.next = (of_type.next + 1) % of_type.order.len();
            let stream = self.streams.get_mut(&id).expect("streams by type are open");
            let serves = stream.spec.tenant_ids.iter().any(|tenant| tenant == tenant_id);
            if serves && stream.outstanding < stream.spec.window {
                stream.outstanding += 1;
                return Some(StreamGrant {
                    stream: id,
                    worker: stream.spec.worker.clone(),
                    timeout: stream.spec.timeout,
                    fetch_variables: stream.spec.fetch_variables.clone(),
                });
            }
        }
        None
    }

    fn return_credit(&mut self, stream: StreamId) {
        self.give_back(stream, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{StreamSpec, Streams};
    use ringbolt_engine::JobStreams;
    use ringbolt_record::{DurationMs, Key, StreamId};

    fn spec(window: u32) -> StreamSpec {
        StreamSpec {
            job_type: "work".into(),
            worker: "w".into(),
            timeout: DurationMs(1000),
            fetch_variables: [].into(),
            tenant_ids: vec!["<default>".to_owned()],
            window,
        }
    }

    #[test]
    fn credit_is_bounded_by_the_window_and_comes_back() {
        let mut streams = Streams::default();
        streams.open(StreamId(1), spec(2));
        for job in 1..=2 {
            let grant = streams.take_credit("work", "<default>").expect("there is credit");
            streams.on_pushed(Key(job), grant.stream);
        }
        assert!(streams.take_credit("work", "<default>").is_none(), "the window is full");
        assert!(streams.take_credit("other", "<default>").is_none(), "nobody asks for that type");
        streams.on_released(Key(1));
        streams.on_released(Key(1));
        assert_eq!(streams.credit(), 1);
        assert!(streams.take_credit("work", "other tenant").is_none());
        assert!(streams.take_credit("work", "<default>").is_some());
    }

    #[test]
    fn streams_take_turns_and_a_closed_one_gets_nothing() {
        let mut streams = Streams::default();
        streams.open(StreamId(1), spec(10));
        streams.open(StreamId(2), spec(10));
        let turn =
            |streams: &mut Streams| streams.take_credit("work", "<default>").map(|grant| grant.stream.0);
        assert_eq!([turn(&mut streams), turn(&mut streams), turn(&mut streams)], [Some(1), Some(2), Some(1)]);
        streams.close(StreamId(1));
        assert_eq!([turn(&mut streams), turn(&mut streams)], [Some(2), Some(2)]);
        streams.close(StreamId(2));
        assert_eq!(turn(&mut streams), None);
    }

    #[test]
    fn a_refill_waits_for_a_quarter_of_the_window() {
        let mut streams = Streams::default();
        streams.open(StreamId(1), spec(8));
        let refill = streams.next_refill().expect("a new stream looks for a backlog");
        assert_eq!(refill.jobs_max, 8);
        for job in 1..=8 {
            streams.on_pushed(Key(job), StreamId(1));
        }
        streams.on_released(Key(1));
        assert!(streams.next_refill().is_none(), "one free of eight is too little");
        streams.on_released(Key(2));
        assert_eq!(streams.next_refill().expect("two free of eight").jobs_max, 2);
    }
}
