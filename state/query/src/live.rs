//! Which process instances have changed, told to those who watch them.
//!
//! A change is told when its rows are written: whoever asks then finds it. What is told are keys, never what became of them.
//!
//! Invariants
//! - What a watcher has not taken yet is a set of keys that it watches, so that it is bounded by what it asked for, however slow it reads;
//!   nothing that it watches is lost.
//! - Every change has a number. Who comes again with the last number that it has seen is told what it missed, or that nobody knows.
//! - Watchers are told by the thread that writes: what it does for each is a few instructions and a bell.

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

/// Changes that are remembered for those who come again.
const RECENT_MAX: usize = 16 * 1024;

/// A number of a change, of this life of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which life.
    pub life: u64,
    /// Which change, counted from 1; 0 for none yet.
    pub change: u64,
}

/// What somebody watches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// These instances.
    pub instances: Vec<i64>,
    /// Whether anything changes at all.
    pub anything: bool,
    /// What was seen last.
    pub after: Option<Mark>,
}

/// What has changed since it was asked last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Up to which change this is.
    pub mark: Mark,
    /// Instances that are watched.
    pub instances: Vec<i64>,
    /// Something, of which no more is said.
    pub anything: bool,
    /// Nobody knows what was missed: everything is to be looked at again.
    pub is_anew: bool,
}

/// Rings for a watcher that rests. It must be short.
type Bell = Box<dyn Fn() + Send>;

#[derive(Default)]
struct Pending {
    instances: BTreeSet<i64>,
    anything: bool,
    is_anew: bool,
    change: u64,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.instances.is_empty() && !self.anything && !self.is_anew
    }
}

struct Watcher {
    pending: Arc<Mutex<Pending>>,
    watches_anything: bool,
    bell: Bell,
}

#[derive(Default)]
struct State {
    /// The last change's number.
    change: u64,
    recent: VecDeque<(u64, i64)>,
    next_id: u64,
    watchers: FxHashMap<u64, Watcher>,
    /// Watchers by instance.
    by_instance: FxHashMap<i64, Vec<u64>>,
}

/// Those who watch, and what changed.
pub struct Live {
    life: u64,
    watching: AtomicUsize,
    state: Mutex<State>,
}

impl Default for Live {
    fn default() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let life = since.map_or(0, |since| since.as_micros() as u64);
        Self { life, watching: AtomicUsize::new(0), state: Mutex::default() }
    }
}

/// One who watches, until it is dropped.
pub struct Watching {
    live: Arc<Live>,
    id: u64,
    instances: Vec<i64>,
    pending: Arc<Mutex<Pending>>,
}

impl Live {
    /// Begins to watch. `bell` rings when there is something to take; it may ring once too often.
    pub fn watch(self: &Arc<Self>, watched: Watched, bell: Bell) -> Watching {
        let Watched { mut instances, anything, after } = watched;
        instances.sort_unstable();
        instances.dedup();
        let mut state = self.state.lock();
        let mut pending = Pending { change: state.change, ..Pending::default() };
        if let Some(after) = after {
            self.missed(&state, after, &instances, anything, &mut pending);
        }
        let pending = Arc::new(Mutex::new(pending));
        let id = state.next_id;
        state.next_id += 1;
        for instance in &instances {
            state.by_instance.entry(*instance).or_default().push(id);
        }
        state.watchers.insert(id, Watcher { pending: pending.clone(), watches_anything: anything, bell });
        self.watching.store(state.watchers.len(), Ordering::Release);
        drop(state);
        Watching { live: self.clone(), id, instances, pending }
    }

    /// What somebody missed that was away.
    fn missed(&self, state: &State, after: Mark, instances: &[i64], anything: bool, pending: &mut Pending) {
        let first = state.recent.front().map_or(state.change + 1, |(change, _)| *change);
        if after.life != self.life || after.change > state.change || after.change + 1 < first {
            pending.is_anew = true;
            return;
        }
        let missed = state.recent.iter().filter(|(change, _)| *change > after.change);
        let is_watched = |instance: &i64| instances.binary_search(instance).is_ok();
        pending.instances = missed.map(|(_, instance)| *instance).filter(is_watched).collect();
        pending.anything = anything && after.change < state.change;
    }

    /// How many watch.
    pub fn watching(&self) -> usize {
        self.watching.load(Ordering::Acquire)
    }

    /// For the projector: rows were written, and nobody watched when it began to. Who comes later does not hear of what.
    pub(crate) fn tell_nobody(&self) {
        let mut state = self.state.lock();
        state.change += 1;
        state.recent.clear();
        let change = state.change;
        for watcher in state.watchers.values() {
            let mut pending = watcher.pending.lock();
            (pending.is_anew, pending.change) = (true, change);
            drop(pending);
            (watcher.bell)();
        }
    }

