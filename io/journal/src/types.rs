//! The journal's vocabulary: one newtype per meaning, so that two numbers of different meaning
//! never travel as bare integers. Nothing here knows about bytes or files.

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl $name {
            /// The number after this one. Panics at the end of the range, which no run can reach.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0.checked_add(1).expect("a 64-bit sequence does not run out"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number!(
    /// A partition of the process engine. Zero is not used by the engine but is legal here.
    PartitionId(u32)
);
number!(
    /// A record's position in its partition's stream.
    Position(u64)
);
number!(
    /// An entry's index in its partition's raft log.
    RaftIndex(u64)
);
number!(
    /// A raft term.
    Term(u64)
);
number!(
    /// A segment's number within its journal, from 1, without gaps while the segment is live.
    SegmentSequence(u64)
);
number!(
    /// A batch's number within its journal, from 1, without gaps.
    BatchSequence(u64)
);
number!(
    /// The number of the start of the data directory that wrote a batch, or of the last take-over of a partition by its
    /// journal since, from 1. It says which of two journals' writes of one partition is the later: a journal that takes a
    /// partition over, at a start or between, writes under a higher epoch than the journal that had it.
    Epoch(u64)
);
number!(
    /// A promise for one append of this run, from 1. It is kept once `committed` has reached it.
    Ticket(u64)
);
number!(
    /// A prepared file that is no segment yet. Only its name carries this number.
    SpareNumber(u64)
);
number!(
    /// A journal's place in its data directory: `journal-<number>`.
    JournalNumber(u32)
);

/// A journal's identity, random at creation and written into every batch, so that neither another
/// journal's bytes nor bytes inside a payload are mistaken for a batch of this one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(pub u128);

impl fmt::Debug for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JournalId({:032x})", self.0)
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A place in a journal: a segment and a byte offset in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The segment.
    pub segment: SegmentSequence,
    /// Bytes from the start of the segment's file.
    pub offset: u64,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EntryKind {
    /// Records of one partition: a command and all events it caused.
    Records = 1,
    /// All that a journal knows of a partition's raft log ([`crate::RaftState`]). It has no index of its own: its index is
    /// the last entry's.
    RaftState = 2,
    /// The partition's entries from `index` on are cut away; later entries of the partition replace them. No payload.
    SuffixCut = 3,
    /// An entry of the raft log without content, which a new leader begins its term with. No payload.
    Noop = 4,
    /// An entry of the raft log that changes the members; its payload are all members after it ([`crate::Members`]).
    ConfChange = 5,
}

impl EntryKind {
    /// The kind with this number on disk; `None` for numbers that this version does not know.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Records),
            2 => Some(Self::RaftState),
            3 => Some(Self::SuffixCut),
            4 => Some(Self::Noop),
            5 => Some(Self::ConfChange),
            _ => None,
        }
    }

    /// Whether it is an entry of the partition's raft log, under an index of its own.
    #[must_use]
    pub fn is_of_log(self) -> bool {
        matches!(self, Self::Records | Self::Noop | Self::ConfChange)
    }
}

/// What an entry says about itself, beside its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryFrame {
    /// What the entry is.
    pub kind: EntryKind,
    /// The partition it belongs to.
    pub partition: PartitionId,
    /// Its raft index; for a suffix cut the first index that is cut away, for a raft state the log's last.
    pub index: RaftIndex,
    /// The term in which the leader appended it; for a suffix cut and a raft state the highest term seen.
    pub term: Term,
    /// The position of its first record. Entries without records carry the position that the partition's
    /// next record will have: whoever needs one keeps the partition's floor below it.
    pub position: Position,
    /// How many records it holds, at consecutive positions; zero for every kind but records.
    pub record_count: u32,
}

impl EntryFrame {
    /// The position after the last record; `position` itself if there is none.
    #[must_use]
    pub fn end(&self) -> Position {
        Position(self.position.0.saturating_add(u64::from(self.record_count)))
    }

    /// Whether a reader that starts at `from` is given this entry: it holds a record at or above `from`,
    /// or it holds none and was appended when the partition stood at or above `from`.
    #[must_use]
    pub fn reaches(&self, from: Position) -> bool {
        if self.record_count == 0 { self.position >= from } else { self.end() > from }
    }
}
