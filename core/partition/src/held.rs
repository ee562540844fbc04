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

    /// Takes the answer to `request` out again, which is among the newest effects: what the command did beside it may have sent something.
    ///
    /// # Panics
    /// When there is no such answer.
    pub(crate) fn take_answer(&mut self, request: RequestId) -> Result<Reply, Rejection> {
        let is_it =
            |held: &Held| matches!(held, Held::Effect(Effect::Reply { request: of, .. }) if *of == request);
        let place = self.queue.iter().rposition(|(_, held)| is_it(held));
        match place.and_then(|place| self.queue.remove(place)) {
            Some((_, Held::Effect(Effect::Reply { result, .. }))) => result,
            Some(_) | None => panic!("no effect is an answer to {request:?}"),
        }
    }

    /// Everything, committed or not; for a partition that stops.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Held> + '_ {
        self.queue.drain(..).map(|(_, held)| held)
    }

    /// What the newest effect waits for.
    pub(crate) fn last_gate(&self) -> Option<u64> {
        self.queue.back().map(|(gate, _)| *gate)
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, HeldEffects};
    use ringbolt_engine::Effect;
    use ringbolt_record::{Reply, RequestId};

    #[test]
    fn an_answer_is_taken_from_among_what_came_with_it() {
        let reply =
            |number| Held::Effect(Effect::Reply { request: RequestId(number), result: Ok(Reply::Done) });
        let mut held = HeldEffects::default();
        held.hold(1, [reply(1)].into_iter());
        held.hold(2, [reply(7), reply(2)].into_iter());
        assert_eq!(held.take_answer(RequestId(7)), Ok(Reply::Done));
        let left: Vec<RequestId> = held
            .drain()
            .map(|held| match held {
                Held::Effect(Effect::Reply { request, .. }) => request,
                Held::Effect(_) | Held::Look { .. } => panic!("only answers were held"),
            })
            .collect();
        assert_eq!(left, [RequestId(1), RequestId(2)], "in their order");
    }
}