    /// For the projector: the rows of these instances were written.
    pub(crate) fn tell(&self, instances: &FxHashSet<i64>) {
        if instances.is_empty() {
            return;
        }
        let mut state = self.state.lock();
        state.change += 1;
        let change = state.change;
        if instances.len() > RECENT_MAX {
            state.recent.clear();
        } else {
            state.recent.extend(instances.iter().map(|instance| (change, *instance)));
            while state.recent.len() > RECENT_MAX {
                // A change is remembered as a whole.
                let gone = state.recent.pop_front().map(|(change, _)| change);
                while state.recent.front().is_some_and(|(change, _)| Some(*change) == gone) {
                    state.recent.pop_front();
                }
            }
        }
        let mut rung = FxHashSet::default();
        for instance in instances {
            for id in state.by_instance.get(instance).into_iter().flatten() {
                let mut pending = state.watchers[id].pending.lock();
                pending.instances.insert(*instance);
                pending.change = change;
                rung.insert(*id);
            }
        }
        for (id, watcher) in state.watchers.iter().filter(|(_, watcher)| watcher.watches_anything) {
            let mut pending = watcher.pending.lock();
            (pending.anything, pending.change) = (true, change);
            rung.insert(*id);
        }
        rung.iter().for_each(|id| (state.watchers[id].bell)());
    }
}

impl Watching {
    /// What has changed since the last time, if anything has.
    pub fn take(&self) -> Option<Changed> {
        let mut pending = self.pending.lock();
        if pending.is_empty() {
            return None;
        }
        let change = pending.change;
        let taken = std::mem::replace(&mut *pending, Pending { change, ..Pending::default() });
        let mark = Mark { life: self.live.life, change };
        Some(Changed {
            mark,
            instances: taken.instances.into_iter().collect(),
            anything: taken.anything,
            is_anew: taken.is_anew,
        })
    }

    /// Up to which change everything was told.
    pub fn mark(&self) -> Mark {
        Mark { life: self.live.life, change: self.pending.lock().change }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut state = self.live.state.lock();
        state.watchers.remove(&self.id);
        for instance in &self.instances {
            if let Some(ids) = state.by_instance.get_mut(instance) {
                ids.retain(|id| *id != self.id);
                if ids.is_empty() {
                    state.by_instance.remove(instance);
                }
            }
        }
        self.live.watching.store(state.watchers.len(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::{Live, Mark, RECENT_MAX, Watched, Watching};
    use rustc_hash::FxHashSet;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn watch(live: &Arc<Live>, instances: &[i64], after: Option<Mark>) -> (Watching, Arc<AtomicUsize>) {
        let rings = Arc::new(AtomicUsize::new(0));
        let rung = rings.clone();
        let bell = Box::new(move || {
            rung.fetch_add(1, Ordering::Relaxed);
        });
        let anything = instances.is_empty();
        (live.watch(Watched { instances: instances.to_vec(), anything, after }, bell), rings)
    }

    fn tell(live: &Live, instances: &[i64]) {
        live.tell(&instances.iter().copied().collect::<FxHashSet<i64>>());
    }

    #[test]
    fn who_watches_is_told_what_it_watches_and_no_more() {
        let live = Arc::new(Live::default());
        let (one, rings) = watch(&live, &[7, 8], None);
        let (list, _) = watch(&live, &[], None);
        assert_eq!((one.take(), list.take(), live.watching()), (None, None, 2));
        tell(&live, &[7, 9]);
        tell(&live, &[7, 10]);
        tell(&live, &[10]);
        tell(&live, &[]);
        let changed = one.take().expect("it has");
        // However slow somebody reads: what it has not taken is what it watches.
        assert_eq!((changed.instances, changed.anything, changed.mark.change), (vec![7], false, 2));
        assert_eq!((one.take(), rings.load(Ordering::Relaxed)), (None, 2));
        let changed = list.take().expect("it has");
        assert_eq!((changed.instances.len(), changed.anything, changed.mark.change), (0, true, 3));
        drop((one, list));
        assert_eq!(live.watching(), 0);
        assert!(live.state.lock().by_instance.is_empty());
        tell(&live, &[7]);
    }

    #[test]
    fn who_comes_again_hears_what_it_missed_or_that_nobody_knows() {
        let live = Arc::new(Live::default());
        let mark = watch(&live, &[7], None).0.mark();
        tell(&live, &[7]);
        tell(&live, &[8]);
        let missed = |instances: &[i64], after: Mark| watch(&live, instances, Some(after)).0.take();
        let changed = missed(&[7, 9], mark).expect("it missed one");
        assert_eq!((changed.instances, changed.is_anew), (vec![7], false));
        assert_eq!(missed(&[9], mark), None);
        assert!(missed(&[], mark).is_some_and(|changed| changed.anything));
        let last = Mark { change: 2, ..mark };
        assert_eq!((missed(&[7], last), missed(&[], last)), (None, None));
        // Of another life, of the future, or too long ago.
        for wrong in [Mark { life: mark.life + 1, ..mark }, Mark { change: 3, ..mark }] {
            assert!(missed(&[7], wrong).is_some_and(|changed| changed.is_anew));
        }
        live.tell_nobody();
        assert!(missed(&[9], last).is_some_and(|changed| changed.is_anew));
        assert_eq!(missed(&[9], Mark { change: 3, ..mark }), None);
        tell(&live, &(0..RECENT_MAX as i64).collect::<Vec<i64>>());
        assert!(missed(&[7], mark).is_some_and(|changed| changed.is_anew));
        assert_eq!(missed(&[7], Mark { change: 3, ..mark }).map(|changed| changed.is_anew), Some(false));
        tell(&live, &(0..=RECENT_MAX as i64).collect::<Vec<i64>>());
        assert!(missed(&[7], Mark { change: 4, ..mark }).is_some_and(|changed| changed.is_anew));
        assert_eq!(missed(&[7], Mark { change: 5, ..mark }), None);
    }
}
