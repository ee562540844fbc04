//! Who wants jobs: open streams and waiting polls, and their credit. Volatile: a leader that starts anew has none.
//!
//! A stream may have a window of jobs outstanding: pushed, and neither ended, failed nor taken back. The window
//! is the server's setting; the protocol has no field for it. A poll is a stream for one answer: it waits with a window of
//! as many jobs as it asked for, and the entry that gives it its first job is the last that gives it any. Streams and
//! polls of one type take turns; a newcomer is last.
//!
//! Invariants
//! - `outstanding` of a stream equals its jobs in `pushed` plus the credit granted in the current step.
//! - A consumer is in its type's `ready`, at its turn, if and only if it has credit left.
//! - While a consumer of a type and tenant is open, a job of theirs that waits in the state is known as backlog.

use ringbolt_engine::{JobStreams, StreamGrant};
use ringbolt_record::{DurationMs, JOB_BYTES_MAX, Key, StreamId};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
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
    pub tenant_ids: Arc<[String]>,
    /// How many jobs it may have outstanding at this partition; at least 1.
    pub window: u32,
    /// Whether each job comes with a lease. Only such a consumer gets jobs that had one before.
    pub with_leases: bool,
}

/// What a poll wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollSpec {
    /// Which jobs; its window is the number of jobs that the poll asks for.
    pub jobs: StreamSpec,
    /// Most bytes that the jobs of one look may have.
    pub bytes_max: u32,
    /// Whether it stays and waits when there is no job.
    pub waits: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stream,
    Poll { bytes_max: u32 },
}

struct Consumer {
    spec: StreamSpec,
    kind: Kind,
    outstanding: u32,
    /// Its place among those of its type: the smallest is next.
    turn: u64,
    /// Its place before it got its last credit.
    turn_before: u64,
}

impl Consumer {
    fn free(&self) -> u32 {
        self.spec.window - self.outstanding
    }

    /// How much must be free before the backlog is looked at: a quarter of a stream's window.
    fn is_roomy(&self) -> bool {
        let free = self.free();
        free > 0 && (self.kind != Kind::Stream || free >= self.spec.window / REFILL_FRACTION)
    }

    fn serves(&self, tenant_id: &str) -> bool {
        self.spec.tenant_ids.iter().any(|tenant| tenant == tenant_id)
    }
}

#[derive(Default)]
struct OfType {
    /// Consumers with credit, by turn.
    ready: BTreeMap<u64, StreamId>,
    /// Open consumers.
    count: usize,
    /// Open consumers that give leases.
    leasing: usize,
    /// Tenants whose jobs of this type may wait in the state, for consumers that give no leases.
    backlog: BTreeSet<Box<str>>,
    /// The same for those that give leases, while there are any: they get jobs that the others do not.
    backlog_even_leased: BTreeSet<Box<str>>,
}

impl OfType {
    fn backlog_of(&self, spec: &StreamSpec) -> &BTreeSet<Box<str>> {
        if spec.with_leases { &self.backlog_even_leased } else { &self.backlog }
    }
}

#[derive(Default)]
pub(crate) struct Streams {
    by_type: BTreeMap<Arc<str>, OfType>,
    consumers: BTreeMap<StreamId, Consumer>,
    /// Jobs in the hands of streams. A stream that closed is still named here until its jobs end.
    pushed: FxHashMap<Key, StreamId>,
    /// Types with a backlog that somebody may have room for.
    to_refill: BTreeSet<Arc<str>>,
    next_turn: u64,
    polls: usize,
}

/// A stream is refilled from the backlog when at least this part of its window is free: 1/REFILL_FRACTION.
const REFILL_FRACTION: u32 = 4;
/// Places for pushed jobs that are kept when there is none.
const PUSHED_RETAINED: usize = 1024;
/// Most jobs that one refill of a stream activates.
const REFILL_JOBS_MAX: u32 = 128;

/// Jobs to activate out of the backlog.
pub(crate) struct Refill {
    pub(crate) consumer: StreamId,
    pub(crate) spec: StreamSpec,
    pub(crate) is_poll: bool,
    pub(crate) jobs_max: u32,
    pub(crate) bytes_max: u32,
}

impl Streams {
    /// Opens a stream. What waited before it opened comes first.
    pub(crate) fn open(&mut self, stream: StreamId, spec: StreamSpec) {
        let (job_type, tenants) = (spec.job_type.clone(), spec.tenant_ids.clone());
        self.insert(stream, spec, Kind::Stream);
        tenants.iter().for_each(|tenant| self.note_backlog(&job_type, tenant));
    }

