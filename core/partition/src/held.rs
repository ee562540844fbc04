//! Effects that wait for their entry's commit, in the order in which they were computed.
//!
//! Invariant: gates never decrease along the queue, so a commit releases a prefix.

use ringbolt_engine::Effect;
use ringbolt_record::{Key, Rejection, Reply, RequestId};
use std::collections::VecDeque;

#[derive(Default)]
pub(crate) struct HeldEffects {
    queue: VecDeque<(u64, Effect)>,
}

impl HeldEffects {
    /// Holds effects until the entry with index `gate` is committed.
    pub(crate) fn hold(&mut self, gate: u64, effects: impl Iterator<Item = Effect>) {
        assert!(self.queue.back().is_none_or(|(last, _)| *last <= gate), "effects are held in order");
        self.queue.extend(effects.map(|effect| (gate, effect)));
    }

    /// The next effect whose entry is committed.
    pub(crate) fn pop(&mut self, committed: u64) -> Option<Effect> {
        if self.queue.front()?.0 > committed {
            return None;
        }
        self.queue.pop_front().map(|(_, effect)| effect)
    }

    /// Replaces the newest effect, an answer to `request`, by other effects behind the same gate.
    ///
    /// # Panics
    /// When the newest effect is not that answer.
    pub(crate) fn replace_last(
        &mut self,
        request: RequestId,
        make: impl FnOnce(Result<Reply, Rejection>) -> Vec<Effect>,
    ) {
        match self.queue.pop_back() {
            Some((gate, Effect::Reply { request: newest, result })) if newest == request => {
                self.queue.extend(make(result).into_iter().map(|effect| (gate, effect)));
            }
            other => panic!("the newest effect is no answer to {request:?}: {}", other.is_some()),
        }
    }

    /// Keys of the jobs in the newest `count` effects.
    pub(crate) fn last_pushed(&self, count: usize) -> Vec<Key> {
        let newest = self.queue.iter().rev().take(count);
        let keys = newest.filter_map(|(_, effect)| match effect {
            Effect::PushJob { job, .. } => Some(job.key),
            Effect::Reply { .. } | Effect::JobsAvailable { .. } | Effect::Send { .. } => None,
        });
        keys.collect()
    }

    /// Everything, committed or not; for a partition that stops.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Effect> + '_ {
        self.queue.drain(..).map(|(_, effect)| effect)
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}
