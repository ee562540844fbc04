//! What a journal knows of each partition's raft log: term, vote, commit, members, where its terms begin and where it ends.
//!
//! A raft state stands at the head of every run and of every segment, and wherever a term or a vote is to be durable. It
//! says everything, so the newest one and what follows it are all that a start needs. Two entries of one partition with
//! the same index and term are the same entry, as raft has it: so the terms alone tell which of several writes with one
//! index is the one that counts.
//!
//! Invariants: terms rise strictly with their first indexes; a payload that decodes encodes to the same bytes. It
//! deliberately decides nothing: votes, members and commits are the consensus layer's, which has them kept here.

use crate::types::{EntryFrame, EntryKind, PartitionId, Position, RaftIndex, Term};

/// Bytes of a raft state before its terms and members.
const FIXED_BYTES: usize = 48;
/// Bytes of one term.
const TERM_BYTES: usize = 16;
/// Bytes of a configuration before its members.
const MEMBERS_HEADER_BYTES: usize = 16;
/// Terms that are told apart. Entries from before the oldest of them are not given out any more.
pub const TERMS_MAX: usize = 1024;

/// A member of a partition's group; zero is nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub u64);

/// Where a term begins in a partition's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermRun {
    /// Its first entry.
    pub first: RaftIndex,
    /// The term.
    pub term: Term,
}

/// The terms of a partition's log, oldest first. The last one goes on to the log's end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(Vec<TermRun>);

impl Terms {
    /// All of them.
    #[must_use]
    pub fn runs(&self) -> &[TermRun] {
        &self.0
    }

    /// The term of the entry with this index, if the log has it; `None` before the oldest term that is known.
    #[must_use]
    pub fn at(&self, index: RaftIndex) -> Option<Term> {
        self.0.iter().rev().find(|run| run.first <= index).map(|run| run.term)
    }

    /// An entry is written; what was there from its index on is not there any more.
    fn append(&mut self, index: RaftIndex, term: Term) {
        self.cut(index);
        if self.0.last().is_none_or(|run| run.term != term) {
            if self.0.len() == TERMS_MAX {
                self.0.remove(0);
            }
            self.0.push(TermRun { first: index, term });
        }
    }

    /// Entries from an index on are cut away.
    fn cut(&mut self, from: RaftIndex) {
        while self.0.pop_if(|run| run.first >= from).is_some() {}
    }
}

/// Who has a say in a partition's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Whose agreement commits.
    pub voters: Vec<MemberId>,
    /// Whose agreement is needed as well while the voters change.
    pub outgoing: Vec<MemberId>,
    /// Who follows without a vote.
    pub learners: Vec<MemberId>,
    /// Outgoing voters that become learners.
    pub learners_next: Vec<MemberId>,
    /// Whether the change ends by itself.
    pub ends_by_itself: bool,
}

impl Members {
    /// Whether there is no group: what is durable here is committed.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.voters.is_empty()
    }

    fn lists(&self) -> [&Vec<MemberId>; 4] {
        [&self.voters, &self.outgoing, &self.learners, &self.learners_next]
    }

    fn encoded_bytes(&self) -> usize {
        MEMBERS_HEADER_BYTES + self.lists().iter().map(|list| list.len() * 8).sum::<usize>()
    }

    /// The payload of a configuration's entry.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.encoded_bytes());
        bytes.extend_from_slice(&u16::from(self.ends_by_itself).to_le_bytes());
        for list in self.lists() {
            let count = u16::try_from(list.len()).expect("a group has a handful of members");
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        bytes.resize(MEMBERS_HEADER_BYTES, 0);
        bytes.extend(self.lists().into_iter().flatten().flat_map(|member| member.0.to_le_bytes()));
        bytes
    }

    /// Reads what [`Members::encode`] wrote, all of `bytes`.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (header, mut rest) = bytes.split_at_checked(MEMBERS_HEADER_BYTES)?;
        let word = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        if word(0) > 1 || header[10..] != [0; 6] {
            return None;
        }
        let mut list = |at: usize| -> Option<Vec<MemberId>> {
            let (members, after) = rest.split_at_checked(usize::from(word(at)) * 8)?;
            rest = after;
            Some(members.chunks_exact(8).map(|member| MemberId(u64_at(member, 0))).collect())
        };
        let (voters, outgoing) = (list(2)?, list(4)?);
        let (learners, learners_next) = (list(6)?, list(8)?);
        rest.is_empty().then_some(Self {
            voters,
            outgoing,
            learners,
            learners_next,
            ends_by_itself: word(0) == 1,
        })
    }
}

/// The end of a partition's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogEnd {
    /// The last entry; zero in an empty log.
    pub index: RaftIndex,
    /// Its term.
    pub term: Term,
}

