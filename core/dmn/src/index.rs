//! The index over a decision table's rules: for each column, which rules accept a given input.
//!
//! It covers cells that only compare the input with constants. Their answer depends on nothing but where the input
//! lies among those constants, so the index holds one set of rules per place: per string that occurs, for all other
//! strings, per number that occurs, per gap between two numbers, for null and the booleans. Every set is filled by
//! asking the cell itself, so the index cannot disagree with it.
//!
//! Invariant: looking up and then testing each candidate from its first open cell gives the same rules, and the same
//! failure, as testing every cell of every rule in order. So a rule counts as accepted in every column from its
//! first cell on that does more than compare; and an input of another type than those above ends the look-up.

use std::sync::Arc;

use ringbolt_feel::{Decimal, Environment, NoVariables, Value};
use smallvec::SmallVec;

use crate::limits::INDEX_ROWS_MAX;
use crate::rule::{Cell, Rule};

const WORD_BITS: usize = 64;
/// A cell with more constants is tested as it is: filling the index would ask it once per constant.
const CELL_CONSTANTS_MAX: usize = 16;

/// A set of rules, one bit each.
pub(crate) type Bits = SmallVec<[u64; 16]>;

/// The index of one table.
#[derive(Debug, Default)]
pub(crate) struct TableIndex {
    columns: Vec<Column>,
    /// For each rule its first cell that the index does not cover.
    open_from: Vec<u32>,
}

/// The index of one column.
#[derive(Debug)]
struct Column {
    /// Rules that accept every input here.
    always: Vec<u64>,
    null: Slot,
    yes: Slot,
    no: Slot,
    /// Strings that occur, sorted, with the rules that accept them.
    strings: Vec<(Arc<str>, Slot)>,
    other_string: Slot,
    /// Numbers that occur, sorted.
    numbers: Vec<Decimal>,
    /// At `2 * i` the gap before number `i`, at `2 * i + 1` that number, last the gap after all.
    places: Vec<Slot>,
}

/// Rules that accept an input, besides those that accept every one.
#[derive(Debug)]
enum Slot {
    Few(Vec<u32>),
    Many(Vec<u64>),
}

/// What a look-up found.
pub(crate) struct Candidates {
    pub(crate) rules: Bits,
    /// How many columns were looked up.
    pub(crate) columns: usize,
}

impl TableIndex {
    /// Builds the index for rules with up to `columns` cells.
    pub(crate) fn build(rules: &[Rule], columns: usize) -> TableIndex {
        let mut open_from: Vec<u32> = rules.iter().map(|rule| first_open_cell(rule, columns)).collect();
        let mut built = Vec::new();
        let mut rows_left = INDEX_ROWS_MAX;
        for column in 0..columns {
            if open_from.iter().all(|open| *open as usize <= column) {
                break;
            }
            match Builder::new(rules, column, &mut open_from, &mut rows_left).build() {
                Some(column) => built.push(column),
                None => {
                    // Too large: every rule is tested cell by cell from here on.
                    open_from.iter_mut().for_each(|open| *open = (*open).min(column as u32));
                    break;
                }
            }
        }
        TableIndex { columns: built, open_from }
    }

    /// The rules that may match.
    pub(crate) fn candidates(&self, inputs: &[Value]) -> Candidates {
        let rules = self.open_from.len();
        let mut bits: Bits = (0..rules.div_ceil(WORD_BITS)).map(|_| u64::MAX).collect();
        if let Some(last) = bits.last_mut()
            && !rules.is_multiple_of(WORD_BITS)
        {
            *last = (1 << (rules % WORD_BITS)) - 1;
        }
        let mut columns = 0;
        for (column, input) in self.columns.iter().zip(inputs) {
            let Some(slot) = column.find(input) else { break };
            slot.intersect(&column.always, &mut bits);
            columns += 1;
        }
        Candidates { rules: bits, columns }
    }

    /// The first cell of a rule that has to be tested after a look-up of so many columns.
    pub(crate) fn open_cell(&self, rule: usize, columns: usize) -> usize {
        (self.open_from[rule] as usize).min(columns)
    }
}

/// The positions of the set bits, in order.
pub(crate) fn positions(bits: &Bits) -> impl Iterator<Item = usize> + '_ {
    bits.iter().enumerate().flat_map(|(word, bits)| {
        let mut left = *bits;
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            Some(word * WORD_BITS + at)
        })
    })
}

