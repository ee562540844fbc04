//! Where rows stand in `hot.db`: in the tables of what is alive, or in one of two sets of what has ended.

/// What the names of the tables of what is alive begin with.
pub(crate) const LIVE: &str = "live_";
/// Those of what has ended, by the number of their set.
pub(crate) const RECENT: [&str; 2] = ["recent_a_", "recent_b_"];

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where it can change.
    Live,
    /// Where what has ended is.
    Recent,
}

/// A set of rows of what has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecentSet {
    A,
    B,
}

impl RecentSet {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::A, Self::B];

    /// The set with this number.
    pub(crate) fn numbered(number: u8) -> Self {
        if number == 0 { Self::A } else { Self::B }
    }

    /// Its number.
    pub(crate) fn number(self) -> u8 {
        u8::from(self == Self::B)
    }

    /// What its names begin with.
    pub(crate) fn prefix(self) -> &'static str {
        RECENT[usize::from(self.number())]
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        Self::numbered(1 - self.number())
    }
}
