//! Polls of this core's clients.
//!
//! A poll looks at the partitions of its core first. When they have no job it looks at all others at once; at each
//! partition it then waits as a stream for one answer, so that the entry that makes the next job hands it over. When they
//! have some, but fewer than it asked for, it asks the other cores for the rest, one after the other, as Zeebe's gateway
//! asks one partition after the other; it waits for none of them longer than [`REST_TIME`]. The first jobs of those it
//! waits for answer the poll; what came too much, or too late, goes back at once as YIELD.
//!
//! Invariant: a job that a partition gave to a poll is in the poll's answer or yielded, also when the poll's future is
//! dropped at any point.

use crate::core::{CoreBroker, Inner, wall_clock};
use crate::mesh::Message;
use crate::metrics::WorkClass;
use ringbolt_partition::{Answer, Found, PollSpec, StreamSpec};
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::reply::JobBatch;
use ringbolt_record::{ActivatedJob, DEFAULT_TENANT, PartitionId, Reply, StreamId};
use ringbolt_ring::time;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Sets the ids of polls apart from those of streams.
const POLL_BIT: u64 = 1 << 47;
/// One poll in so many looks at the other cores before its own: jobs there must not wait for ever behind those here.
const ELSEWHERE_FIRST: usize = 8;
/// How long a poll that has jobs, but not all that it asked for, waits for what another core may have.
const REST_TIME: Duration = Duration::from_millis(20);
/// A poll that has this share of the bytes that it may have asks no other core for more: the next job might have to go back.
const BYTES_ENOUGH: usize = 2;

/// Whether an id is a poll's.
pub(crate) fn is_poll(id: StreamId) -> bool {
    id.0 & POLL_BIT != 0
}

/// How far a poll is with a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// Its look is under way.
    Asked,
    /// It found nothing; a poll that waits, waits.
    Looked,
    /// Nothing comes from there any more.
    Gone,
}

#[derive(Default)]
struct OpenPoll {
    jobs: Vec<ActivatedJob>,
    places: Vec<(PartitionId, Place)>,
    /// What a partition said that has nothing for it.
    failure: Option<Answer>,
    waker: Option<Waker>,
}

/// How a poll stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    /// It has jobs.
    HasJobs,
    /// Some look is under way.
    Looking,
    /// No partition had a job.
    Waiting,
    /// No partition has anything for it, now or later.
    Forsaken,
}

impl OpenPoll {
    fn standing(&self) -> Standing {
        let any = |place: Place| self.places.iter().any(|(_, other)| *other == place);
        if !self.jobs.is_empty() {
            Standing::HasJobs
        } else if self.is_looking() {
            Standing::Looking
        } else if any(Place::Looked) {
            Standing::Waiting
        } else {
            Standing::Forsaken
        }
    }

    /// Whether some look is under way, whatever others found.
    fn is_looking(&self) -> bool {
        self.places.iter().any(|(_, place)| *place == Place::Asked)
    }

    /// Whether one of these is still asked.
    fn awaits(&self, partitions: &[PartitionId]) -> bool {
        self.places.iter().any(|(id, place)| *place == Place::Asked && partitions.contains(id))
    }

    /// Nothing is expected of these any more; what comes all the same is kept.
    fn forsake(&mut self, partitions: &[PartitionId]) {
        for (_, place) in self.places.iter_mut().filter(|(id, _)| partitions.contains(id)) {
            *place = Place::Gone;
        }
    }