/// What is durable before it is acted on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HardState {
    /// The highest term that was seen.
    pub term: Term,
    /// Whom the partition voted for in that term.
    pub vote: MemberId,
    /// Who has a say.
    pub members: Members,
}

/// Everything that a start must know of a partition's log beside its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaftState {
    /// Which partition.
    pub partition: PartitionId,
    /// The highest term that it has seen.
    pub term: Term,
    /// Whom it voted for in that term.
    pub vote: MemberId,
    /// The last entry that was known to be committed. An alone partition's log is committed to its end.
    pub commit: RaftIndex,
    /// Records below are needed by nobody.
    pub floor: Position,
    /// Where the log ends.
    pub last: LogEnd,
    /// The position that the next record will have.
    pub next: Position,
    /// Where its terms begin.
    pub terms: Terms,
    /// Who has a say.
    pub members: Members,
}

impl RaftState {
    /// A partition without a log, alone.
    #[must_use]
    pub fn new(partition: PartitionId) -> Self {
        Self {
            partition,
            term: Term(0),
            vote: MemberId(0),
            commit: RaftIndex(0),
            floor: Position(0),
            last: LogEnd::default(),
            next: Position(1),
            terms: Terms::default(),
            members: Members::default(),
        }
    }

    /// The last committed entry, as far as this says it.
    #[must_use]
    pub fn committed(&self) -> RaftIndex {
        if self.members.is_alone() { self.last.index } else { self.commit.min(self.last.index) }
    }

    pub(crate) fn set_hard(&mut self, hard: &HardState) {
        (self.term, self.vote, self.members) = (hard.term, hard.vote, hard.members.clone());
    }

    /// Takes note of an entry of this partition that is written now. Returns whether its terms changed.
    pub(crate) fn note(&mut self, frame: &EntryFrame, payload: &[u8]) -> bool {
        match frame.kind {
            EntryKind::Records | EntryKind::Noop | EntryKind::ConfChange => {
                let goes_on = frame.term == self.last.term && frame.index > self.last.index;
                if !goes_on {
                    self.terms.append(frame.index, frame.term);
                    self.term = self.term.max(frame.term);
                }
                self.last = LogEnd { index: frame.index, term: frame.term };
                self.next = frame.end();
                !goes_on
            }
            EntryKind::SuffixCut => {
                self.terms.cut(frame.index);
                let index = RaftIndex(frame.index.0.saturating_sub(1)).min(self.last.index);
                self.last = LogEnd { index, term: self.terms.at(index).unwrap_or_default() };
                self.term = self.term.max(frame.term);
                self.next = frame.position;
                true
            }
            EntryKind::RaftState => {
                *self = Self::decode(frame, payload).expect("an entry's payload was checked");
                true
            }
        }
    }

    /// Bytes by which this state may grow when an entry is written.
    pub(crate) fn growth(&self, frame: &EntryFrame) -> usize {
        if frame.term == self.last.term { 0 } else { TERM_BYTES }
    }

    /// The frame of the entry that holds it.
    #[must_use]
    pub fn frame(&self) -> EntryFrame {
        EntryFrame {
            kind: EntryKind::RaftState,
            partition: self.partition,
            index: self.last.index,
            term: self.term,
            position: self.next,
            record_count: 0,
        }
    }

    /// Bytes of its payload.
    pub(crate) fn encoded_bytes(&self) -> usize {
        FIXED_BYTES + self.terms.0.len() * TERM_BYTES + self.members.encoded_bytes()
    }

