//! Unary tests: what stands in a cell of a decision table, and after `in`.

use super::{Parsed, Parser, Rule};
use crate::ast::Exp;
use crate::value::Val;

impl Parser<'_> {
    pub(super) fn unary_tests(&mut self, at: usize) -> Parsed {
        if let Some(negated) = self.negated_tests(at) {
            return Some(negated);
        }
        if let Some(tests) = self.positive_unary_tests(at) {
            return Some(tests);
        }
        if self.text[at..].starts_with('-') {
            return Some((self.add(Exp::Constant(Val::Bool(true))), at + 1));
        }
        None
    }

    fn negated_tests(&mut self, at: usize) -> Parsed {
        if !self.text[at..].starts_with("not") {
            return None;
        }
        let open = self.blank(at + 3);
        if !self.text[open..].starts_with('(') {
            return None;
        }
        let at = self.blank(open + 1);
        let (tests, at) = self.nested(at, |p, at| p.positive_unary_tests(at))?;
        let at = self.then(at, ")", "\")\"")?;
        Some((self.add(Exp::Not(tests)), at))
    }

    pub(super) fn positive_unary_tests(&mut self, at: usize) -> Parsed {
        let (first, mut end) = self.unary_test(at)?;
        let mut tests = vec![first];
        while let Some(next) = self.then(end, ",", "\",\"") {
            let next = self.blank(next);
            let Some((test, after)) = self.unary_test(next) else { break };
            tests.push(test);
            end = after;
        }
        if tests.len() == 1 {
            return Some((first, end));
        }
        Some((self.add(Exp::AnyTest(tests)), end))
    }

    /// A comparison or interval against the input, or an expression.
    pub(super) fn unary_test(&mut self, at: usize) -> Parsed {
        // A lone boolean is compared with the input; anywhere else it is an expression.
        for (word, value) in [("true", true), ("false", false)] {
            if self.text[at..].starts_with(word) && self.blank(at + word.len()) == self.text.len() {
                let constant = self.add(Exp::Constant(Val::Bool(value)));
                return Some((self.add(Exp::InputEquals(constant)), self.text.len()));
            }
        }
        if let Some(test) = self.simple_unary_test(at) {
            return Some(test);
        }
        let (expression, end) = self.expression(at)?;
        Some((self.add(Exp::Test(expression)), end))
    }

    pub(super) fn simple_unary_test(&mut self, at: usize) -> Parsed {
        if let Some((operator, next)) = self.comparison_operator(at, false) {
            let next = self.blank(next);
            if let Some((endpoint, end)) = self.operand(next) {
                return Some((self.add(Exp::InputCompare(operator, endpoint)), end));
            }
            return None;
        }
        let (range, end) = self.range(at)?;
        Some((self.add(Exp::InputIn(range)), end))
    }

    /// `[a..b]` and its kin: `(` and `]` open the lower end, `)` and `[` the upper one.
    pub(super) fn range(&mut self, at: usize) -> Parsed {
        let start_closed = match self.text.as_bytes().get(at)? {
            b'[' => true,
            b'(' | b']' => false,
            _ => return None,
        };
        self.remember(Rule::Range, at, |p, at| {
            p.nested(at, |p, at| {
                let next = p.blank(at + 1);
                let (start, next) = p.operand(next)?;
                let next = p.then(next, "..", "\"..\"")?;
                let next = p.blank(next);
                let (end, next) = p.operand(next)?;
                let next = p.blank(next);
                let end_closed = match p.text.as_bytes().get(next) {
                    Some(b']') => true,
                    Some(b')' | b'[') => false,
                    Some(_) | None => {
                        p.missing(next, "\"]\"");
                        p.missing(next, "\")\"");
                        return None;
                    }
                };
                Some((p.add(Exp::Range { start, start_closed, end, end_closed }), next + 1))
            })
        })
    }
}
