//! Which of the entries that stand in the journals are given out: those that count, and are committed.
//!
//! An entry counts if its partition's log has its term at its index: what was cut away and replaced has another term
//! there. What counts is committed up to the partition's commit index. Invariant: what is given out is never taken back,
//! since neither the terms nor the entries below a commit index change any more.

use std::sync::Arc;

use crate::books::CommitIndex;
use crate::raft_state::{RaftState, Terms};
use crate::types::{EntryFrame, PartitionId, RaftIndex};

/// What becomes of an entry that a reader comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Give,
    Skip,
    /// It counts, but is not committed yet.
    Wait,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Committed,
    /// Only what is not committed.
    Beyond,
}

#[derive(Clone, Debug)]
struct Gate {
    partition: PartitionId,
    commit: RaftIndex,
    terms: Terms,
    part: Part,
    /// Where a commit is looked up that goes on; without it nothing more is committed.
    live: Option<Arc<CommitIndex>>,
    /// The last entry that was given out: what is written twice is given once.
    given: RaftIndex,
}

impl Gate {
    fn judge(&mut self, frame: &EntryFrame) -> Judgement {
        let index = frame.index;
        if index <= self.given {
            return Judgement::Skip;
        }
        if index > self.commit
            && let Some(live) = &self.live
        {
            // In this order: terms that are no older than the index.
            self.commit = live.get();
            self.terms = live.terms();
        }
        if self.terms.at(index) != Some(frame.term) {
            return Judgement::Skip;
        }
        match self.part {
            Part::Committed if index <= self.commit => Judgement::Give,
            Part::Committed if self.live.is_some() => Judgement::Wait,
            Part::Committed => Judgement::Skip,
            Part::Beyond if index > self.commit => Judgement::Give,
            Part::Beyond => Judgement::Skip,
        }
    }
}

/// The gates of some partitions; entries of others are all given out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gates(Vec<Gate>);

impl Gates {
    /// What is committed as these states say it.
    pub(crate) fn committed(states: impl IntoIterator<Item = RaftState>) -> Self {
        Self(states.into_iter().map(|state| Self::gate(state, Part::Committed)).collect())
    }

    /// What is not committed as this state says it.
    pub(crate) fn beyond(state: RaftState) -> Self {
        Self(vec![Self::gate(state, Part::Beyond)])
    }

    fn gate(state: RaftState, part: Part) -> Gate {
        let commit = state.committed();
        Gate { partition: state.partition, commit, terms: state.terms, part, live: None, given: RaftIndex(0) }
    }

    /// What is committed of a partition while it goes on.
    pub(crate) fn live(partition: PartitionId, live: Arc<CommitIndex>) -> Self {
        let (commit, terms) = (live.get(), live.terms());
        let (part, live, given) = (Part::Committed, Some(live), RaftIndex(0));
        Self(vec![Gate { partition, commit, terms, part, live, given }])
    }

    pub(crate) fn judge(&mut self, frame: &EntryFrame) -> Judgement {
        if !frame.kind.is_of_log() {
            return Judgement::Skip;
        }
        let gate = self.0.iter_mut().find(|gate| gate.partition == frame.partition);
        gate.map_or(Judgement::Give, |gate| gate.judge(frame))
    }

    /// An entry was given out.
    pub(crate) fn note_given(&mut self, frame: &EntryFrame) {
        if let Some(gate) = self.0.iter_mut().find(|gate| gate.partition == frame.partition) {
            gate.given = frame.index;
        }
    }
}