    /// A poll waits for the next job; it has seen that none is there.
    pub(crate) fn park(&mut self, poll: StreamId, spec: PollSpec) {
        self.polls += 1;
        self.insert(poll, spec.jobs, Kind::Poll { bytes_max: spec.bytes_max });
    }

    fn insert(&mut self, id: StreamId, spec: StreamSpec, kind: Kind) {
        assert!(spec.window > 0, "a stream needs a window");
        let turn = self.next_turn;
        self.next_turn += 1;
        let of_type = self.by_type.entry(spec.job_type.clone()).or_default();
        of_type.count += 1;
        of_type.leasing += usize::from(spec.with_leases);
        of_type.ready.insert(turn, id);
        let consumer = Consumer { spec, kind, outstanding: 0, turn, turn_before: turn };
        let known = self.consumers.insert(id, consumer);
        assert!(known.is_none(), "stream {} is open already", id.0);
    }

    /// Closes a stream or a poll, if it is open.
    pub(crate) fn close(&mut self, id: StreamId) {
        let Some(closed) = self.consumers.remove(&id) else { return };
        self.polls -= usize::from(closed.kind != Kind::Stream);
        let job_type = &closed.spec.job_type;
        let of_type = self.by_type.get_mut(job_type).expect("open consumers have a type");
        of_type.ready.remove(&closed.turn);
        of_type.count -= 1;
        of_type.leasing -= usize::from(closed.spec.with_leases);
        if of_type.leasing == 0 {
            of_type.backlog_even_leased.clear();
        }
        if of_type.count == 0 {
            self.by_type.remove(job_type);
            self.to_refill.remove(job_type);
        }
    }

    /// Granted credit became a job. A poll has its answer then.
    pub(crate) fn on_pushed(&mut self, job: Key, id: StreamId) {
        match self.consumers.get(&id).map(|consumer| consumer.kind) {
            Some(Kind::Stream) => drop(self.pushed.insert(job, id)),
            Some(Kind::Poll { .. }) => self.close(id),
            None => {}
        }
    }

    /// A job ended, failed or was taken back.
    pub(crate) fn on_released(&mut self, job: Key) {
        if let Some(stream) = self.pushed.remove(&job) {
            if self.pushed.is_empty() {
                self.pushed.shrink_to(PUSHED_RETAINED);
            }
            self.give_back(stream, 1);
        }
    }

    /// Jobs of a type and tenant wait in the state.
    pub(crate) fn note_backlog(&mut self, job_type: &str, tenant_id: &str) {
        let Some((job_type, of_type)) = self.of_type_mut(job_type) else { return };
        if !of_type.backlog.contains(tenant_id) {
            of_type.backlog.insert(tenant_id.into());
        }
        if of_type.leasing > 0 && !of_type.backlog_even_leased.contains(tenant_id) {
            of_type.backlog_even_leased.insert(tenant_id.into());
        }
        self.to_refill.insert(job_type);
    }

    fn of_type_mut(&mut self, job_type: &str) -> Option<(Arc<str>, &mut OfType)> {
        let (name, _) = self.by_type.get_key_value(job_type)?;
        let name = name.clone();
        self.by_type.get_mut(job_type).map(|of_type| (name, of_type))
    }

    /// None of the jobs that this consumer wants waits.
    pub(crate) fn clear_backlog(&mut self, spec: &StreamSpec) {
        let Some(of_type) = self.by_type.get_mut(&spec.job_type) else { return };
        for tenant in &*spec.tenant_ids {
            match spec.with_leases {
                true => of_type.backlog_even_leased.remove(tenant.as_str()),
                false => of_type.backlog.remove(tenant.as_str()),
            };
        }
    }

    /// The next consumer that has room for waiting jobs; its credit is taken.
    pub(crate) fn next_refill(&mut self) -> Option<Refill> {
        while let Some(job_type) = self.to_refill.first().cloned() {
            if let Some(id) = self.roomy_consumer(&job_type) {
                return Some(self.start_refill(id));
            }
            self.to_refill.remove(&job_type);
        }
        None
    }

    fn roomy_consumer(&self, job_type: &str) -> Option<StreamId> {
        let of_type = self.by_type.get(job_type)?;
        let wants = |consumer: &Consumer| {
            of_type.backlog_of(&consumer.spec).iter().any(|tenant| consumer.serves(tenant))
        };
        of_type.ready.values().copied().find(|id| {
            let consumer = &self.consumers[id];
            consumer.is_roomy() && wants(consumer)
        })
    }

