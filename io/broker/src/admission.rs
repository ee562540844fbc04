//! Which new work a core turns away before anything of it is read: a core that is behind sheds early and cheaply.
//!
//! What counts is a request's age from when its bytes could be read. A core works in rounds: it reads what its sockets
//! hold, handles it, and looks at the sockets again. So a request is as old as the round has lasted, and its bytes may have
//! come as early as the begin of the round before. The length of a round is measured by a marker, a task that the first
//! request of a round wakes: when it runs, all that was ready before it is done.
//!
//! While requests are not young, new work waits at the [`Door`]: what brings work to its end goes first, and a few creations are let in
//! after all else has run. So the age that a request will have is known when it comes: that of its bytes, and what those before it take.
//!
//! New work that would be older than a limit is refused while the core is behind; completions, failures and all else that
//! brings work to its end never is. A core is behind when requests are older than a quarter of the response-time target, and for
//! [`BEHIND_FOR`] none that started an instance was answered within that time, counted from when its bytes could be read: a burst is no
//! overload, nor is a pause of the machine. It is so at once when a request would be older than the whole target, or when it was behind not
//! long ago. That a request was young when it was looked at says little: clients that wait for
//! their answers send in waves, and between two waves everything is young. From then on the limit falls, as long as
//! anything is refused, and the queue with it; it rises when nothing is, until the core is not behind any more, and also when the door had
//! nobody to let in: what is refused then was refused in vain.
//!
//! Deliberately not here: commits that are slow (`core/partition/src/flow.rs`), full disks.

use crate::door::Door;
use crate::flow_control::FlowControl;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

/// For so long all requests have to be too old until the core is behind.
const BEHIND_FOR: Duration = Duration::from_millis(100);
/// Slowness that is longer ago is another matter: one instance may take most of it.
const SLOW_COUNTS_FOR: Duration = Duration::from_secs(1);
/// A core that shed so lately is behind at once when requests are too old again: what it let in meanwhile comes back as work to be done.
const SHEDS_AGAIN_FOR: Duration = Duration::from_secs(5);
/// How often the limit moves.
const WINDOW: Duration = Duration::from_millis(100);
/// The limit is this part of the response-time target at first: 1/LIMIT_FRACTION.
const LIMIT_FRACTION: u32 = 4;
/// The limit never falls below this part of the response-time target: 1/LIMIT_MIN_FRACTION.
const LIMIT_MIN_FRACTION: u32 = 40;
/// New work waits at the door when it is older than this part of the response-time target: 1/WAIT_FRACTION.
const WAIT_FRACTION: u32 = 16;
/// However old all requests are: of a round's length so much is left to new work, 1/WORK_FRACTION, or refusals would take all of it.
/// What ends that work comes on top and takes about as long again, and a round must not grow by what its own work brings.
const WORK_FRACTION: u32 = 5;
/// The same while the core sheds.
const WORK_FRACTION_SHEDDING: u32 = 10;
/// New work that has waited at the door for longer than this part of the response-time target is refused after all: 1/STALE_FRACTION.
const STALE_FRACTION: u32 = 2;
/// The limit rises when the door had nobody to let in for longer than this part of a window: 1/DRY_FRACTION.
const DRY_FRACTION: u32 = 10;
/// Fewer requests than this in two rounds are no queue, however long the rounds took.
const QUEUE_MIN: u32 = 32;
/// The same while the core sheds: few instances that take long are a queue then.
const QUEUE_MIN_SHEDDING: u32 = 4;
/// A round's length says nothing of a request that comes later than this after it, or than twice the round.
const ROUND_FRESH: Duration = Duration::from_millis(5);
/// When a refused client comes again, if there is no target.
const RETRY_AFTER: Duration = Duration::from_millis(200);
/// How long the oldest request is remembered, for metrics: as long as between two scrapes.
const OLDEST_FOR: Duration = Duration::from_secs(15);