fn first_open_cell(rule: &Rule, columns: usize) -> u32 {
    let covered = rule.cells.iter().take(columns).take_while(|cell| match cell {
        Cell::Any => true,
        Cell::Tests(tests) => {
            tests.compared_constants().is_some_and(|constants| constants.len() <= CELL_CONSTANTS_MAX)
        }
    });
    // A rule with fewer cells than the table has columns accepts every input in the rest.
    let covered = covered.count();
    if covered == rule.cells.len() { columns as u32 } else { covered as u32 }
}

impl Slot {
    fn intersect(&self, always: &[u64], bits: &mut [u64]) {
        match self {
            Slot::Many(rules) => {
                for ((word, always), rules) in bits.iter_mut().zip(always).zip(rules) {
                    *word &= always | rules;
                }
            }
            Slot::Few(rules) => {
                let mut kept: SmallVec<[(usize, u64); 8]> = SmallVec::new();
                for rule in rules {
                    let (word, bit) = (*rule as usize / WORD_BITS, 1u64 << (*rule as usize % WORD_BITS));
                    if bits[word] & bit != 0 {
                        kept.push((word, bit));
                    }
                }
                for (word, always) in bits.iter_mut().zip(always) {
                    *word &= always;
                }
                for (word, bit) in kept {
                    bits[word] |= bit;
                }
            }
        }
    }
}

impl Column {
    /// The rules for an input; `None` for inputs of types that are not indexed.
    fn find(&self, input: &Value) -> Option<&Slot> {
        if let Some(number) = input.as_decimal() {
            let place = match self.numbers.binary_search(&number) {
                Ok(at) => 2 * at + 1,
                Err(before) => 2 * before,
            };
            return Some(&self.places[place]);
        }
        if let Some(text) = input.as_str() {
            let found = self.strings.binary_search_by(|(known, _)| (**known).cmp(text));
            return Some(found.map_or(&self.other_string, |at| &self.strings[at].1));
        }
        match input.as_bool() {
            Some(true) => Some(&self.yes),
            Some(false) => Some(&self.no),
            None if input.is_null() => Some(&self.null),
            None => None,
        }
    }
}

/// Builds one column.
struct Builder<'b> {
    rules: &'b [Rule],
    column: usize,
    open_from: &'b mut [u32],
    rows_left: &'b mut usize,
    env: Environment,
    strings: Vec<Arc<str>>,
    numbers: Vec<Decimal>,
    always: Vec<u64>,
    /// Null, true, false, other strings, strings, places of numbers.
    slots: Vec<Vec<u32>>,
}

/// Slots before those of strings that occur.
const NULL: usize = 0;
const YES: usize = 1;
const NO: usize = 2;
const OTHER_STRING: usize = 3;
const STRINGS: usize = 4;

