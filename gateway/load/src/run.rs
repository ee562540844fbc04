//! The state of one run, shared by its tasks on one core.

use crate::clock::Clock;
use crate::cycles::{Cycles, Progress, Received};
use crate::job::Job;
use crate::scenario::Part;
use crate::stats::{Event, Kind, Stats};
use crate::target::Target;
use ringbolt_ring::local::Notify;
use ringbolt_ring::time::{now, unix_ms};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Creations under way at most in an open loop; past it the schedule stands still, and what is due meanwhile counts as failed.
pub(crate) const OPEN_LOOP_MAX: usize = 100_000;
/// Creations sent over one HTTP/2 connection and not answered, at most in an open loop: servers let no more streams be open, and what
/// waits for one in here was not sent. Completions would wait behind it.
pub(crate) const UNANSWERED_MAX: usize = 4_000;
/// After so long without an end, an instance is counted as unfinished and its place in a closed loop is given to another.
pub(crate) const CYCLE_MAX: Duration = Duration::from_secs(120);

/// A creation that takes longer is trouble.
const SLOW: Duration = Duration::from_millis(200);

/// A number of places.
pub(crate) struct Permits {
    free: Cell<usize>,
    freed: Notify,
}

impl Permits {
    pub(crate) fn new(free: usize) -> Self {
        Self { free: Cell::new(free), freed: Notify::new() }
    }

    pub(crate) async fn take(&self) {
        while self.free.get() == 0 {
            self.freed.notified().await;
        }
        self.free.set(self.free.get() - 1);
        // Another one may wait beside this one, and a gift of several wakes one.
        if self.free.get() > 0 {
            self.freed.notify_one();
        }
    }

    /// Whether there is none.
    pub(crate) fn is_full(&self) -> bool {
        self.free.get() == 0
    }

    /// Takes up to `max` without waiting.
    pub(crate) fn take_free(&self, max: usize) -> usize {
        let taken = max.min(self.free.get());
        self.free.set(self.free.get() - taken);
        taken
    }

    pub(crate) fn give(&self, places: usize) {
        if places > 0 {
            self.free.set(self.free.get() + places);
            self.freed.notify_one();
        }
    }
}

/// Whether instances are followed from their creation to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Creation and work happen in this run.
    Cycles,
    /// Only one of the two does.
    Nothing,
}

/// One run.
pub(crate) struct Run {
    pub(crate) target: Target,
    /// Where the worker has connections of its own.
    worker_target: Option<Target>,
    pub(crate) clock: Rc<Clock>,
    pub(crate) stats: RefCell<Stats>,
    pub(crate) cycles: RefCell<Cycles>,
    received: RefCell<Received>,
    follow: Follow,
    work_delay: Duration,
    /// Places for creations (open loop) or whole cycles (closed loop).
    pub(crate) places: Permits,
    /// Places for creations that are sent and not answered.
    pub(crate) unanswered: Permits,
    /// Places for jobs at the worker.
    pub(crate) room: Permits,
    /// Creations sent and not answered.
    pub(crate) creating: Cell<usize>,
    /// Jobs received and not completed.
    pub(crate) working: Cell<usize>,
    /// No more creations.
    pub(crate) stopped: Cell<bool>,
    /// All creations that were wanted were sent.
    pub(crate) exhausted: Cell<bool>,
    last_event: Cell<Instant>,
}

impl Run {
    pub(crate) fn new(
        target: Target,
        clock: Rc<Clock>,
        follow: Follow,
        work_delay: Duration,
        places: usize,
        room: usize,
    ) -> Self {
        Self {
            target,
            worker_target: None,
            clock,
            stats: RefCell::new(Stats::new()),
            cycles: RefCell::new(Cycles::new(1)),
            received: RefCell::default(),
            follow,
            work_delay,
            places: Permits::new(places),
            unanswered: Permits::new(OPEN_LOOP_MAX),
            room: Permits::new(room),
            creating: Cell::new(0),
            working: Cell::new(0),
            stopped: Cell::new(false),
            exhausted: Cell::new(false),
            last_event: Cell::new(now()),
        }
    }

