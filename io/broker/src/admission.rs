//! Which new work a core turns away before anything of it is read: a core that is behind sheds early and cheaply.
//!
//! What counts is a request's age from when its bytes could be read. A core works in rounds: it reads what its sockets
//! hold, handles it, and looks at the sockets again. So a request is as old as the round has lasted, and its bytes may have
//! come as early as the begin of the round before. The length of a round is measured by a marker, a task that the first
//! request of a round wakes: when it runs, all that was ready before it is done.
//!
//! New work that is older than a limit is refused while the core is behind; completions, failures and all else that
//! brings work to its end never is. A core is behind when requests are older than a quarter of the response-time target, and for
//! [`BEHIND_FOR`] none that started an instance was answered within that time, counted from when its bytes could be read: a burst is no
//! overload, nor is a pause of the machine. That a request was young when it was looked at says little: clients that wait for
//! their answers send in waves, and between two waves everything is young. From then on the limit falls, as long as
//! anything is refused, and the queue with it; it rises when nothing is, until the core is not behind any more.
//!
//! Deliberately not here: commits that are slow (`core/partition/src/flow.rs`), full disks.

use crate::flow_control::FlowControl;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// For so long all requests have to be too old until the core is behind.
const BEHIND_FOR: Duration = Duration::from_millis(100);
/// Slowness that is longer ago is another matter: one instance may take most of it.
const SLOW_COUNTS_FOR: Duration = Duration::from_secs(1);
/// How often the limit moves.
const WINDOW: Duration = Duration::from_millis(100);
/// The limit is this part of the response-time target at first: 1/LIMIT_FRACTION.
const LIMIT_FRACTION: u32 = 4;
/// The limit never falls below this part of the response-time target: 1/LIMIT_MIN_FRACTION.
const LIMIT_MIN_FRACTION: u32 = 40;
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
    last: Round,
    /// Since when requests are too old or answered too late, and when that was last so.
    too_slow: Option<(Instant, Instant)>,
    shedding: Option<Shedding>,
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
            last,
            too_slow: None,
            shedding: None,
            oldest: (Duration::ZERO, None),
        }
    }

    /// A request is handled. Whether the marker has to be woken: it is the first of its round.
    pub(crate) fn on_request(&mut self, now: Instant) -> bool {
        self.requests = self.requests.saturating_add(1);
        let is_first = self.round_began.is_none();
        self.round_began.get_or_insert(now);
        is_first
    }

    /// The marker runs: the round is over.
    pub(crate) fn on_round_end(&mut self, now: Instant) {
        let age = self.age(now);
        if age >= self.oldest(now) {
            self.oldest = (age, Some(now));
        }
        let Some(began) = self.round_began.take() else { return };
        let took = now.saturating_duration_since(began);
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

    /// Whether new work may come in.
    pub(crate) fn admits(&mut self, now: Instant) -> bool {
        let Some(target) = self.control.response_target() else {
            (self.too_slow, self.shedding) = (None, None);
            return true;
        };
        let age = self.age(now);
        let limit_max = target / LIMIT_FRACTION;
        let queue_min = if self.shedding.is_some() { QUEUE_MIN_SHEDDING } else { QUEUE_MIN };
        let is_queue = self.requests.saturating_add(self.last.requests) >= queue_min;
        let Some(shedding) = &mut self.shedding else {
            if age <= limit_max || !is_queue || self.note_slow(now) < BEHIND_FOR {
                return true;
            }
            self.shedding = Some(Shedding { limit: limit_max, window_began: now, refused: 1 });
            return false;
        };
        let limit_min = target / LIMIT_MIN_FRACTION;
        while now.saturating_duration_since(shedding.window_began) >= WINDOW {
            shedding.window_began += WINDOW;
            shedding.limit = match std::mem::take(&mut shedding.refused) {
                // Nothing was asked for in a window that lies within one long round: it says nothing.
                0 if age > shedding.limit => shedding.limit,
                0 => shedding.limit * 3 / 2,
                _ => (shedding.limit * 2 / 3).max(limit_min),
            };
            if shedding.limit > limit_max {
                (self.too_slow, self.shedding) = (None, None);
                return true;
            }
        }
        if age <= shedding.limit || !is_queue {
            return true;
        }
        shedding.refused += 1;
        false
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
mod tests {
    use super::{Admission, QUEUE_MIN_SHEDDING};
    use crate::flow_control::FlowControl;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    /// What an instance costs, and what a refusal.
    const ACCEPTED: Duration = Duration::from_micros(45);
    const REFUSED: Duration = Duration::from_micros(4);

    /// A core that handles in each round what came before the round began.
    struct Core {
        admission: Admission,
        /// What an instance costs that is accepted.
        cost: Duration,
        now: Instant,
        /// When the next request comes.
        next: Instant,
        accepted: u32,
        refused: u32,
        /// True ages of what was accepted.
        ages: Vec<Duration>,
        /// When those came that are answered at the end of the round.
        to_answer: Vec<Instant>,
    }

    impl Core {
        fn new() -> Self {
            let now = Instant::now();
            Self {
                admission: Admission::new(Arc::new(FlowControl::default())),
                cost: ACCEPTED,
                now,
                next: now,
                accepted: 0,
                refused: 0,
                ages: Vec::new(),
                to_answer: Vec::new(),
            }
        }

        fn run(&mut self, per_second: f64, length: Duration) {
            (self.accepted, self.refused) = (0, 0);
            self.ages.clear();
            self.next = self.next.max(self.now);
            let end = self.now + length;
            let between = Duration::from_secs_f64(1.0 / per_second);
            while self.now < end {
                self.now = self.now.max(self.next);
                let round = self.now;
                while self.next <= round {
                    self.handle(self.next);
                    self.next += between;
                }
                self.end_round();
            }
            self.ages.sort();
        }

        fn end_round(&mut self) {
            self.admission.on_round_end(self.now);
            for came in self.to_answer.drain(..) {
                self.admission.on_answered(self.now - came, self.now);
            }
        }

        /// Clients that have so many requests under way together, and send each again when it is answered. Between two waves come
        /// completions, a few at a time.
        fn run_waves(&mut self, under_way: u32, length: Duration) {
            (self.accepted, self.refused) = (0, 0);
            let end = self.now + length;
            while self.now < end {
                let came = self.now;
                (0..under_way).for_each(|_| self.handle(came));
                self.end_round();
                for _ in 0..5 {
                    self.now += Duration::from_millis(2);
                    self.admission.on_request(self.now);
                    self.now += ACCEPTED;
                    self.end_round();
                }
            }
        }

        fn handle(&mut self, came: Instant) {
            self.admission.on_request(self.now);
            if self.admission.admits(self.now) {
                self.accepted += 1;
                self.ages.push(self.now - came);
                self.to_answer.push(came);
                self.now += self.cost;
            } else {
                self.refused += 1;
                self.now += REFUSED;
            }
        }

        fn age(&self, part: f64) -> Duration {
            self.ages[((self.ages.len() - 1) as f64 * part) as usize]
        }
    }

    /// Instances a second that the core can do.
    fn ceiling() -> f64 {
        1.0 / ACCEPTED.as_secs_f64()
    }

    #[test]
    fn below_the_ceiling_nothing_is_refused_and_a_burst_neither() {
        let mut core = Core::new();
        core.run(ceiling() * 0.95, Duration::from_secs(5));
        assert_eq!(core.refused, 0);
        // A thousand at once: 45 ms of work.
        core.now += Duration::from_millis(200);
        for _ in 0..1_000 {
            core.handle(core.now);
        }
        core.end_round();
        core.run(ceiling() * 0.5, Duration::from_secs(1));
        assert_eq!(core.refused, 0);
        // The machine stands still: those who waited are served.
        core.now += Duration::from_millis(400);
        core.run(ceiling() * 0.5, Duration::from_secs(1));
        assert_eq!(core.refused, 0);
    }

    #[test]
    fn above_it_the_queue_stays_short_and_the_core_busy_with_what_it_accepts() {
        for times in [1.5, 3.0] {
            let mut core = Core::new();
            core.run(ceiling() * times, Duration::from_secs(1));
            core.run(ceiling() * times, Duration::from_secs(5));
            let p99 = core.age(0.99);
            assert!(p99 < Duration::from_millis(50), "{times}: {p99:?}");
            let done = f64::from(core.accepted) / 5.0 / ceiling();
            let possible =
                (1.0 - times * REFUSED.as_secs_f64() / ACCEPTED.as_secs_f64()) / (1.0 - 4.0 / 45.0);
            assert!(done > possible * 0.97, "{times}: {done:.2} of {possible:.2}");
        }
    }

    #[test]
    fn waves_that_are_answered_too_late_are_shed_although_everything_between_them_is_young() {
        for under_way in [2_000, 4_000] {
            let mut core = Core::new();
            core.run_waves(under_way, Duration::from_secs(1));
            core.run_waves(under_way, Duration::from_secs(2));
            let wave =
                Duration::from_secs_f64(2.0 / f64::from(core.accepted + core.refused) * f64::from(under_way));
            assert!(
                core.refused > 0 && wave < Duration::from_millis(50),
                "{under_way}: a wave takes {wave:?}"
            );
            let done = core.accepted as f64 * ACCEPTED.as_secs_f64() / 2.0;
            // Ten milliseconds of each wave are idle, and most of the rest goes into refusals.
            assert!(done > 0.1, "{under_way}: {done:.2}");
        }
        // As many as are answered in time are never refused.
        let mut core = Core::new();
        core.run_waves(800, Duration::from_secs(5));
        assert_eq!(core.refused, 0);
    }

    #[test]
    fn instances_of_many_milliseconds_are_shed_too() {
        // A round of a few of them is longer than several windows.
        for milliseconds in [2, 20, 150] {
            let mut core = Core::new();
            core.cost = Duration::from_millis(milliseconds);
            // Fifty times what it can do, so that each round brings a queue.
            let offered = 50.0 / core.cost.as_secs_f64();
            core.run(offered, Duration::from_secs(5));
            core.run(offered, Duration::from_secs(10));
            // One instance more than the limit in this round and in the one before, and those that are no queue.
            let bound = 2 * (Duration::from_millis(50) + core.cost) + QUEUE_MIN_SHEDDING * core.cost;
            let p99 = core.age(0.99);
            assert!(p99 <= bound, "{milliseconds} ms: {p99:?}");
            let done = f64::from(core.accepted) * core.cost.as_secs_f64() / 10.0;
            assert!(done > 0.85, "{milliseconds} ms: {done:.2}");
        }
    }

    #[test]
    fn it_ends_soon_after_the_load() {
        let mut core = Core::new();
        core.run(ceiling() * 3.0, Duration::from_secs(3));
        assert!(core.refused > 0 && core.admission.limit().is_some());
        core.run(ceiling() * 0.7, Duration::from_secs(1));
        core.run(ceiling() * 0.7, Duration::from_secs(1));
        assert_eq!((core.refused, core.admission.limit()), (0, None));
    }

    #[test]
    fn it_can_be_switched_off_while_it_runs() {
        let mut core = Core::new();
        core.run(ceiling() * 3.0, Duration::from_secs(2));
        core.admission.control.set_response_target(None);
        core.run(ceiling() * 1.1, Duration::from_secs(1));
        assert_eq!(core.refused, 0);
    }
}
