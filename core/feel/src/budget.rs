//! The budget of evaluations: units of work, counted instead of timed.
//!
//! A unit is about a nanosecond of one core. Everything charges for the nodes it evaluates, the bytes and items it
//! touches and what it allocates, before the work or in small parts on the way, so that no operation runs far beyond
//! what is left. The same expression over the same variables always charges the same. `examples/feel_units` measures
//! how far units and nanoseconds agree.

use crate::error::{Exhausted, Stop};
use std::cell::Cell;
use std::rc::Rc;

/// Units an evaluation takes from its budget at once; how often an interruption is looked for.
const SLICE_UNITS: u64 = 100_000;

/// What operations charge, in units.
pub(crate) mod cost {
    /// Beginning and ending an evaluation.
    pub(crate) const EVALUATION: u64 = 100;
    /// Evaluating a node.
    pub(crate) const NODE: u64 = 15;
    /// Calling a function.
    pub(crate) const CALL: u64 = 40;
    /// Touching or copying a value in a list or context.
    pub(crate) const ITEM: u64 = 12;
    /// Finding a variable outside the expression.
    pub(crate) const VARIABLE: u64 = 150;
    /// Reading one item or entry of a JSON document.
    pub(crate) const JSON_ITEM: u64 = 40;
    /// Reading a temporal text, or making one.
    pub(crate) const TEMPORAL: u64 = 250;
    /// An operation on numbers beyond adding and comparing.
    pub(crate) const ARITHMETIC: u64 = 60;
    /// A power, a root, a logarithm.
    pub(crate) const TRANSCENDENTAL: u64 = 600;
    /// Making a warning or an error with its text.
    pub(crate) const MESSAGE: u64 = 1_000;
    /// Allocating something small.
    pub(crate) const ALLOCATION: u64 = 60;

    /// Copying bytes, or looking at them many at a time.
    pub(crate) const fn copied(bytes: usize) -> u64 {
        bytes as u64 / 16
    }

    /// Searching bytes for others.
    pub(crate) const fn scanned(bytes: usize) -> u64 {
        bytes as u64 / 4
    }

    /// Looking at bytes one at a time.
    pub(crate) const fn read(bytes: usize) -> u64 {
        bytes as u64 * 2
    }
}

/// Units of work that evaluations share. Clones are handles of the same budget.
#[derive(Clone)]
pub struct Budget(Rc<State>);

struct State {
    units: u64,
    left: Cell<u64>,
    depth: Cell<u32>,
    interrupted: Cell<bool>,
    interruption: Option<Box<dyn Fn() -> bool>>,
}

/// What is said when the units are used up.
pub(crate) fn used_up(units: u64) -> String {
    format!("the evaluation takes more than {units} units of work")
}

impl Budget {
    /// A budget of that many units.
    pub fn new(units: u64) -> Budget {
        Budget::with(units, None)
    }

    /// A budget that also ends when `interruption` says so. It is asked about every 0.1 ms of work.
    pub fn interruptible(units: u64, interruption: impl Fn() -> bool + 'static) -> Budget {
        Budget::with(units, Some(Box::new(interruption)))
    }

    fn with(units: u64, interruption: Option<Box<dyn Fn() -> bool>>) -> Budget {
        Budget(Rc::new(State {
            units,
            left: Cell::new(units),
            depth: Cell::new(0),
            interrupted: Cell::new(false),
            interruption,
        }))
    }

    /// Makes the budget full again, for the next piece of work.
    pub fn renew(&self) {
        self.0.left.set(self.0.units);
        self.0.interrupted.set(false);
    }

    /// The units that are left.
    pub fn left(&self) -> u64 {
        self.0.left.get()
    }

    /// The units that were taken.
    pub fn used(&self) -> u64 {
        self.0.units - self.left()
    }

    /// Whether an evaluation ended because nothing was left, or because it was interrupted.
    pub fn is_exhausted(&self) -> bool {
        self.left() == 0 || self.0.interrupted.get()
    }

    /// Takes units for work that the caller does itself.
    ///
    /// # Errors
    /// When fewer are left, or the work was interrupted; then none are left.
    pub fn charge(&self, units: u64) -> Result<(), Exhausted> {
        let taken = self.take(units)?;
        self.give_back(taken - units);
        Ok(())
    }

    /// Takes at least `wanted` units, and some more to go on with.
    pub(crate) fn take(&self, wanted: u64) -> Result<u64, Exhausted> {
        let state = &*self.0;
        if state.interrupted.get() || state.interruption.as_ref().is_some_and(|asked| asked()) {
            state.interrupted.set(true);
            return Err(Exhausted { message: "the evaluation was interrupted".to_owned() });
        }
        let left = state.left.get();
        if left < wanted {
            state.left.set(0);
            return Err(Exhausted { message: used_up(state.units) });
        }
        let taken = left.min(wanted.saturating_add(SLICE_UNITS));
        state.left.set(left - taken);
        Ok(taken)
    }

    pub(crate) fn give_back(&self, units: u64) {
        self.0.left.set(self.0.left.get() + units);
    }

    /// Levels of nesting in use.
    pub fn depth(&self) -> u32 {
        self.0.depth.get()
    }

    /// Sets the levels of nesting in use: what a host does around a call, so that nested evaluations go on counting.
    pub fn set_depth(&self, depth: u32) {
        self.0.depth.set(depth);
    }
}

impl std::fmt::Debug for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} units left", self.left(), self.0.units)
    }
}

/// Something that work is charged to.
pub(crate) trait Meter {
    /// Charges units.
    fn charge(&mut self, units: u64) -> Result<(), Stop>;
}

/// Work that is bounded by itself and costs nothing extra.
pub(crate) struct Free;

impl Meter for Free {
    fn charge(&mut self, _units: u64) -> Result<(), Stop> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, SLICE_UNITS};
    use std::rc::Rc;

    #[test]
    fn units_are_taken_in_slices_and_given_back() {
        let budget = Budget::new(3 * SLICE_UNITS);
        let taken = budget.take(10).expect("enough");
        assert_eq!((taken, budget.left()), (SLICE_UNITS + 10, 2 * SLICE_UNITS - 10));
        budget.give_back(taken - 10);
        assert_eq!(budget.used(), 10);
        assert!(budget.clone().charge(3 * SLICE_UNITS).is_err() && budget.is_exhausted());
        budget.renew();
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn an_interruption_ends_it() {
        let flag = Rc::new(std::cell::Cell::new(false));
        let seen = flag.clone();
        let budget = Budget::interruptible(1_000, move || seen.get());
        assert!(budget.charge(1).is_ok());
        flag.set(true);
        assert_eq!(budget.charge(1).expect_err("interrupted").to_string(), "the evaluation was interrupted");
        flag.set(false);
        assert!(budget.is_exhausted() && budget.charge(1).is_err());
    }
}
