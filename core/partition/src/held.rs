//! Effects that wait for their entry's commit, in the order in which they were computed.
//!
//! Invariant: gates never decrease along the queue, so a commit releases a prefix.

use ringbolt_engine::Effect;
use ringbolt_record::reply::JobBatch;
use ringbolt_record::{Rejection, Reply, RequestId, StreamId};
use std::collections::VecDeque;

/// Something that leaves the partition once its entry is committed.
pub(crate) enum Held {
    /// The engine asked for it.
    Effect(Effect),
    /// A poll has looked: jobs, none, or what is wrong with its question.
    Look { poll: StreamId, found: Result<JobBatch, Rejection> },
}

#[derive(Default)]
pub(crate) struct HeldEffects {
    queue: VecDeque<(u64, Held)>,
}

impl HeldEffects {
    /// Holds effects until the entry with index `gate` is committed.
    pub(crate) fn hold(&mut self, gate: u64, effects: impl Iterator<Item = Held>) {
        assert!(self.queue.back().is_none_or(|(last, _)| *last <= gate), "effects are held in order");
        self.queue.extend(effects.map(|effect| (gate, effect)));
    }

    /// The next effect whose entry is committed.
    pub(crate) fn pop(&mut self, committed: u64) -> Option<Held> {
        if self.queue.front()?.0 > committed {
            return None;
        }
        self.queue.pop_front().map(|(_, effect)| effect)
    }

    /// Takes the newest effect out again, the answer to `request`.
    ///
    /// # Panics
    /// When the newest effect is not that answer.
    pub(crate) fn take_answer(&mut self, request: RequestId) -> Result<Reply, Rejection> {
        match self.queue.pop_back() {
            Some((_, Held::Effect(Effect::Reply { request: newest, result }))) if newest == request => result,
            other => panic!("the newest effect is no answer to {request:?}: {}", other.is_some()),
        }
    }

    /// Everything, committed or not; for a partition that stops.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Held> + '_ {
        self.queue.drain(..).map(|(_, held)| held)
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}