impl<'b> Builder<'b> {
    fn new(
        rules: &'b [Rule],
        column: usize,
        open_from: &'b mut [u32],
        rows_left: &'b mut usize,
    ) -> Builder<'b> {
        let (mut strings, mut numbers): (Vec<Arc<str>>, Vec<Decimal>) = (Vec::new(), Vec::new());
        for (rule, open) in rules.iter().zip(open_from.iter()) {
            if *open as usize > column {
                let own = Own::of(rule.cells.get(column));
                strings.extend(own.strings);
                numbers.extend(own.numbers);
            }
        }
        strings.sort_unstable();
        strings.dedup();
        numbers.sort_unstable();
        numbers.dedup();
        let always = vec![0; rules.len().div_ceil(WORD_BITS)];
        let slots = vec![Vec::new(); STRINGS + strings.len() + 2 * numbers.len() + 1];
        let env = Environment::at(0);
        Builder { rules, column, open_from, rows_left, env, strings, numbers, always, slots }
    }

    fn build(mut self) -> Option<Column> {
        // A string that no cell names: longer than all of them.
        let longest = self.strings.iter().map(|text| text.len()).max().unwrap_or(0);
        let other = Value::string("x".repeat(longest + 1));
        for rule in 0..self.rules.len() {
            self.add_rule(rule, &other)?;
        }
        let words = self.always.len();
        let mut slots = self.slots.into_iter().map(|rules| Slot::of(rules, words));
        let mut next = || slots.next().unwrap_or(Slot::Few(Vec::new()));
        let (null, yes, no, other_string) = (next(), next(), next(), next());
        let strings = self.strings.into_iter().map(|text| (text, next())).collect();
        let places = slots.collect();
        let (always, numbers) = (self.always, self.numbers);
        Some(Column { always, null, yes, no, strings, other_string, numbers, places })
    }

    /// Enters one rule; `None` where the index becomes too large.
    fn add_rule(&mut self, rule: usize, other: &Value) -> Option<()> {
        let cell = self.rules[rule].cells.get(self.column);
        let answers = match cell {
            Some(cell @ Cell::Tests(_)) if self.open_from[rule] as usize > self.column => {
                self.answers(cell, other)
            }
            Some(Cell::Any | Cell::Tests(_)) | None => None,
        };
        let Some(answers) = answers else {
            self.always[rule / WORD_BITS] |= 1 << (rule % WORD_BITS);
            if matches!(cell, Some(Cell::Tests(_))) {
                self.open_from[rule] = self.open_from[rule].min(self.column as u32);
            }
            return Some(());
        };
        let rows = answers.len();
        *self.rows_left = self.rows_left.checked_sub(rows)?;
        for slot in answers {
            self.slots[slot].push(rule as u32);
        }
        Some(())
    }

    /// The slots in which a cell accepts; `None` where the cell gives no plain answer.
    fn answers(&self, cell: &Cell, other: &Value) -> Option<Vec<usize>> {
        let Cell::Tests(tests) = cell else { return None };
        let accepts = |input: &Value| match tests.evaluate(input, &NoVariables, &self.env).result {
            Ok(value) if value.as_bool().is_some() || value.is_null() => Some(value.as_bool() == Some(true)),
            Ok(_) | Err(_) => None,
        };
        let own = Own::of(Some(cell));
        let mut slots = Vec::new();
        for (slot, input) in [(NULL, Value::Null), (YES, Value::Bool(true)), (NO, Value::Bool(false))] {
            if accepts(&input)? {
                slots.push(slot);
            }
        }
        let others = accepts(other)?;
        if others {
            slots.push(OTHER_STRING);
            slots.extend(STRINGS..STRINGS + self.strings.len());
        }
        for text in own.strings {
            let slot = STRINGS + self.strings.binary_search(&text).ok()?;
            let accepted = accepts(&Value::string(text))?;
            match (others, accepted) {
                (false, true) => slots.push(slot),
                (true, false) => slots.retain(|known| *known != slot),
                (true, true) | (false, false) => {}
            }
        }
        self.number_answers(own.numbers, &mut slots, accepts)?;
        Some(slots)
    }

    /// Adds the places of numbers in which a cell accepts. Between two of its own numbers it gives one answer.
    fn number_answers(
        &self,
        mut own: Vec<Decimal>,
        slots: &mut Vec<usize>,
        accepts: impl Fn(&Value) -> Option<bool>,
    ) -> Option<()> {
        own.sort_unstable();
        own.dedup();
        let places = STRINGS + self.strings.len();
        let mut from = 0;
        let mut low: Option<Decimal> = None;
        for high in own.iter().copied().map(Some).chain([None]) {
            let to = match high {
                Some(high) => 2 * self.numbers.binary_search(&high).ok()? + 1,
                None => 2 * self.numbers.len() + 1,
            };
            if accepts(&Value::Number(between(low, high)?))? {
                slots.extend(places + from..places + to);
            }
            if let Some(high) = high {
                if accepts(&Value::Number(high))? {
                    slots.push(places + to);
                }
                from = to + 1;
            }
            low = high;
        }
        Some(())
    }
}

/// A number strictly between two others; `None` where there is none in the precision of numbers.
fn between(low: Option<Decimal>, high: Option<Decimal>) -> Option<Decimal> {
    let found = match (low, high) {
        (None, None) => Decimal::ZERO,
        (Some(low), None) => low.add(Decimal::ONE).ok()?,
        (None, Some(high)) => high.sub(Decimal::ONE).ok()?,
        (Some(low), Some(high)) => low.add(high).ok()?.div(Decimal::from(2)).ok()?,
    };
    (low.is_none_or(|low| low < found) && high.is_none_or(|high| found < high)).then_some(found)
}

/// The constants of one cell.
#[derive(Default)]
struct Own {
    strings: Vec<Arc<str>>,
    numbers: Vec<Decimal>,
}

impl Own {
    fn of(cell: Option<&Cell>) -> Own {
        let mut own = Own::default();
        let Some(Cell::Tests(tests)) = cell else { return own };
        for value in tests.compared_constants().unwrap_or_default() {
            own.numbers.extend(value.as_decimal());
            own.strings.extend(value.as_str().map(Arc::from));
        }
        own
    }
}

impl Slot {
    fn of(rules: Vec<u32>, words: usize) -> Slot {
        if rules.len() <= 2 * words {
            return Slot::Few(rules);
        }
        let mut bits = vec![0u64; words];
        for rule in rules {
            bits[rule as usize / WORD_BITS] |= 1 << (rule as usize % WORD_BITS);
        }
        Slot::Many(bits)
    }
}
