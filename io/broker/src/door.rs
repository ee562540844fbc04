//! Where new work waits while its core is not fast, in the order in which it came.
//!
//! Tasks run in the order in which they became ready, so completions would be handled after all creations that came before them, and a
//! client that creates fast enough would never get one through. A keeper lets a few creations in at a time, and only after all else that
//! can run has run.
//!
//! Deliberately not here: who is refused (`admission.rs`).

use std::collections::VecDeque;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

/// What is let in together takes about as long as this, while nobody is refused.
const SLICE: Duration = Duration::from_millis(1);
/// A round takes about as long as this while some are refused, and half of it at least: what comes is refused within few rounds, and what
/// a round costs whatever it does is paid by many.
const ROUND: Duration = Duration::from_millis(8);
/// How many are let in together at first.
const TOGETHER_FIRST: u32 = 16;
/// How fast the number of those who are let in together follows the length of rounds: by 1/TOGETHER_FOLLOWS.
const TOGETHER_FOLLOWS: u32 = 4;
/// While some are refused, so many times as many wait as are let in together.
const TURNS_WAITING: u32 = 2;
/// So many are let in together at most.
const TOGETHER_MAX: u32 = 1024;
/// What one takes until it is known.
const COST_FIRST: Duration = Duration::from_micros(50);
/// The cost follows what is measured by this part of the difference: 1/COST_FOLLOWS.
const COST_FOLLOWS: u32 = 8;

/// One measurement counts as so many times the cost at most: the machine may have stood still.
const COST_GROWS_MAX: u32 = 4;

/// The door of one core.
#[derive(Debug)]
pub(crate) struct Door {
    waiting: VecDeque<Place>,
    /// The number of the first who waits.
    first: u64,
    /// How long the core takes for one and for all else that it does in that time.
    cost: Duration,
    /// How long one takes until its command is processed, without all else.
    own_cost: Duration,
    /// How many are let in together.
    together: u32,
    /// When some were let in while others waited, and how many.
    last: Option<(Instant, u32)>,
    /// The same for those who have not run yet.
    running: Option<(Instant, u32)>,
    /// Since when nobody waits.
    dry_since: Option<Instant>,
    /// For how long nobody waited before that.
    dry: Duration,
}

#[derive(Debug)]
enum Place {
    /// Since when, and whom to wake.
    Waits(Instant, Option<Waker>),
    /// It went away.
    Left,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            first: 0,
            cost: COST_FIRST,
            own_cost: COST_FIRST,
            together: TOGETHER_FIRST,
            last: None,
            running: None,
            dry_since: None,
            dry: Duration::ZERO,
        }
    }
}

impl Door {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.waiting.len()).unwrap_or(u32::MAX)
    }

    /// How long one waits that comes behind those who wait and `more`.
    pub(crate) fn wait_of(&self, more: u32) -> Duration {
        self.cost.saturating_mul(self.len().saturating_add(more))
    }

    /// Whether those who wait and `more` are enough until others can have come.
    pub(crate) fn has_enough(&self, more: u32) -> bool {
        self.len().saturating_add(more) >= self.together.saturating_mul(TURNS_WAITING)
    }

    /// One comes; its number.
    pub(crate) fn enter(&mut self, now: Instant) -> u64 {
        if let Some(since) = self.dry_since.take() {
            self.dry += now.saturating_duration_since(since);
        }
        self.waiting.push_back(Place::Waits(now, None));
        self.first + (self.waiting.len() - 1) as u64
    }

    /// Whether the one with this number was let in; its waker is kept until then.
    pub(crate) fn poll(&mut self, number: u64, waker: &Waker) -> Poll<()> {
        match self.place(number) {
            Some(Place::Waits(_, slot)) => {
                match slot {
                    Some(kept) => kept.clone_from(waker),
                    None => *slot = Some(waker.clone()),
                }
                Poll::Pending
            }
            Some(Place::Left) | None => Poll::Ready(()),
        }
    }

    /// The one with this number waits no more; nothing when it was let in.
    pub(crate) fn leave(&mut self, number: u64) {
        if let Some(place) = self.place(number) {
            *place = Place::Left;
        }
    }

    fn place(&mut self, number: u64) -> Option<&mut Place> {
        self.waiting.get_mut(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// Lets some in, at least one; whom to wake. Called when all else has run.
    ///
    /// They are as many as take about as long as `span` or a [`SLICE`]. While some are refused, which is when there is a `wait_max`, they
    /// are fewer or more than the last time, so that rounds are as long as a [`ROUND`], but at least as many as take `span`: what they bring
    /// later, jobs and completions, is not in their cost, and rounds would grow by it.
    ///
    /// Those who have waited for longer than `wait_max` are let go with them and take nobody's place: they are refused, and one round that
    /// was long would otherwise have whole rounds of such at the head, and nobody would be served in time any more.
    pub(crate) fn let_in(&mut self, now: Instant, span: Duration, wait_max: Option<Duration>) -> Vec<Waker> {
        let mut followed = self.together;
        if let Some((then, count)) = self.last.take() {
            let round = now.saturating_duration_since(then);
            if round > ROUND {
                followed -= followed / TOGETHER_FOLLOWS;
            } else if round < ROUND / 2 && count >= followed {
                followed += followed / TOGETHER_FOLLOWS + 1;
            }
            // The machine may have stood still: that is no reason to think that all who wait will wait for long.
            let measured = (round / count.max(1)).min(self.cost * COST_GROWS_MAX);
            follow(&mut self.cost, measured);
        }
        let as_many_as = |span: Duration| {
            u32::try_from(span.as_nanos() / self.own_cost.as_nanos().max(1)).unwrap_or(u32::MAX)
        };
        let together = match wait_max {
            Some(_) => followed.max(as_many_as(span)),
            None => as_many_as(span.max(SLICE)),
        };
        let together = together.clamp(1, TOGETHER_MAX);
        self.together = together;
        let wait_max = wait_max.unwrap_or(Duration::MAX);
        let mut wakers = Vec::with_capacity(together as usize);
        let mut count = 0;
        while count < together
            && wakers.len() < TOGETHER_MAX as usize
            && let Some(place) = self.waiting.pop_front()
        {
            self.first += 1;
            if let Place::Waits(since, waker) = place {
                count += u32::from(now.saturating_duration_since(since) <= wait_max);
                wakers.extend(waker);
            }
        }
        // What refusals take says nothing of what work does.
        let is_work = wakers.len() == count as usize;
        self.running = is_work.then_some((now, count));
        match self.is_empty() {
            true => self.dry_since = Some(now),
            false => self.last = is_work.then_some((now, count)),
        }
        wakers
    }

    /// Those who were let in have run.
    pub(crate) fn note_ran(&mut self, now: Instant) {
        let Some((then, count)) = self.running.take() else { return };
        let own = now.saturating_duration_since(then) / count.max(1);
        // To let in too many is worse than too few.
        self.own_cost = self.own_cost.max(own / 2);
        follow(&mut self.own_cost, own);
    }

    /// For how long nobody waited since this was last asked.
    pub(crate) fn take_dry(&mut self, now: Instant) -> Duration {
        let running = self.dry_since.as_mut().map_or(Duration::ZERO, |since| {
            let running = now.saturating_duration_since(*since);
            *since = now;
            running
        });
        std::mem::take(&mut self.dry) + running
    }
}

/// A cost follows what was measured.
fn follow(cost: &mut Duration, measured: Duration) {
    *cost = (*cost * (COST_FOLLOWS - 1) + measured) / COST_FOLLOWS;
}
