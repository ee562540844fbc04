//! Whether a table that mostly has no row has any: known without a look at the store.
//!
//! Invariant: what is said of a table is so, or nothing is said. Whoever may bring rows back or takes the last one away has it forgotten.

use std::cell::Cell;

/// What is known of one table.
#[derive(Default)]
pub(crate) struct Seldom(Cell<Known>);

#[derive(Clone, Copy, Default)]
enum Known {
    #[default]
    Nothing,
    None,
    Some,
}

impl Seldom {
    /// Whether it has rows; `look` finds out.
    #[inline]
    pub(crate) fn is_there(&self, look: impl FnOnce() -> bool) -> bool {
        match self.0.get() {
            Known::None => false,
            Known::Some => true,
            Known::Nothing => self.find_out(look),
        }
    }

    #[cold]
    fn find_out(&self, look: impl FnOnce() -> bool) -> bool {
        let is_there = look();
        self.0.set(if is_there { Known::Some } else { Known::None });
        is_there
    }

    /// A row was written.
    pub(crate) fn inserted(&self) {
        self.0.set(Known::Some);
    }

    /// It may be otherwise from now on.
    pub(crate) fn forget(&self) {
        self.0.set(Known::Nothing);
    }
}
