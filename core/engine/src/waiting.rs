//! Clients that wait for what comes later than their command: the end of an instance, the last listener of a task, the taking of a
//! message. Volatile: after a restart nobody waits.
//!
//! Invariant: both maps say the same; what a command changed can be undone until the command is kept.

use ringbolt_record::{Key, RequestId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Most clients that wait at a time.
const AWAITING_MAX: usize = 100_000;

/// What a client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Somebody's work, which may take for ever.
    Worked,
    /// What other partitions do at once.
    Told,
}

/// A client that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) request: RequestId,
    pub(crate) fetch_variables: Arc<[String]>,
    pub(crate) until: Until,
}

/// Who waits for the end of which instance.
#[derive(Debug, Default)]
pub(crate) struct Awaiting {
    by_instance: FxHashMap<Key, Waiting>,
    by_request: FxHashMap<RequestId, Key>,
    /// What the command being processed changed, oldest first, should it be undone.
    changes: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Inserted(Key),
    Taken(Key, Waiting),
}

impl Awaiting {
    /// Whether nobody more can wait.
    pub(crate) fn is_full(&self) -> bool {
        self.by_instance.len() >= AWAITING_MAX
    }

    pub(crate) fn insert(&mut self, process_instance_key: Key, waiting: Waiting) {
        self.changes.push(Change::Inserted(process_instance_key));
        self.link(process_instance_key, waiting);
    }

    /// Who waits, to be answered now.
    pub(crate) fn take(&mut self, process_instance_key: Key) -> Option<Waiting> {
        let waiting = self.unlink(process_instance_key)?;
        self.changes.push(Change::Taken(process_instance_key, waiting.clone()));
        Some(waiting)
    }

    /// Forgets a request that nobody waits for any more.
    pub(crate) fn forget(&mut self, request: RequestId) {
        if let Some(process_instance_key) = self.by_request.remove(&request) {
            self.by_instance.remove(&process_instance_key);
        }
    }

    /// Forgets those who wait for somebody's work, and says who they were.
    pub(crate) fn dismiss(&mut self) -> Vec<RequestId> {
        let waiting = self.by_instance.extract_if(|_, waiting| waiting.until == Until::Worked);
        let mut dismissed: Vec<RequestId> = waiting.map(|(_, waiting)| waiting.request).collect();
        dismissed.sort_unstable();
        for request in &dismissed {
            self.by_request.remove(request);
        }
        dismissed
    }

    /// A place to come back to with [`Awaiting::undo`].
    pub(crate) fn mark(&self) -> usize {
        self.changes.len()
    }

    /// As if what came after the mark had never been.
    pub(crate) fn undo(&mut self, mark: usize) {
        while self.changes.len() > mark {
            match self.changes.pop() {
                Some(Change::Taken(process_instance_key, waiting)) => {
                    self.link(process_instance_key, waiting);
                }
                Some(Change::Inserted(process_instance_key)) => {
                    self.unlink(process_instance_key);
                }
                None => {}
            }
        }
    }

    /// The command is done: nothing of it is undone any more.
    pub(crate) fn keep(&mut self) {
        self.changes.clear();
    }

    fn link(&mut self, process_instance_key: Key, waiting: Waiting) {
        self.by_request.insert(waiting.request, process_instance_key);
        self.by_instance.insert(process_instance_key, waiting);
    }

    fn unlink(&mut self, process_instance_key: Key) -> Option<Waiting> {
        let waiting = self.by_instance.remove(&process_instance_key)?;
        self.by_request.remove(&waiting.request);
        Some(waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::{Awaiting, Until, Waiting};
    use ringbolt_record::{Key, RequestId};

    fn waiting(request: u64) -> Waiting {
        Waiting { request: RequestId(request), fetch_variables: [].into(), until: Until::Worked }
    }

    #[test]
    fn everything_after_a_mark_is_undone_however_many_instances_it_touched() {
        let mut awaiting = Awaiting::default();
        for number in 1..=3 {
            awaiting.insert(Key(number), waiting(number));
        }
        awaiting.keep();
        let mark = awaiting.mark();
        awaiting.insert(Key(4), waiting(4));
        for number in 1..=4 {
            assert_eq!(awaiting.take(Key(number)).map(|w| w.request), Some(RequestId(number)));
        }
        awaiting.undo(mark);
        assert!(awaiting.take(Key(4)).is_none());
        awaiting.forget(RequestId(2));
        assert!(awaiting.take(Key(2)).is_none());
        for number in [1, 3] {
            assert!(awaiting.take(Key(number)).is_some());
        }
        assert!(awaiting.by_request.is_empty() && awaiting.by_instance.is_empty());
    }

    #[test]
    fn who_waits_for_work_is_dismissed_and_who_is_told_soon_is_not() {
        let mut awaiting = Awaiting::default();
        for number in [3, 1] {
            awaiting.insert(Key(number), waiting(number));
        }
        awaiting.insert(Key(2), Waiting { until: Until::Told, ..waiting(2) });
        awaiting.keep();
        assert_eq!(awaiting.dismiss(), [RequestId(1), RequestId(3)]);
        assert_eq!(awaiting.dismiss(), []);
        assert!(awaiting.take(Key(1)).is_none());
        assert_eq!(awaiting.take(Key(2)).map(|waiting| waiting.request), Some(RequestId(2)));
        assert!(awaiting.by_request.is_empty() && awaiting.by_instance.is_empty());
    }
}
