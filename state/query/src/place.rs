//! The sets of tables in `hot.db`: of what is alive, and two of what has ended.

/// What the names of the tables of what is alive begin with.
pub(crate) const LIVE: &str = "live_";
/// Those of what has ended, by the number of their set.
pub(crate) const RECENT: [&str; 2] = ["recent_a_", "recent_b_"];

/// A table of `hot.db` that a row can stand in, by the place of its text in [`Row::UPSERT`](crate::rows::Row::UPSERT).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Of instances that are alive.
    Live,
    /// Of those that have ended, one set.
    RecentA,
    /// The other set.
    RecentB,
}

impl Place {
    /// The set of recent rows with this number.
    pub(crate) fn recent(number: u8) -> Self {
        if number == 0 { Self::RecentA } else { Self::RecentB }
    }

    /// The number of a set of recent rows.
    pub(crate) fn number(self) -> u8 {
        u8::from(self == Self::RecentB)
    }

    /// What the names of a set's tables begin with.
    pub(crate) fn recent_prefix(self) -> &'static str {
        RECENT[usize::from(self.number())]
    }

    /// The other set of recent rows.
    pub(crate) fn other(self) -> Self {
        Self::recent(1 - self.number())
    }
}