    fn start_refill(&mut self, id: StreamId) -> Refill {
        let consumer = &self.consumers[&id];
        let (jobs_max, bytes_max) = match consumer.kind {
            Kind::Stream => (consumer.free().min(REFILL_JOBS_MAX), JOB_BYTES_MAX),
            Kind::Poll { bytes_max } => (consumer.free(), bytes_max),
        };
        let is_poll = consumer.kind != Kind::Stream;
        self.take(id, jobs_max);
        let spec = self.consumers[&id].spec.clone();
        Refill { consumer: id, spec, is_poll, jobs_max, bytes_max }
    }

    /// Takes credit; the consumer is last of its type then.
    fn take(&mut self, id: StreamId, credit: u32) {
        let consumer = self.consumers.get_mut(&id).expect("ready consumers are open");
        let of_type = self.by_type.get_mut(&consumer.spec.job_type).expect("open consumers have a type");
        of_type.ready.remove(&consumer.turn);
        consumer.outstanding += credit;
        consumer.turn_before = consumer.turn;
        consumer.turn = self.next_turn;
        self.next_turn += 1;
        if consumer.free() > 0 {
            of_type.ready.insert(consumer.turn, id);
        }
    }

    /// Gives back credit: no job took it, or its job has ended.
    pub(crate) fn give_back(&mut self, id: StreamId, credit: u32) {
        let Some(consumer) = self.consumers.get_mut(&id) else { return };
        consumer.outstanding -= credit;
        let job_type = &consumer.spec.job_type;
        let of_type = self.by_type.get_mut(job_type).expect("open consumers have a type");
        if consumer.free() > 0 {
            of_type.ready.insert(consumer.turn, id);
        }
        if !of_type.backlog_of(&consumer.spec).is_empty()
            && consumer.is_roomy()
            && !self.to_refill.contains(job_type)
        {
            self.to_refill.insert(job_type.clone());
        }
    }

    /// Whether a stream or poll is open.
    pub(crate) fn is_open(&self, id: StreamId) -> bool {
        self.consumers.contains_key(&id)
    }

    /// Open streams.
    pub(crate) fn open_count(&self) -> usize {
        self.consumers.len() - self.polls
    }

    /// The polls that wait.
    pub(crate) fn polls(&self) -> impl Iterator<Item = StreamId> + '_ {
        let is_poll = |consumer: &Consumer| consumer.kind != Kind::Stream;
        self.consumers.iter().filter(move |(_, consumer)| is_poll(consumer)).map(|(id, _)| *id)
    }

    /// How many polls wait.
    pub(crate) fn poll_count(&self) -> usize {
        self.polls
    }

    /// Free credit over all streams.
    pub(crate) fn credit(&self) -> u64 {
        let streams = self.consumers.values().filter(|consumer| consumer.kind == Kind::Stream);
        streams.map(|stream| u64::from(stream.free())).sum()
    }
}

impl JobStreams for Streams {
    fn take_credit(&mut self, job_type: &str, tenant_id: &str) -> Option<StreamGrant> {
        let of_type = self.by_type.get(job_type)?;
        let id = of_type.ready.values().copied().find(|id| self.consumers[id].serves(tenant_id))?;
        self.take(id, 1);
        let spec = &self.consumers[&id].spec;
        Some(StreamGrant {
            stream: id,
            worker: spec.worker.clone(),
            timeout: spec.timeout,
            fetch_variables: spec.fetch_variables.clone(),
            with_leases: spec.with_leases,
        })
    }