    /// How many jobs there are, and the bytes of their variables.
    fn found(&self) -> Found {
        Found { jobs: self.jobs.len() as u32, bytes: self.jobs.iter().map(|job| job.variables.len()).sum() }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// The polls whose connections live on this core.
pub(crate) struct Polls {
    core: u64,
    next: u64,
    open: BTreeMap<StreamId, OpenPoll>,
}

impl Polls {
    pub(crate) fn new(core: usize) -> Self {
        Self { core: core as u64, next: 0, open: BTreeMap::new() }
    }

    fn open(&mut self) -> StreamId {
        self.next += 1;
        let poll = StreamId(self.core << 48 | POLL_BIT | self.next);
        self.open.insert(poll, OpenPoll::default());
        poll
    }

    /// The poll looks at these partitions next.
    fn ask(&mut self, poll: StreamId, partitions: impl Iterator<Item = PartitionId>) {
        let open = self.open.get_mut(&poll).expect("an open poll asks");
        open.places.extend(partitions.map(|partition| (partition, Place::Asked)));
    }

    /// What a partition says; the jobs in it that reach nobody. `None` when it was not asked after all.
    pub(crate) fn answer(
        &mut self,
        poll: StreamId,
        partition: PartitionId,
        answer: Option<Answer>,
    ) -> Vec<ActivatedJob> {
        let (jobs, failure) = match answer {
            Some(Answer::Reply(Reply::JobsActivated(batch))) => (batch.jobs, None),
            other => (Vec::new(), Some(other)),
        };
        let Some(open) = self.open.get_mut(&poll) else { return jobs };
        let place = if failure.is_some() { Place::Gone } else { Place::Looked };
        if let Some((_, known)) = open.places.iter_mut().find(|(other, _)| *other == partition) {
            *known = place;
        }
        open.failure = open.failure.take().or(failure.flatten());
        open.jobs.extend(jobs);
        open.wake();
        Vec::new()
    }

    /// A job for a poll, or back when the poll has ended.
    pub(crate) fn push(&mut self, poll: StreamId, job: ActivatedJob) -> Option<ActivatedJob> {
        let Some(open) = self.open.get_mut(&poll) else { return Some(job) };
        open.jobs.push(job);
        open.wake();
        None
    }

    /// There is more to know than jobs: every poll looks up.
    pub(crate) fn wake_all(&mut self) {
        self.open.values_mut().for_each(OpenPoll::wake);
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }
}

impl Inner {
    /// Has a poll look at this core's partitions, beginning with the one in this turn. Asks each for what the ones before
    /// did not have, and waits at them only as long as none had a job. Returns how many were asked, and what they had.
    fn open_poll_here(&mut self, poll: StreamId, spec: &PollSpec, turn: usize) -> (usize, Found) {
        let ids: Vec<PartitionId> = self.partitions.keys().copied().collect();
        let mut all = Found::default();
        let mut asked = 0;
        for offset in 0..ids.len() {
            let id = ids[turn.wrapping_add(offset) % ids.len()];
            let Some(rest) = rest(spec, &all) else { break };
            let partition = self.partitions.get_mut(&id).expect("these are its keys");
            let found = partition.poll(wall_clock(), poll, rest, &mut self.host);
            all = all + found;
            asked += 1;
        }
        (asked, all)
    }

    /// Has another core's poll look at this core's partitions.
    pub(crate) fn open_poll_for(&mut self, poll: StreamId, spec: &PollSpec, turn: usize) {
        let (asked, _) = self.open_poll_here(poll, spec, turn);
        let ids: Vec<PartitionId> = self.partitions.keys().copied().collect();
        for offset in asked..ids.len() {
            let partition = ids[turn.wrapping_add(offset) % ids.len()];
            let home = crate::jobs::home_core(poll);
            self.host.send_to(home, Message::PollAnswer { poll, partition, answer: None });
        }
    }

    /// A poll waits at this core's partitions no more.
    pub(crate) fn end_poll(&mut self, poll: StreamId) {
        self.partitions.values_mut().for_each(|partition| partition.end_poll(poll));
    }
}

/// A poll for jobs, see [`CoreBroker::poll_jobs`].
pub struct JobPoll {
    broker: CoreBroker,
    request: ActivateJobs,
    deadline: Option<Instant>,
    turn: usize,
}

/// Where a poll looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Here,
    Elsewhere,
}

/// An open poll. Dropping it closes it everywhere and gives back what it has and did not hand over.
struct Session<'a> {
    broker: &'a CoreBroker,
    poll: StreamId,
    turn: usize,
    /// Whether it may wait at other cores.
    is_elsewhere: bool,
}

/// What a poll that has so much asks for next; `None` when it has enough. It waits only as long as it has nothing.
fn rest(spec: &PollSpec, found: &Found) -> Option<PollSpec> {
    let window = spec.jobs.window.saturating_sub(found.jobs);
    let bytes_max = spec.bytes_max.saturating_sub(u32::try_from(found.bytes).unwrap_or(u32::MAX));
    let has_room = window > 0 && bytes_max as usize >= spec.bytes_max as usize / BYTES_ENOUGH;
    has_room.then(|| PollSpec {
        jobs: StreamSpec { window, ..spec.jobs.clone() },
        bytes_max,
        waits: spec.waits && found.jobs == 0,
    })
}

