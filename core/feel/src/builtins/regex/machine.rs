//! Running a compiled pattern.
//!
//! Invariant: nothing runs that was not charged, but for a first reading of the text, which takes a nanosecond or two a
//! byte and is charged right after.

use super::Found;
use crate::budget::cost;
use crate::error::Stop;
use crate::eval::Eval;
use crate::limits::REGEX_BYTES_MAX;
use regex_automata::hybrid::{dfa, regex as lazy};
use regex_automata::nfa::thompson::{BuildError, Compiler, Config, NFA, WhichCaptures, pikevm};
use regex_automata::util::captures::GroupInfo;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;
use std::cell::{Cell, OnceCell, RefCell};

/// Memory of the states that are found while a text is read, in bytes.
const STATES_BYTES_MAX: usize = 128 << 10;
/// Units for each state of a machine and each byte, where it is simulated.
const SIMULATED_UNITS: u64 = 5;

/// The place of an end of a group.
pub(super) type Slot = Option<NonMaxUsize>;

/// A pattern's machine with the engines that run it, each made when it is first needed.
pub(in crate::builtins) struct Machine {
    hir: Hir,
    nfa: NFA,
    /// What compiling it took.
    units: u64,
    /// Tells whether there is a match.
    tester: OnceCell<Option<(dfa::DFA, RefCell<dfa::Cache>)>>,
    /// Tells where a match is.
    finder: OnceCell<Option<(lazy::Regex, RefCell<lazy::Cache>)>>,
    /// Tells where groups are, and stands in where the memory of the others does not suffice.
    simulator: OnceCell<Option<(pikevm::PikeVM, RefCell<pikevm::Cache>)>>,
    /// Whether that memory did not suffice.
    simulated: Cell<bool>,
}

fn machine(hir: &Hir, reverse: bool) -> Result<NFA, Box<BuildError>> {
    let captures = if reverse { WhichCaptures::None } else { WhichCaptures::All };
    let config = Config::new()
        .nfa_size_limit(Some(REGEX_BYTES_MAX))
        .reverse(reverse)
        .which_captures(captures)
        .shrink(false);
    Compiler::new().configure(config).build_from_hir(hir).map_err(Box::new)
}

/// The states are given up as soon as they need more memory than they may have.
fn states_config() -> dfa::Config {
    dfa::Config::new()
        .cache_capacity(STATES_BYTES_MAX)
        .skip_cache_capacity_check(true)
        .minimum_cache_clear_count(Some(0))
}

/// Units for bytes read and states made.
fn spent(read: usize, memory: usize) -> u64 {
    cost::read(read) + 8 * memory as u64
}

impl Machine {
    pub(super) fn new(hir: Hir, units: u64) -> Result<Machine, Box<BuildError>> {
        Ok(Machine {
            units,
            nfa: machine(&hir, false)?,
            hir,
            tester: OnceCell::new(),
            finder: OnceCell::new(),
            simulator: OnceCell::new(),
            simulated: Cell::new(false),
        })
    }

    fn forward(&self) -> Option<dfa::DFA> {
        dfa::Builder::new().configure(states_config()).build_from_nfa(self.nfa.clone()).ok()
    }

    fn tester(&self) -> Option<&(dfa::DFA, RefCell<dfa::Cache>)> {
        let made = self.tester.get_or_init(|| {
            let dfa = self.forward()?;
            let cache = RefCell::new(dfa.create_cache());
            Some((dfa, cache))
        });
        made.as_ref()
    }

    fn finder(&self, eval: &mut Eval<'_>) -> Result<Option<&(lazy::Regex, RefCell<lazy::Cache>)>, Stop> {
        if self.finder.get().is_none() {
            // The machine is compiled once more, backwards, which is dearer.
            eval.charge(2 * self.units)?;
        }
        let made = self.finder.get_or_init(|| {
            let config = states_config().match_kind(MatchKind::All);
            let nfa = machine(&self.hir, true).ok()?;
            let backward = dfa::Builder::new().configure(config).build_from_nfa(nfa).ok()?;
            let regex = lazy::Builder::new().build_from_dfas(self.forward()?, backward);
            let cache = RefCell::new(regex.create_cache());
            Some((regex, cache))
        });
        Ok(made.as_ref())
    }