    /// The payload of the entry that holds it; [`RaftState::frame`] holds the rest.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.encoded_bytes());
        for word in [self.vote.0, self.commit.0, self.floor.0, self.last.term.0] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        let count = u32::try_from(self.terms.0.len()).expect("terms are bounded");
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.resize(FIXED_BYTES, 0);
        for run in &self.terms.0 {
            bytes.extend_from_slice(&run.first.0.to_le_bytes());
            bytes.extend_from_slice(&run.term.0.to_le_bytes());
        }
        bytes.extend_from_slice(&self.members.encode());
        bytes
    }

    /// Reads the entry that holds a state; `None` when it is none.
    #[must_use]
    pub fn decode(frame: &EntryFrame, payload: &[u8]) -> Option<Self> {
        let (fixed, rest) = payload.split_at_checked(FIXED_BYTES)?;
        let count = u32::from_le_bytes(std::array::from_fn(|i| fixed[32 + i])) as usize;
        let (terms, members) = rest.split_at_checked(count.checked_mul(TERM_BYTES)?)?;
        let run = |bytes: &[u8]| TermRun { first: RaftIndex(u64_at(bytes, 0)), term: Term(u64_at(bytes, 8)) };
        let terms: Vec<TermRun> = terms.chunks_exact(TERM_BYTES).map(run).collect();
        let rises = terms.windows(2).all(|pair| pair[0].first < pair[1].first);
        let is_state = frame.kind == EntryKind::RaftState && frame.record_count == 0;
        if !is_state || !rises || count > TERMS_MAX || fixed[36..] != [0; 12] {
            return None;
        }
        Some(Self {
            partition: frame.partition,
            term: frame.term,
            vote: MemberId(u64_at(fixed, 0)),
            commit: RaftIndex(u64_at(fixed, 8)),
            floor: Position(u64_at(fixed, 16)),
            last: LogEnd { index: frame.index, term: Term(u64_at(fixed, 24)) },
            next: frame.position,
            terms: Terms(terms),
            members: Members::decode(members)?,
        })
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

#[cfg(test)]
mod tests {
    use super::{LogEnd, MemberId, Members, RaftState, TERMS_MAX, TermRun, Terms};
    use crate::types::{EntryFrame, EntryKind, PartitionId, Position, RaftIndex, Term};

    fn written(kind: EntryKind, index: u64, term: u64) -> EntryFrame {
        EntryFrame {
            kind,
            partition: PartitionId(1),
            index: RaftIndex(index),
            term: Term(term),
            position: Position(index * 10),
            record_count: u32::from(kind == EntryKind::Records) * 10,
        }
    }

    fn runs(state: &RaftState) -> Vec<(u64, u64)> {
        state.terms.runs().iter().map(|run| (run.first.0, run.term.0)).collect()
    }

    #[test]
    fn the_later_write_of_an_index_counts() {
        let mut state = RaftState::new(PartitionId(1));
        let entries = |state: &mut RaftState, indexes: std::ops::RangeInclusive<u64>, term| {
            for index in indexes {
                state.note(&written(EntryKind::Records, index, term), &[]);
            }
        };
        entries(&mut state, 1..=8, 3);
        assert_eq!((runs(&state), state.committed()), (vec![(1, 3)], RaftIndex(8)));
        state.note(&written(EntryKind::SuffixCut, 6, 4), &[]);
        assert_eq!(state.last, LogEnd { index: RaftIndex(5), term: Term(3) });
        assert_eq!((state.term, state.next), (Term(4), Position(60)));
        // A leader of term 5 may bring an entry of term 2 that overwrites one of term 4.
        entries(&mut state, 6..=7, 4);
        entries(&mut state, 7..=9, 5);
        assert_eq!(runs(&state), [(1, 3), (6, 4), (7, 5)]);
        entries(&mut state, 6..=6, 2);
        assert_eq!((runs(&state), state.term), (vec![(1, 3), (6, 2)], Term(5)));
        assert_eq!(state.terms.at(RaftIndex(5)), Some(Term(3)));
        assert_eq!(Terms::default().at(RaftIndex(5)), None);
    }

    #[test]
    fn terms_are_bounded_and_the_newest_stay() {
        let mut state = RaftState::new(PartitionId(1));
        for index in 1..=TERMS_MAX as u64 + 5 {
            state.note(&written(EntryKind::Noop, index, index), &[]);
        }
        assert_eq!(state.terms.runs().len(), TERMS_MAX);
        assert_eq!(state.terms.runs()[0], TermRun { first: RaftIndex(6), term: Term(6) });
    }

    #[test]
    fn a_state_reads_back_and_what_is_no_state_is_refused() {
        let mut state = RaftState::new(PartitionId(9));
        for index in 3..9 {
            state.note(
                &EntryFrame { partition: PartitionId(9), ..written(EntryKind::Noop, index, index / 3) },
                &[],
            );
        }
        state.vote = MemberId(77);
        state.members.voters = vec![MemberId(1), MemberId(77)];
        state.members.learners_next = vec![MemberId(4)];
        state.members.ends_by_itself = true;
        (state.commit, state.floor) = (RaftIndex(4), Position(12));
        assert_eq!(state.committed(), RaftIndex(4), "a group says what is committed");
        let (frame, payload) = (state.frame(), state.encode());
        assert_eq!(payload.len(), state.encoded_bytes());
        assert_eq!(RaftState::decode(&frame, &payload), Some(state));
        for length in 0..payload.len() {
            assert_eq!(RaftState::decode(&frame, &payload[..length]), None, "{length} bytes");
        }
        assert_eq!(RaftState::decode(&frame, &[payload.clone(), vec![0]].concat()), None);
        assert_eq!(RaftState::decode(&written(EntryKind::Noop, 1, 1), &payload), None);
        let mut reserved = payload.clone();
        reserved[40] = 1;
        assert_eq!(RaftState::decode(&frame, &reserved), None);
        assert_eq!(Members::decode(&Members::default().encode()), Some(Members::default()));
    }
}
