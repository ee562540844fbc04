//! Who decides which entries a partition's log gets, and which of them are committed.
//!
//! An enum, so that every call is known when it is compiled and a partition without a group pays for none. There is one kind
//! so far: a partition that is alone. A group of members is to be the second, around a raft node over the same journal: it
//! too gives out indexes (a new leader's first entry and a change of members take some), learns what was appended and what
//! of it is durable, and answers with what the quorum has committed; beside that it takes messages and time, and has
//! messages to send. A partition changes from one kind to the other at the boundary of two entries.
//!
//! Invariants: indexes are given out without gaps; the commit index never sinks and is never beyond what is durable.

/// How a partition's log is agreed on.
#[derive(Debug)]
pub(crate) enum Consensus {
    /// No other member: what is durable is committed.
    Alone {
        /// The term that entries carry.
        term: u64,
        /// The last entry that was appended.
        last: u64,
        /// The last entry that is durable.
        committed: u64,
    },
}

impl Consensus {
    /// Alone, behind a log that ends with this entry, all of it committed.
    pub(crate) fn alone(term: u64, last: u64) -> Self {
        Self::Alone { term, last, committed: last }
    }

    /// A committed entry of the log was applied at a start.
    pub(crate) fn on_replayed(&mut self, index: u64, of_term: u64) {
        assert_eq!(index, self.next_index(), "a log has no holes");
        match self {
            Self::Alone { term, last, committed } => (*term, *last, *committed) = (of_term, index, index),
        }
    }

    /// The term of what is appended now.
    pub(crate) fn term(&self) -> u64 {
        match self {
            Self::Alone { term, .. } => *term,
        }
    }

    /// The index of the entry that is appended next.
    pub(crate) fn next_index(&self) -> u64 {
        self.last_index() + 1
    }

    /// The last index that was given out.
    pub(crate) fn last_index(&self) -> u64 {
        match self {
            Self::Alone { last, .. } => *last,
        }
    }

    /// The last entry that is committed.
    pub(crate) fn committed_index(&self) -> u64 {
        match self {
            Self::Alone { committed, .. } => *committed,
        }
    }

    /// The entry with the next index was appended.
    pub(crate) fn on_appended(&mut self, index: u64) {
        match self {
            Self::Alone { last, .. } => {
                assert_eq!(index, *last + 1, "indexes are given out in order");
                *last = index;
            }
        }
    }

    /// Everything up to an index is durable here. Returns what is committed by that.
    ///
    /// # Panics
    /// When the index was never given out.
    pub(crate) fn on_durable(&mut self, index: u64) -> u64 {
        match self {
            Self::Alone { last, committed, .. } => {
                assert!(index <= *last, "{index} is durable, which is beyond the last entry {last}");
                *committed = index.max(*committed);
                *committed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Consensus;

    #[test]
    fn alone_what_is_durable_is_committed() {
        let mut alone = Consensus::alone(3, 7);
        alone.on_replayed(8, 4);
        assert_eq!((alone.term(), alone.next_index(), alone.committed_index()), (4, 9, 8));
        for index in 9..12 {
            assert_eq!(alone.next_index(), index);
            alone.on_appended(index);
        }
        assert_eq!((alone.last_index(), alone.committed_index()), (11, 8));
        assert_eq!([10, 9, 11].map(|index| alone.on_durable(index)), [10, 10, 11]);
    }

    #[test]
    #[should_panic(expected = "beyond the last entry")]
    fn what_was_never_appended_is_not_durable() {
        Consensus::alone(1, 7).on_durable(8);
    }
}
