//! Where the first row of a range can be at the earliest.
//!
//! Queues (activatable jobs, deadlines, pending commands) are read at their front and deleted there. Deleted rows
//! leave tombstones until the next checkpoint, and a scan from the beginning would walk over all of them each time.
//! A hint remembers how far the last scan came.
//!
//! Invariant: no row of a range lies below its hint. So every insertion into a hinted table goes through
//! [`Hints::inserted`], and everything is forgotten when rows may come back (rollback, recovery).

use ringbolt_store::TableId;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;

/// Ranges remembered at most: one per job type in use. Past it everything is forgotten, which is always correct.
const RANGES_MAX: usize = 4096;

/// The rest of a key after its prefix.
pub(crate) type Suffix = SmallVec<[u8; 24]>;
type Range = (TableId, SmallVec<[u8; 64]>);

#[derive(Default)]
pub(crate) struct Hints {
    first: RefCell<FxHashMap<Range, Suffix>>,
}

impl Hints {
    /// No row of the range has a smaller suffix.
    pub(crate) fn get(&self, table: TableId, prefix: &[u8]) -> Suffix {
        self.first.borrow().get(&(table, SmallVec::from_slice(prefix))).cloned().unwrap_or_default()
    }

    /// A scan from the hint found its first row there, or none at all.
    pub(crate) fn found(&self, table: TableId, prefix: &[u8], suffix: Option<&[u8]>) {
        let mut first = self.first.borrow_mut();
        if first.len() >= RANGES_MAX {
            first.clear();
        }
        // Nothing is in the range: every later row is announced by `inserted`.
        let suffix = suffix.map_or_else(|| Suffix::from_elem(u8::MAX, 24), Suffix::from_slice);
        first.insert((table, SmallVec::from_slice(prefix)), suffix);
    }

    /// A row was inserted.
    pub(crate) fn inserted(&self, table: TableId, prefix: &[u8], suffix: &[u8]) {
        let range = (table, SmallVec::from_slice(prefix));
        match self.first.borrow_mut().get_mut(&range) {
            Some(first) if suffix < first.as_slice() => *first = Suffix::from_slice(suffix),
            Some(_) | None => {}
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.first.get_mut().clear();
    }
}