    fn return_credit(&mut self, stream: StreamId) {
        let Some(consumer) = self.consumers.get_mut(&stream) else { return };
        // Nothing came of it: its place is what it was.
        let turn = std::mem::replace(&mut consumer.turn, consumer.turn_before);
        let of_type = self.by_type.get_mut(&consumer.spec.job_type).expect("open consumers have a type");
        of_type.ready.remove(&turn);
        self.give_back(stream, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{PollSpec, StreamSpec, Streams};
    use ringbolt_engine::JobStreams;
    use ringbolt_record::{DurationMs, Key, StreamId};

    fn spec(window: u32) -> StreamSpec {
        StreamSpec {
            job_type: "work".into(),
            worker: "w".into(),
            timeout: DurationMs(1000),
            fetch_variables: [].into(),
            tenant_ids: ["<default>".to_owned()].into(),
            window,
            with_leases: false,
        }
    }

    fn poll(window: u32) -> PollSpec {
        PollSpec { jobs: spec(window), bytes_max: 1000, waits: true }
    }

    fn turn(streams: &mut Streams) -> Option<u64> {
        streams.take_credit("work", "<default>").map(|grant| grant.stream.0)
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
        assert_eq!([turn(&mut streams), turn(&mut streams), turn(&mut streams)], [Some(1), Some(2), Some(1)]);
        streams.close(StreamId(1));
        assert_eq!([turn(&mut streams), turn(&mut streams)], [Some(2), Some(2)]);
        streams.close(StreamId(2));
        assert_eq!(turn(&mut streams), None);
        assert!(streams.by_type.is_empty() && streams.to_refill.is_empty(), "nothing is left of the type");
    }

    #[test]
    fn a_poll_gets_the_jobs_of_one_entry_and_those_that_wait_take_turns_with_streams() {
        let mut streams = Streams::default();
        streams.park(StreamId(1), poll(2));
        streams.open(StreamId(2), spec(10));
        streams.park(StreamId(3), poll(2));
        // One entry with five jobs: each in turn, and no poll more than it asked for.
        let turns: Vec<_> = (0..6).map(|_| turn(&mut streams).expect("the stream has room")).collect();
        assert_eq!(turns, [1, 2, 3, 1, 2, 3]);
        for (job, id) in turns.iter().enumerate() {
            streams.on_pushed(Key(job as u64), StreamId(*id));
        }
        assert_eq!((streams.poll_count(), streams.open_count()), (0, 1), "polls end with their entry");
        assert_eq!([turn(&mut streams), turn(&mut streams)], [Some(2), Some(2)]);
    }

    #[test]
    fn credit_that_nothing_came_of_costs_no_turn() {
        let mut streams = Streams::default();
        streams.park(StreamId(1), poll(1));
        streams.park(StreamId(2), poll(1));
        assert_eq!(turn(&mut streams), Some(1));
        streams.return_credit(StreamId(1));
        assert_eq!([turn(&mut streams), turn(&mut streams)], [Some(1), Some(2)]);
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
        assert!(streams.next_refill().is_none(), "nothing is free");
        streams.on_released(Key(1));
        assert!(streams.next_refill().is_none(), "one free of eight is too little");
        streams.on_released(Key(2));
        assert_eq!(streams.next_refill().expect("two free of eight").jobs_max, 2);
    }

    #[test]
    fn what_one_without_leases_does_not_find_waits_for_one_that_gives_them() {
        let mut streams = Streams::default();
        streams.open(StreamId(1), spec(8));
        let first = streams.next_refill().expect("a new stream looks");
        streams.give_back(first.consumer, first.jobs_max);
        streams.clear_backlog(&first.spec);
        let leasing = PollSpec { jobs: StreamSpec { with_leases: true, ..spec(1) }, ..poll(1) };
        streams.park(StreamId(2), leasing);
        assert!(streams.next_refill().is_none(), "a poll has looked before it waits");
        // A job that had a lease is given back: the stream comes first and finds nothing.
        streams.note_backlog("work", "<default>");
        let first = streams.next_refill().expect("the stream looks");
        assert_eq!(first.consumer, StreamId(1));
        streams.give_back(first.consumer, first.jobs_max);
        streams.clear_backlog(&first.spec);
        let second = streams.next_refill().expect("the poll looks too");
        assert_eq!((second.consumer, second.spec.with_leases), (StreamId(2), true));
        streams.give_back(second.consumer, second.jobs_max);
        streams.clear_backlog(&second.spec);
        assert!(streams.next_refill().is_none(), "nobody has anything to look for");
    }

    #[test]
    fn a_tenants_empty_backlog_says_nothing_of_anothers() {
        let mut streams = Streams::default();
        let other = StreamSpec { tenant_ids: ["other".to_owned()].into(), ..spec(8) };
        streams.open(StreamId(1), spec(8));
        streams.open(StreamId(2), other);
        let first = streams.next_refill().expect("both look");
        streams.give_back(first.consumer, first.jobs_max);
        streams.clear_backlog(&first.spec);
        let second = streams.next_refill().expect("the other tenant's jobs are not known");
        assert_ne!(first.consumer, second.consumer);
        streams.give_back(second.consumer, second.jobs_max);
        streams.clear_backlog(&second.spec);
        assert!(streams.next_refill().is_none());
    }
}