/// What one core knows of its rounds.
pub(crate) struct Admission {
    control: Arc<FlowControl>,
    /// When the first request of this round came.
    round_began: Option<Instant>,
    /// Requests of this round.
    requests: u32,
    /// New work of this round that was not turned away on sight and did not come to the door yet.
    passed: u32,
    pub(crate) door: Door,
    last: Round,
    /// Since when requests are too old or answered too late, and when that was last so.
    too_slow: Option<(Instant, Instant)>,
    shedding: Option<Shedding>,
    /// When it shed last.
    shed_until: Option<Instant>,
    /// The greatest age of a while, and when it was.
    oldest: (Duration, Option<Instant>),
}

/// A round that is over.
#[derive(Clone, Copy)]
struct Round {
    ended: Option<Instant>,
    took: Duration,
    requests: u32,
}

#[derive(Clone, Copy)]
struct Shedding {
    /// New work older than this is refused.
    limit: Duration,
    window_began: Instant,
    refused: u32,
}

impl Admission {
    pub(crate) fn new(control: Arc<FlowControl>) -> Self {
        let last = Round { ended: None, took: Duration::ZERO, requests: 0 };
        Self {
            control,
            round_began: None,
            requests: 0,
            passed: 0,
            door: Door::default(),
            last,
            too_slow: None,
            shedding: None,
            shed_until: None,
            oldest: (Duration::ZERO, None),
        }
    }

    /// A request is handled. Whether the marker has to be woken: it is the first of its round.
    pub(crate) fn on_request(&mut self, now: Instant) -> bool {
        self.requests = self.requests.saturating_add(1);
        self.begin_round(now)
    }

    fn begin_round(&mut self, now: Instant) -> bool {
        let is_first = self.round_began.is_none();
        self.round_began.get_or_insert(now);
        is_first
    }

    /// The head of a request is seen that starts new work: whether it is turned away before more of it is, and whether the marker has to
    /// be woken, as [`Admission::on_request`] says. Who is not comes again when its turn has come.
    pub(crate) fn turns_away(&mut self, now: Instant) -> (bool, bool) {
        let is_first = self.begin_round(now);
        let is_refused = !self.admits(now);
        if is_refused {
            self.requests = self.requests.saturating_add(1);
        } else {
            self.passed = self.passed.saturating_add(1);
        }
        (is_refused, is_first)
    }

    /// The marker runs: the round is over.
    pub(crate) fn on_round_end(&mut self, now: Instant) {
        let age = self.age(now);
        if age >= self.oldest(now) {
            self.oldest = (age, Some(now));
        }
        let Some(began) = self.round_began.take() else { return };
        let took = now.saturating_duration_since(began);
        self.passed = 0;
        self.last = Round { ended: Some(now), took, requests: std::mem::take(&mut self.requests) };
    }