impl CoreBroker {
    /// Polls for jobs; without any it waits until the deadline, or not at all without one.
    pub fn poll_jobs(&self, request: ActivateJobs, deadline: Option<Instant>) -> JobPoll {
        let turn = self.shared.next_poll.get();
        self.shared.next_poll.set(turn.wrapping_add(1));
        JobPoll { broker: self.clone(), request, deadline, turn }
    }
}

impl JobPoll {
    /// The jobs, possibly none at the deadline or at once when there is none.
    ///
    /// # Errors
    /// What the partitions answer when none of them has a job, or ever will have one for this poll.
    pub async fn run(self) -> Result<JobBatch, Answer> {
        let Self { broker, request, deadline, turn } = self;
        let deadline = deadline.filter(|_| !broker.shared.is_draining.get());
        let spec = spec(request, deadline.is_some());
        let mut session = Session::open(&broker, turn);
        let mut found = Found::default();
        for place in route(&broker, turn) {
            let Some(rest) = rest(&spec, &found) else { break };
            found = match place {
                Where::Here => session.look_here(&rest) + found,
                Where::Elsewhere if found.jobs == 0 => session.look_at_all_others(&rest).await,
                Where::Elsewhere => session.ask_others_for_the_rest(&spec, found).await,
            };
        }
        let standing = session.looked().await;
        if let (Standing::Waiting, Some(deadline)) = (standing, deadline) {
            let left = deadline.saturating_duration_since(time::now());
            // When the time is over the poll ends with what there is.
            let _ = time::timeout(left, session.stands(|open| open.standing() != Standing::Waiting)).await;
        }
        match session.end(&spec) {
            Answer::Reply(Reply::JobsActivated(batch)) => Ok(batch),
            other => Err(other),
        }
    }
}

fn spec(mut request: ActivateJobs, waits: bool) -> PollSpec {
    if request.tenant_ids.is_empty() {
        request.tenant_ids.push(DEFAULT_TENANT.to_owned());
    }
    PollSpec {
        jobs: StreamSpec {
            job_type: request.job_type.into(),
            worker: request.worker.into(),
            timeout: request.timeout,
            fetch_variables: request.fetch_variables.into(),
            tenant_ids: request.tenant_ids.into(),
            window: request.jobs_max.max(1),
            with_leases: request.with_leases,
        },
        bytes_max: request.bytes_max,
        waits,
    }
}

/// Where a poll looks, in this order.
fn route(broker: &CoreBroker, turn: usize) -> &'static [Where] {
    let shared = &broker.shared;
    match (shared.local_ids.is_empty(), shared.elsewhere.is_empty()) {
        (false, true) => &[Where::Here],
        (true, _) => &[Where::Elsewhere],
        (false, false) if turn % ELSEWHERE_FIRST == ELSEWHERE_FIRST - 1 => &[Where::Elsewhere, Where::Here],
        (false, false) => &[Where::Here, Where::Elsewhere],
    }
}

impl<'a> Session<'a> {
    fn open(broker: &'a CoreBroker, turn: usize) -> Self {
        let poll = broker.shared.inner.borrow_mut().host.polls.open();
        Self { broker, poll, turn, is_elsewhere: false }
    }

    /// Looks at this core's partitions; what they have, which arrives when it is committed.
    fn look_here(&mut self, spec: &PollSpec) -> Found {
        let shared = &self.broker.shared;
        let found = {
            let inner = &mut *shared.inner.borrow_mut();
            let ids = &shared.local_ids;
            inner.host.polls.ask(self.poll, ids.iter().copied());
            let (asked, found) = inner.open_poll_here(self.poll, spec, self.turn);
            for offset in asked..ids.len() {
                let partition = ids[self.turn.wrapping_add(offset) % ids.len()];
                inner.host.poll_answer_here(partition, self.poll, None);
            }
            found
        };
        self.broker.after_step();
        found
    }

    /// Looks at all other cores at once, and waits at them if the poll waits; what they had.
    async fn look_at_all_others(&mut self, spec: &PollSpec) -> Found {
        self.is_elsewhere = true;
        for (core, partitions) in &self.broker.shared.elsewhere {
            self.ask(*core, partitions, spec);
        }
        self.broker.after_step();
        if self.looked().await == Standing::HasJobs {
            // What they all have is one answer, if they say so soon.
            let _ = time::timeout(REST_TIME, self.stands(|open| !open.is_looking())).await;
        }
        self.with_open(|open| open.found())
    }

