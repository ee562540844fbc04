//! Searches that take long take turns.
//!
//! Each works all the time, and where as many of them as there are CPUs do, a core that wakes finds none that is free: it waits until the scheduler
//! looks again. So few go on at once, each for a while, and those that are short do not wait for a turn.

use super::{Cancel, Error};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// What takes longer takes turns.
const SHORT_MAX: Duration = Duration::from_millis(40);
/// How long a search's first turn is where others wait for theirs. Each later one is twice as long as the one before: of several that take
/// long, one comes to its end before its time is over.
const TURN_FIRST: Duration = Duration::from_millis(100);
/// How often one that waits looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(20);

/// What all searches share.
#[derive(Debug)]
pub(super) struct Turns {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug)]
struct State {
    /// Turns that nobody has.
    free: usize,
    /// Numbers of those that wait, in the order in which they came, and the number of the next.
    waiting: VecDeque<u64>,
    next: u64,
}

/// One search at work.
#[derive(Debug)]
pub(super) struct Work {
    cancel: Cancel,
    began: Instant,
    turns: Arc<Turns>,
    own: Mutex<Own>,
}

/// The turn that a search has, and how long its next one is.
#[derive(Debug)]
struct Own {
    turn: Option<Turn>,
    next: Duration,
}

#[derive(Debug)]
struct Turn {
    turns: Arc<Turns>,
    until: Instant,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.state.lock().free += 1;
        self.turns.ended.notify_all();
    }
}

impl Default for Turns {
    /// One for every two CPUs that the calling thread may run on, and one at least.
    fn default() -> Self {
        Self::at_once(available_parallelism().map_or(1, |cpus| cpus.get() / 2))
    }
}

impl Turns {
    fn at_once(count: usize) -> Self {
        let state = State { free: count.max(1), waiting: VecDeque::new(), next: 0 };
        Self { state: Mutex::new(state), ended: Condvar::new() }
    }

    /// Waits for a turn.
    fn take(self: &Arc<Self>, cancel: &Cancel, length: Duration) -> Result<Turn, Error> {
        let mut state = self.state.lock();
        let number = state.next;
        state.next += 1;
        state.waiting.push_back(number);
        while state.free == 0 || state.waiting.front() != Some(&number) {
            self.ended.wait_for(&mut state, LOOK);
            if let Err(error) = cancel.check() {
                state.waiting.retain(|waiting| *waiting != number);
                drop(state);
                // It may have been the next.
                self.ended.notify_all();
                return Err(error);
            }
        }
        state.waiting.pop_front();
        state.free -= 1;
        let is_another_next = state.free > 0 && !state.waiting.is_empty();
        drop(state);
        if is_another_next {
            self.ended.notify_all();
        }
        Ok(Turn { turns: self.clone(), until: Instant::now() + length })
    }

    fn are_wanted(&self) -> bool {
        !self.state.lock().waiting.is_empty()
    }
}

impl Work {
    /// Begins.
    pub(super) fn begin(cancel: &Cancel, turns: &Arc<Turns>) -> Arc<Self> {
        Arc::new(Self {
            cancel: cancel.clone(),
            began: Instant::now(),
            turns: turns.clone(),
            own: Mutex::new(Own { turn: None, next: TURN_FIRST }),
        })
    }

    /// Goes on, when it may: one that takes long waits here for its turn.
    ///
    /// # Errors
    /// When it is to end.
    pub(super) fn go_on(&self) -> Result<(), Error> {
        self.cancel.check()?;
        let own = &mut *self.own.lock();
        match &own.turn {
            None if self.began.elapsed() < SHORT_MAX => Ok(()),
            Some(turn) if Instant::now() < turn.until || !self.turns.are_wanted() => Ok(()),
            _ => {
                // What it has is given back first: the next may be another's.
                own.turn = None;
                own.turn = Some(self.turns.take(&self.cancel, own.next)?);
                own.next = own.next.saturating_mul(2);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cancel, Error, SHORT_MAX, TURN_FIRST, Turns, Work};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    fn soon() -> Cancel {
        Cancel::at(Instant::now() + Duration::from_secs(60))
    }

    /// Works until it is long, and then until it has gone on so often; the most that were at it at once.
    fn long(turns: &Arc<Turns>, times: usize, at_it: &AtomicUsize) -> usize {
        let work = Work::begin(&soon(), turns);
        while work.own.lock().turn.is_none() {
            work.go_on().expect("nobody ends it");
        }
        let mut most = 0;
        for _ in 0..times {
            most = most.max(1 + at_it.fetch_add(1, Ordering::SeqCst));
            thread::sleep(Duration::from_millis(1));
            at_it.fetch_sub(1, Ordering::SeqCst);
            work.go_on().expect("nobody ends it");
        }
        most
    }

    #[test]
    fn as_many_go_on_as_there_are_turns_and_each_comes_to_its_end() {
        for count in [1, 2] {
            let (turns, at_it) = (Arc::new(Turns::at_once(count)), AtomicUsize::new(0));
            let most = thread::scope(|scope| {
                let works: Vec<_> = (0..4).map(|_| scope.spawn(|| long(&turns, 150, &at_it))).collect();
                works.into_iter().map(|work| work.join().expect("no panic")).max()
            });
            assert_eq!(most, Some(count));
            assert_eq!(turns.state.lock().free, count, "all are given back");
        }
    }

    #[test]
    fn what_is_short_waits_for_nobody() {
        let turns = Arc::new(Turns::at_once(1));
        let taken = turns.take(&soon(), TURN_FIRST);
        assert_eq!(Work::begin(&soon(), &turns).go_on(), Ok(()));
        drop(taken);
    }

    #[test]
    fn who_waits_and_is_given_up_ends_and_the_next_comes() {
        let turns = Arc::new(Turns::at_once(1));
        let taken = turns.take(&soon(), TURN_FIRST).expect("it is free");
        let given_up = soon();
        let (first, second) = (Work::begin(&given_up, &turns), Work::begin(&soon(), &turns));
        thread::sleep(SHORT_MAX);
        thread::scope(|scope| {
            let first = scope.spawn(|| first.go_on());
            while turns.state.lock().waiting.is_empty() {
                thread::yield_now();
            }
            let second = scope.spawn(|| second.go_on());
            while turns.state.lock().waiting.len() < 2 {
                thread::yield_now();
            }
            given_up.give_up();
            assert_eq!(first.join().expect("no panic"), Err(Error::GivenUp));
            drop(taken);
            assert_eq!(second.join().expect("no panic"), Ok(()));
        });
        assert_eq!(turns.state.lock().free, 0, "as long as the second is there");
    }
}