    /// How long the bytes of a request that is handled now may have waited.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        let round = self.round_began.map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
        let begin = now.checked_sub(round).unwrap_or(now);
        let is_fresh = self.last.ended.is_some_and(|ended| {
            begin.saturating_duration_since(ended) <= ROUND_FRESH.max(2 * self.last.took)
        });
        round + if is_fresh { self.last.took } else { Duration::ZERO }
    }

    /// How old a request will be that comes in now, when all that came before it is done.
    fn age_expected(&self, now: Instant) -> Duration {
        self.age(now) + self.door.wait_of(self.passed)
    }

    /// New work that was not turned away on sight asks whether it may come in.
    pub(crate) fn admits_passed(&mut self, now: Instant) -> bool {
        self.passed = self.passed.saturating_sub(1);
        self.admits(now)
    }

    /// Whether new work may come in.
    fn admits(&mut self, now: Instant) -> bool {
        let Some(target) = self.control.response_target() else {
            (self.too_slow, self.shedding) = (None, None);
            return true;
        };
        let age = self.age_expected(now);
        let limit_max = target / LIMIT_FRACTION;
        let queue_min = if self.shedding.is_some() { QUEUE_MIN_SHEDDING } else { QUEUE_MIN };
        let requests = self.requests.saturating_add(self.last.requests).saturating_add(self.passed);
        let is_queue = requests.saturating_add(self.door.len()) >= queue_min;
        let Some(shedding) = &mut self.shedding else {
            if age <= limit_max
                || !is_queue
                || (!self.has_shed_lately(now) && self.note_slow(now) < BEHIND_FOR && age <= target)
            {
                return true;
            }
            self.door.take_dry(now);
            self.shedding = Some(Shedding { limit: limit_max, window_began: now, refused: 1 });
            return false;
        };
        let limit_min = target / LIMIT_MIN_FRACTION;
        while now.saturating_duration_since(shedding.window_began) >= WINDOW {
            shedding.window_began += WINDOW;
            let is_dry = self.door.take_dry(now) > WINDOW / DRY_FRACTION;
            shedding.limit = match std::mem::take(&mut shedding.refused) {
                // Nothing was asked for in a window that lies within one long round: it says nothing.
                0 if age > shedding.limit => shedding.limit,
                0 => shedding.limit * 3 / 2,
                _ if is_dry => (shedding.limit * 5 / 4).min(limit_max),
                _ => (shedding.limit * 2 / 3).max(limit_min),
            };
            if shedding.limit > limit_max {
                (self.too_slow, self.shedding, self.shed_until) = (None, None, Some(now));
                return true;
            }
        }
        if age <= shedding.limit || !is_queue || !self.door.has_enough(self.passed) {
            return true;
        }
        shedding.refused += 1;
        false
    }

    fn has_shed_lately(&self, now: Instant) -> bool {
        self.shed_until.is_some_and(|until| now.saturating_duration_since(until) <= SHEDS_AGAIN_FOR)
    }

    /// Whether new work that may come in waits at the door first, so that what brings work to its end overtakes it.
    pub(crate) fn must_wait(&self, now: Instant) -> bool {
        let Some(target) = self.control.response_target() else { return false };
        self.shedding.is_some() || !self.door.is_empty() || self.age(now) > target / WAIT_FRACTION
    }

    /// All else has run: the door lets some in, and a round begins with them; whom to wake.
    pub(crate) fn let_in(&mut self, now: Instant) -> Vec<Waker> {
        self.on_round_end(now);
        self.begin_round(now);
        let target = self.control.response_target().unwrap_or(RETRY_AFTER);
        // As [`Admission::is_stale`] has it.
        let wait_max = self.shedding.map(|_| target / STALE_FRACTION);
        let fraction = if wait_max.is_some() { WORK_FRACTION_SHEDDING } else { WORK_FRACTION };
        self.door.let_in(now, self.last.took.min(target / LIMIT_FRACTION) / fraction, wait_max)
    }

    /// Whether new work that the door lets in has waited there for too long.
    pub(crate) fn is_stale(&mut self, entered: Instant, now: Instant) -> bool {
        let Some(target) = self.control.response_target() else { return false };
        let Some(shedding) = &mut self.shedding else { return false };
        let is_stale = now.saturating_duration_since(entered) > target / STALE_FRACTION;
        shedding.refused += u32::from(is_stale);
        is_stale
    }

    /// Something is too slow; for how long nothing was fast. Slowness that is long ago counts for nothing.
    fn note_slow(&mut self, now: Instant) -> Duration {
        let since = match self.too_slow {
            Some((since, last)) if now.saturating_duration_since(last) <= SLOW_COUNTS_FOR => since,
            Some(_) | None => now,
        };
        self.too_slow = Some((since, now));
        now.saturating_duration_since(since)
    }

    /// The answer to a request that started an instance came, so long after its bytes could be read.
    pub(crate) fn on_answered(&mut self, took: Duration, now: Instant) {
        let Some(target) = self.control.response_target() else { return };
        if took <= target / LIMIT_FRACTION {
            self.too_slow = None;
        } else {
            self.note_slow(now);
        }
    }

    /// The greatest age of a request in the last [`OLDEST_FOR`].
    pub(crate) fn oldest(&self, now: Instant) -> Duration {
        let (age, at) = self.oldest;
        match at {
            Some(at) if now.saturating_duration_since(at) <= OLDEST_FOR => age,
            Some(_) | None => Duration::ZERO,
        }
    }

    /// When it is worth trying again.
    pub(crate) fn retry_after(&self) -> Duration {
        self.control.response_target().unwrap_or(RETRY_AFTER)
    }

    /// The age above which new work is refused now; none while the core is not behind.
    pub(crate) fn limit(&self) -> Option<Duration> {
        self.shedding.map(|shedding| shedding.limit)
    }
}

#[cfg(test)]
mod tests;
