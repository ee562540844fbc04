//! Whether a table that mostly has no row has any: known without a look at the store.
//!
//! A look may be long, where many rows were deleted since the last checkpoint. So it is not repeated for each deletion: that there may be
//! rows is always a true answer, and only costs a look at the row that is asked for.
//!
//! Invariant: that there are none is said only where it is so. Whoever may bring rows back has it forgotten.

use std::cell::Cell;

/// Deletions before it is looked again, at least.
const PATIENCE_MIN: u32 = 16;
/// The most.
const PATIENCE_MAX: u32 = 1 << 20;

/// What is known of one table.
pub(crate) struct Seldom {
    known: Cell<Known>,
    /// Deletions since the last look.
    deleted: Cell<u32>,
    /// Deletions before the next one: twice as many each time that there still were rows.
    patience: Cell<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It has to be looked.
    Nothing,
    /// There is none.
    None,
    /// There may be some.
    Some,
}

impl Default for Seldom {
    fn default() -> Self {
        Self { known: Cell::new(Known::Nothing), deleted: Cell::new(0), patience: Cell::new(PATIENCE_MIN) }
    }
}

impl Seldom {
    /// Whether it may have rows; `look` finds out.
    #[inline]
    pub(crate) fn may_be_there(&self, look: impl FnOnce() -> bool) -> bool {
        match self.known.get() {
            Known::None => false,
            Known::Some => true,
            Known::Nothing => self.find_out(look),
        }
    }

    #[cold]
    fn find_out(&self, look: impl FnOnce() -> bool) -> bool {
        let is_there = look();
        self.known.set(if is_there { Known::Some } else { Known::None });
        self.deleted.set(0);
        let patience = if is_there { (self.patience.get() * 2).min(PATIENCE_MAX) } else { PATIENCE_MIN };
        self.patience.set(patience);
        is_there
    }

    /// A row was written.
    pub(crate) fn inserted(&self) {
        self.known.set(Known::Some);
    }

    /// A row was deleted: it may have been the last one.
    pub(crate) fn deleted(&self) {
        self.deleted.set(self.deleted.get() + 1);
        if self.deleted.get() >= self.patience.get() {
            self.known.set(Known::Nothing);
        }
    }

    /// Rows may have come back.
    pub(crate) fn forget(&self) {
        if self.known.get() == Known::None {
            self.known.set(Known::Nothing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seldom;

    /// A look for each deletion would make many deletions quadratic.
    #[test]
    fn many_deletions_take_few_looks() {
        let (seldom, mut rows, mut looks) = (Seldom::default(), 0_u32, 0);
        for _ in 0..100_000 {
            rows += 1;
            seldom.inserted();
        }
        while rows > 0 {
            rows -= 1;
            seldom.deleted();
            let may_be = seldom.may_be_there(|| {
                looks += 1;
                rows > 0
            });
            assert!(may_be || rows == 0);
        }
        assert!(looks < 20, "{looks}");
        // Some time after the last one it is known that there are none.
        for _ in 0..200_000 {
            seldom.deleted();
        }
        assert!(!seldom.may_be_there(|| false) && !seldom.may_be_there(|| panic!("it is known")));
        seldom.forget();
        assert!(seldom.may_be_there(|| true));
    }
}
