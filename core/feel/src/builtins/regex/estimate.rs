//! What a pattern costs before it is compiled, from its syntax: folding the case of wide classes takes time for each of
//! their characters, and a machine gets the automaton of a class anew for each repetition.
//!
//! The units are measured (`examples/feel_units`, `pattern`).

use regex_syntax::ast::{
    Ast, ClassBracketed, ClassSet, ClassSetBinaryOp, ClassSetItem, ClassSetRange, Repetition, RepetitionKind,
    RepetitionRange,
};

/// A state of a machine.
const STATE_UNITS: u64 = 60;
/// The automaton of a class that is not ASCII alone, for each of its ranges.
const WIDE_UNITS: u64 = 8_000;
/// The automaton of a class by property.
const PROPERTY_UNITS: u64 = 200_000;
/// Folding the case of a character.
const FOLDED_UNITS: u64 = 40;
/// Folding the case of a class by property.
const FOLDED_PROPERTY_UNITS: u64 = 200_000;

/// What is known while the syntax is walked.
#[derive(Default)]
struct Estimate {
    /// Units so far.
    units: u64,
    /// Whether case may be folded.
    folding: bool,
}

/// Units that compiling a pattern takes. `folding` says whether letters of either case may count as one.
pub(super) fn units(ast: &Ast, folding: bool) -> u64 {
    let mut estimate = Estimate { units: 0, folding };
    estimate.walk(ast, 1);
    estimate.units
}

impl Estimate {
    /// Adds what comes up once, and what comes up in every copy.
    fn add(&mut self, once: u64, each: u64, copies: u64) {
        self.units = self.units.saturating_add(once).saturating_add(each.saturating_mul(copies));
    }

    fn walk(&mut self, ast: &Ast, copies: u64) {
        match ast {
            Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) | Ast::Literal(_) | Ast::ClassPerl(_) => {
                self.add(0, STATE_UNITS, copies);
            }
            Ast::Dot(_) => self.add(0, WIDE_UNITS, copies),
            Ast::ClassUnicode(_) => self.property(copies),
            Ast::ClassBracketed(class) => self.bracketed(class, copies),
            Ast::Repetition(repetition) => {
                let copies = copies.saturating_mul(times(repetition));
                self.add(0, 2 * STATE_UNITS, copies);
                self.walk(&repetition.ast, copies);
            }
            Ast::Group(group) => {
                self.add(0, 2 * STATE_UNITS, copies);
                self.walk(&group.ast, copies);
            }
            Ast::Alternation(alternation) => alternation.asts.iter().for_each(|ast| self.walk(ast, copies)),
            Ast::Concat(concat) => concat.asts.iter().for_each(|ast| self.walk(ast, copies)),
        }
    }

    fn property(&mut self, copies: u64) {
        let folded = if self.folding { FOLDED_PROPERTY_UNITS } else { 0 };
        self.add(folded, PROPERTY_UNITS, copies);
    }

    fn bracketed(&mut self, class: &ClassBracketed, copies: u64) {
        // What is not in a class of some characters is nearly everything.
        let each = if class.negated { WIDE_UNITS } else { 2 * STATE_UNITS };
        self.add(0, each, copies);
        self.set(&class.kind, copies);
    }

    fn set(&mut self, set: &ClassSet, copies: u64) {
        match set {
            ClassSet::Item(item) => self.item(item, copies),
            ClassSet::BinaryOp(ClassSetBinaryOp { lhs, rhs, .. }) => {
                self.set(lhs, copies);
                self.set(rhs, copies);
            }
        }
    }

    fn item(&mut self, item: &ClassSetItem, copies: u64) {
        match item {
            ClassSetItem::Empty(_) | ClassSetItem::Ascii(_) | ClassSetItem::Perl(_) => {
                self.add(STATE_UNITS, STATE_UNITS, copies);
            }
            ClassSetItem::Literal(literal) => self.characters(literal.c, literal.c, copies),
            ClassSetItem::Range(ClassSetRange { start, end, .. }) => self.characters(start.c, end.c, copies),
            ClassSetItem::Unicode(_) => self.property(copies),
            ClassSetItem::Bracketed(class) => self.bracketed(class, copies),
            ClassSetItem::Union(union) => union.items.iter().for_each(|item| self.item(item, copies)),
        }
    }

    fn characters(&mut self, first: char, last: char, copies: u64) {
        let count = u64::from((last as u32).saturating_sub(first as u32)) + 1;
        let folded = if self.folding { FOLDED_UNITS * count } else { 0 };
        self.add(folded, if last.is_ascii() { STATE_UNITS } else { WIDE_UNITS }, copies);
    }
}

/// How often a machine holds what is repeated.
fn times(repetition: &Repetition) -> u64 {
    u64::from(match &repetition.op.kind {
        RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore | RepetitionKind::OneOrMore => 1,
        RepetitionKind::Range(RepetitionRange::Exactly(count) | RepetitionRange::Bounded(_, count)) => *count,
        RepetitionKind::Range(RepetitionRange::AtLeast(count)) => count.saturating_add(1),
    })
}