    /// Asks one core after the other for what those before did not have, and waits at none; what the poll has then. The first is asked
    /// beside the commit of what was found here; how long it may take is counted from that commit on.
    async fn ask_others_for_the_rest(&mut self, spec: &PollSpec, mut found: Found) -> Found {
        let others = &self.broker.shared.elsewhere;
        let here = &self.broker.shared.local_ids;
        let mut until = None;
        for offset in 0..others.len() {
            let Some(rest) = rest(spec, &found).filter(|_| until.is_none_or(|until| time::now() < until))
            else {
                break;
            };
            let (core, partitions) = &others[self.turn.wrapping_add(offset) % others.len()];
            self.ask(*core, partitions, &PollSpec { waits: false, ..rest });
            self.broker.after_step();
            self.stands(|open| !open.awaits(here)).await;
            let until = *until.get_or_insert_with(|| time::now() + REST_TIME);
            let left = until.saturating_duration_since(time::now());
            if time::timeout(left, self.stands(|open| !open.is_looking())).await.is_err() {
                self.with_open(|open| open.forsake(partitions));
                break;
            }
            found = self.with_open(|open| open.found());
        }
        found
    }

    fn ask(&self, core: usize, partitions: &[PartitionId], spec: &PollSpec) {
        let host = &mut self.broker.shared.inner.borrow_mut().host;
        host.polls.ask(self.poll, partitions.iter().copied());
        host.send_to(core, Message::OpenPoll { poll: self.poll, spec: spec.clone(), turn: self.turn });
    }

    /// Waits until no look is under way, or there are jobs, and all that this core's partitions had.
    async fn looked(&self) -> Standing {
        let here = &self.broker.shared.local_ids;
        self.stands(|open| open.standing() != Standing::Looking && !open.awaits(here)).await
    }

    async fn stands(&self, is_enough: impl Fn(&OpenPoll) -> bool) -> Standing {
        poll_fn(|cx| self.poll_standing(cx, &is_enough)).await
    }

    fn poll_standing(&self, cx: &mut Context<'_>, is_enough: &impl Fn(&OpenPoll) -> bool) -> Poll<Standing> {
        let is_draining = self.broker.shared.is_draining.get();
        self.with_open(|open| {
            let standing = open.standing();
            let ends = standing == Standing::Waiting && is_draining;
            if is_enough(open) || ends {
                return Poll::Ready(standing);
            }
            match &mut open.waker {
                Some(waker) => waker.clone_from(cx.waker()),
                None => open.waker = Some(cx.waker().clone()),
            }
            Poll::Pending
        })
    }

    fn with_open<T>(&self, f: impl FnOnce(&mut OpenPoll) -> T) -> T {
        let polls = &mut self.broker.shared.inner.borrow_mut().host.polls;
        f(polls.open.get_mut(&self.poll).expect("the session holds it open"))
    }

    /// The poll's answer, no more than it asked for.
    fn end(&self, spec: &PollSpec) -> Answer {
        let host = &mut self.broker.shared.inner.borrow_mut().host;
        let open = host.polls.open.get_mut(&self.poll).expect("the session holds it open");
        let standing = open.standing();
        let mut bytes = 0;
        let fits = open.jobs.iter().take(spec.jobs.window as usize).take_while(|job| {
            let is_first = bytes == 0;
            bytes += job.variables.len().max(1);
            is_first || bytes <= spec.bytes_max as usize
        });
        let count = fits.count();
        let too_many = open.jobs.split_off(count);
        let jobs = std::mem::replace(&mut open.jobs, too_many);
        if let (Standing::Forsaken, Some(answer)) = (standing, open.failure.take()) {
            host.count_answer(WorkClass::Progress, &answer);
            return answer;
        }
        host.metrics.jobs_polled += jobs.len() as u64;
        Answer::Reply(Reply::JobsActivated(JobBatch { jobs, truncated: false }))
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        {
            let shared = &self.broker.shared;
            let inner = &mut *shared.inner.borrow_mut();
            let left = inner.host.polls.open.remove(&self.poll).map(|open| open.jobs).unwrap_or_default();
            // It waits nowhere any more before anything comes back that it could be given again.
            inner.end_poll(self.poll);
            if self.is_elsewhere {
                for (core, _) in &shared.elsewhere {
                    inner.host.send_to(*core, Message::EndPoll { poll: self.poll });
                }
            }
            inner.host.yield_jobs(left.iter().map(ActivatedJob::activation));
        }
        self.broker.after_step();
    }
}
