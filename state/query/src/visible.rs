//! Up to which position each partition's rows are there, and waiting for one.
//!
//! Invariants
//! - A position is visible only when a transaction that holds everything up to it is committed.
//! - Who waits is told exactly once: when it is visible, when time is up, or when there will be nothing more.
//! - What is to be done then is done by the thread that says so (the projector's, as a rule): it must be short.

use crate::live::Live;
use parking_lot::{Condvar, Mutex};
use ringbolt_record::{PartitionId, Position};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// Everything up to the position can be found.
    Visible,
    /// Time was up.
    TimedOut,
    /// There is no such partition, or its projector has ended.
    Closed,
}

type Then = Box<dyn FnOnce(Waited) + Send>;

struct Waiter {
    position: Position,
    deadline: Instant,
    then: Then,
}

#[derive(Default)]
struct State {
    visible: Position,
    is_closed: bool,
    /// A projector that rests is to look at once.
    is_asked: bool,
    waiters: Vec<Waiter>,
}

#[derive(Default)]
struct OfPartition {
    state: Mutex<State>,
    asked: Condvar,
}

/// What can be found, of each partition, and who wants to hear of it.
pub struct Visible {
    live: Arc<Live>,
    partitions: BTreeMap<PartitionId, OfPartition>,
}

impl Visible {
    /// Nothing is visible yet.
    pub fn new(partitions: impl IntoIterator<Item = PartitionId>) -> Self {
        Self {
            live: Arc::default(),
            partitions: partitions.into_iter().map(|partition| (partition, OfPartition::default())).collect(),
        }
    }

    /// Who watches what changes.
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// The last position up to which everything can be found; none of a partition that there is not.
    pub fn position(&self, partition: PartitionId) -> Option<Position> {
        self.partitions.get(&partition).map(|of_it| of_it.state.lock().visible)
    }

    /// Has `then` be called when everything up to `position` can be found, or at the deadline, or when that will never be. The
    /// projector is asked to commit what it has at once. `then` is called before this returns if nothing is to be waited for.
    pub fn when(&self, partition: PartitionId, position: Position, deadline: Instant, then: Then) {
        let Some(of_it) = self.partitions.get(&partition) else { return then(Waited::Closed) };
        let mut state = of_it.state.lock();
        let waited = if position <= state.visible {
            Waited::Visible
        } else if state.is_closed {
            Waited::Closed
        } else {
            state.waiters.push(Waiter { position, deadline, then });
            state.is_asked = true;
            drop(state);
            of_it.asked.notify_all();
            return;
        };
        drop(state);
        then(waited);
    }

    /// Waits until everything up to `position` can be found, at most until the deadline.
    pub fn wait(&self, partition: PartitionId, position: Position, deadline: Instant) -> Waited {
        let (told, tells) = std::sync::mpsc::sync_channel(1);
        let then = move |waited| {
            // Who asked may have gone at the deadline.
            let _ = told.send(waited);
        };
        self.when(partition, position, deadline, Box::new(then));
        let left = deadline.saturating_duration_since(Instant::now());
        tells.recv_timeout(left).unwrap_or(Waited::TimedOut)
    }

    /// For the projector: everything up to this position can be found. A position before the last one stands for a store that
    /// begins anew.
    pub fn advance(&self, partition: PartitionId, position: Position) {
        self.settle(partition, |state| state.visible = position);
    }

    /// For the projector: it has ended.
    pub fn close(&self, partition: PartitionId) {
        self.settle(partition, |state| state.is_closed = true);
    }

    /// For the projector: the first position that somebody waits for and that is not there yet. Tells those whose time is up.
    pub fn wanted(&self, partition: PartitionId) -> Option<Position> {
        self.settle(partition, |_| {})
    }

    /// For the projector: rests until somebody waits, at most so long. True when somebody does.
    pub fn rest(&self, partition: PartitionId, most: Duration) -> bool {
        let Some(of_it) = self.partitions.get(&partition) else { return false };
        let mut state = of_it.state.lock();
        if !state.is_asked && !state.is_closed {
            of_it.asked.wait_for(&mut state, most);
        }
        std::mem::take(&mut state.is_asked)
    }

    /// Wakes a projector that rests.
    pub fn wake(&self, partition: PartitionId) {
        let Some(of_it) = self.partitions.get(&partition) else { return };
        of_it.state.lock().is_asked = true;
        of_it.asked.notify_all();
    }

    /// Changes what is visible and tells those who have waited long enough. The first position that others still wait for.
    fn settle(&self, partition: PartitionId, change: impl FnOnce(&mut State)) -> Option<Position> {
        let of_it = self.partitions.get(&partition)?;
        let mut state = of_it.state.lock();
        change(&mut state);
        if state.waiters.is_empty() {
            return None;
        }
        let (visible, is_closed, now) = (state.visible, state.is_closed, Instant::now());
        let ended = |waiter: &mut Waiter| waiter.position <= visible || is_closed || waiter.deadline <= now;
        let ended: Vec<Waiter> = state.waiters.extract_if(.., ended).collect();
        let wanted = state.waiters.iter().map(|waiter| waiter.position).min();
        drop(state);
        for waiter in ended {
            (waiter.then)(match waiter.position <= visible {
                true => Waited::Visible,
                false if is_closed => Waited::Closed,
                false => Waited::TimedOut,
            });
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::{Visible, Waited};
    use ringbolt_record::{PartitionId, Position};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    const ONE: PartitionId = PartitionId(1);

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn who_waits_is_told_once_when_it_is_visible() {
        let visible = Arc::new(Visible::new([ONE]));
        assert_eq!(visible.wait(PartitionId(2), Position(1), later()), Waited::Closed);
        let waits = std::thread::spawn({
            let visible = visible.clone();
            move || visible.wait(ONE, Position(7), later())
        });
        while visible.wanted(ONE).is_none() {
            visible.rest(ONE, Duration::from_millis(5));
        }
        visible.advance(ONE, Position(6));
        assert_eq!(visible.wanted(ONE), Some(Position(7)));
        visible.advance(ONE, Position(8));
        assert_eq!(waits.join().expect("no panic"), Waited::Visible);
        assert_eq!((visible.wanted(ONE), visible.position(ONE)), (None, Some(Position(8))));
        assert_eq!(visible.wait(ONE, Position(8), later()), Waited::Visible);
    }

    #[test]
    fn a_wait_ends_at_its_deadline_or_with_the_projector() {
        let visible = Visible::new([ONE]);
        assert_eq!(visible.wait(ONE, Position(1), Instant::now()), Waited::TimedOut);
        let (told, tells) = std::sync::mpsc::channel();
        let tell = move |waited| told.send(waited).expect("it is waited for");
        visible.when(ONE, Position(1), later(), Box::new(tell));
        visible.close(ONE);
        assert_eq!(tells.recv().expect("it is told"), Waited::Closed);
        assert_eq!(visible.wait(ONE, Position(1), later()), Waited::Closed);
    }

    #[test]
    fn a_projector_that_rests_is_woken_by_who_waits() {
        let visible = Arc::new(Visible::new([ONE]));
        let rests = std::thread::spawn({
            let visible = visible.clone();
            move || visible.rest(ONE, Duration::from_secs(60))
        });
        visible.when(ONE, Position(1), later(), Box::new(|_| {}));
        assert!(rests.join().expect("no panic"));
        visible.wake(ONE);
        assert!(visible.rest(ONE, Duration::from_secs(60)));
        assert!(!visible.rest(ONE, Duration::from_millis(1)));
    }
}