    /// The worker has connections of its own.
    pub(crate) fn with_worker_target(self, worker_target: Option<Target>) -> Self {
        Self { worker_target, ..self }
    }

    /// Instances have so many jobs that count towards their end.
    pub(crate) fn with_jobs_per_instance(self, jobs: u32) -> Self {
        Self { cycles: RefCell::new(Cycles::new(jobs)), ..self }
    }

    /// At most so many creations are sent and not answered.
    pub(crate) fn with_unanswered_max(self, max: usize) -> Self {
        Self { unanswered: Permits::new(max), ..self }
    }

    /// What the worker asks.
    pub(crate) fn worker_target(&self) -> &Target {
        self.worker_target.as_ref().unwrap_or(&self.target)
    }

    /// A creation that was due at `due` was acknowledged.
    pub(crate) fn on_created(&self, instance: i64, due: Instant) {
        let at = now();
        self.last_event.set(at);
        {
            let mut stats = self.stats.borrow_mut();
            stats.count(Event::Created);
            let latency = at.saturating_duration_since(due);
            stats.record(Kind::Create, due, latency);
            if latency > SLOW {
                stats.note_trouble();
            }
        }
        match self.follow {
            Follow::Cycles => {
                let progress = self.cycles.borrow_mut().acknowledged(instance, due, at);
                self.on_progress(progress);
            }
            Follow::Nothing => self.places.give(1),
        }
    }

    /// A job arrived; whether it is to be worked on.
    pub(crate) fn on_job(&self, job: &Job, part: Part) -> bool {
        let at = now();
        let is_duplicate = self.received.borrow_mut().is_duplicate(job, unix_ms());
        {
            let mut stats = self.stats.borrow_mut();
            stats.count(Event::Job);
            if is_duplicate {
                stats.count(Event::Duplicate);
            }
        }
        if !is_duplicate && part.begins && self.follow == Follow::Cycles {
            let progress = self.cycles.borrow_mut().job(job.instance_key, at);
            progress.into_iter().for_each(|progress| self.on_progress(progress));
        }
        !is_duplicate
    }

    /// The completion of a job that was due at `due` was acknowledged.
    pub(crate) fn on_completed(&self, job: &Job, due: Instant, part: Part) {
        let at = now();
        self.last_event.set(at);
        self.stats.borrow_mut().record(Kind::Complete, due, at.saturating_duration_since(due));
        let (is_last, progress) = match self.follow {
            Follow::Cycles if part.ends => self.cycles.borrow_mut().completed(job.instance_key, at),
            Follow::Cycles => (false, None),
            Follow::Nothing => (true, None),
        };
        if is_last {
            self.stats.borrow_mut().count(Event::Completed);
        }
        progress.into_iter().for_each(|progress| self.on_progress(progress));
    }

    fn on_progress(&self, progress: Progress) {
        let mut stats = self.stats.borrow_mut();
        if let Some(after) = progress.job_after {
            stats.record(Kind::Job, progress.due, after);
        }
        if let Some(after) = progress.done_after {
            stats.record(Kind::Cycle, progress.due, after.saturating_sub(self.work_delay));
            self.places.give(1);
        }
    }

    /// Counts instances older than `age` as unfinished, with the time they have taken so far: leaving them out would flatter.
    pub(crate) fn give_up(&self, age: Duration) {
        let now = now();
        let Some(before) = now.checked_sub(age) else { return };
        let given_up = self.cycles.borrow_mut().give_up(before);
        let mut stats = self.stats.borrow_mut();
        for due in &given_up {
            stats.record(Kind::Cycle, *due, now.saturating_duration_since(*due));
        }
        self.places.give(given_up.len());
    }

    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.creating.get() == 0 && self.working.get() == 0 && self.cycles.borrow().under_way() == 0
    }

    /// When the last request succeeded.
    pub(crate) fn last_event(&self) -> Instant {
        self.last_event.get()
    }
}