    /// There must be enough for reading a text to its end; what is found sooner is charged as such.
    fn expect_units(eval: &mut Eval<'_>, ahead: usize) -> Result<(), Stop> {
        if eval.units_left() < ahead as u64 {
            eval.charge(cost::read(ahead))?;
        }
        Ok(())
    }

    /// Whether the pattern is found in a text.
    pub(super) fn is_match(&self, eval: &mut Eval<'_>, input: &str) -> Result<bool, Stop> {
        if let (false, Some((dfa, cache))) = (self.simulated.get(), self.tester()) {
            Self::expect_units(eval, input.len())?;
            let mut cache = cache.borrow_mut();
            let before = spent(cache.search_total_len(), cache.memory_usage());
            let found = dfa.try_search_fwd(&mut cache, &Input::new(input).earliest(true));
            let after = spent(cache.search_total_len(), cache.memory_usage());
            eval.charge(cost::CALL + after.saturating_sub(before))?;
            if let Ok(found) = found {
                return Ok(found.is_some());
            }
            self.simulated.set(true);
        }
        Ok(self.simulate(eval, &Input::new(input), 2)?[0].is_some())
    }

    /// The first match from a position on.
    pub(super) fn find(&self, eval: &mut Eval<'_>, input: &str, from: usize) -> Result<Option<Found>, Stop> {
        let span = Input::new(input).span(from..input.len());
        let finder = if self.simulated.get() { None } else { self.finder(eval)? };
        if let Some((regex, cache)) = finder {
            Self::expect_units(eval, input.len() - from)?;
            let mut cache = cache.borrow_mut();
            let before = spent_both(&cache);
            let found = regex.try_search(&mut cache, &span);
            eval.charge(cost::CALL + spent_both(&cache).saturating_sub(before))?;
            if let Ok(found) = found {
                return Ok(found.map(|found| (found.start(), found.end())));
            }
            self.simulated.set(true);
        }
        Ok(match self.simulate(eval, &span, 2)?[..] {
            [Some(start), Some(end)] => Some((start.get(), end.get())),
            _ => None,
        })
    }

    /// The groups, by their names and numbers.
    pub(super) fn group_info(&self) -> &GroupInfo {
        self.nfa.group_info()
    }

    /// Where the groups of a match lie.
    pub(super) fn groups(
        &self,
        eval: &mut Eval<'_>,
        input: &str,
        (start, end): Found,
    ) -> Result<Vec<Slot>, Stop> {
        let span = Input::new(input).span(start..end).anchored(Anchored::Yes);
        self.simulate(eval, &span, self.group_info().slot_len())
    }

    /// Runs the machine as it is: each state for each byte. All of it is charged before.
    fn simulate(&self, eval: &mut Eval<'_>, span: &Input<'_>, slots: usize) -> Result<Vec<Slot>, Stop> {
        let states = self.nfa.states().len() as u64;
        let bytes = span.get_span().len() as u64 + 1;
        eval.charge(cost::CALL + SIMULATED_UNITS * states * bytes)?;
        let made = self.simulator.get_or_init(|| {
            let vm = pikevm::PikeVM::new_from_nfa(self.nfa.clone()).ok()?;
            let cache = RefCell::new(vm.create_cache());
            Some((vm, cache))
        });
        let mut found = vec![None; slots];
        if let Some((vm, cache)) = made {
            vm.search_slots(&mut cache.borrow_mut(), span, &mut found);
        }
        Ok(found)
    }
}

fn spent_both(cache: &lazy::Cache) -> u64 {
    let (forward, backward) = cache.as_parts();
    spent(forward.search_total_len() + backward.search_total_len(), cache.memory_usage())
}
