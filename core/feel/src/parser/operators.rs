//! Arithmetic and what hangs on a value: paths and filters.

use super::{Parsed, Parser, Rule};
use crate::ast::{Access, Arithmetic, Exp, ExpId};

impl Parser<'_> {
    /// The operand of a comparison: an arithmetic expression.
    pub(super) fn operand(&mut self, at: usize) -> Parsed {
        self.remember(Rule::Operand, at, |p, at| p.sum(at))
    }

    fn chain(&mut self, first: ExpId, rest: Vec<(Arithmetic, ExpId)>) -> ExpId {
        if rest.is_empty() { first } else { self.add(Exp::Arithmetic(first, rest)) }
    }

    fn sum(&mut self, at: usize) -> Parsed {
        let (first, mut end) = self.product(at)?;
        let mut rest = Vec::new();
        loop {
            let at = self.blank(end);
            let operator = match self.text.as_bytes().get(at) {
                Some(b'+') => Arithmetic::Add,
                Some(b'-') => Arithmetic::Subtract,
                _ => break,
            };
            let at = self.blank(at + 1);
            let Some((operand, after)) = self.product(at) else { break };
            rest.push((operator, operand));
            end = after;
        }
        Some((self.chain(first, rest), end))
    }

    fn product(&mut self, at: usize) -> Parsed {
        let (first, mut end) = self.power(at)?;
        let mut rest = Vec::new();
        loop {
            let at = self.blank(end);
            let operator = match self.text.as_bytes().get(at) {
                Some(b'*') => Arithmetic::Multiply,
                Some(b'/') => Arithmetic::Divide,
                _ => break,
            };
            let at = self.blank(at + 1);
            let Some((operand, after)) = self.power(at) else { break };
            rest.push((operator, operand));
            end = after;
        }
        Some((self.chain(first, rest), end))
    }

    fn power(&mut self, at: usize) -> Parsed {
        let (first, mut end) = self.negation(at)?;
        let mut rest = Vec::new();
        loop {
            let at = self.blank(end);
            if !self.text[at..].starts_with("**") {
                break;
            }
            let at = self.blank(at + 2);
            let Some((operand, after)) = self.negation(at) else { break };
            rest.push((Arithmetic::Power, operand));
            end = after;
        }
        Some((self.chain(first, rest), end))
    }

    fn negation(&mut self, at: usize) -> Parsed {
        if self.text.as_bytes().get(at) != Some(&b'-') {
            return self.value(at);
        }
        let at = self.blank(at + 1);
        let (value, at) = self.value(at)?;
        Some((self.add(Exp::Negate(value)), at))
    }

    /// A value with its paths and filters.
    pub(super) fn value(&mut self, at: usize) -> Parsed {
        self.remember(Rule::Value, at, |p, at| {
            let (base, mut end) = p.terminal(at)?;
            let mut steps = Vec::new();
            loop {
                let at = p.blank(end);
                let step = p.path_step(at).or_else(|| p.filter_step(at));
                let Some((step, after)) = step else { break };
                steps.push(step);
                end = after;
            }
            if steps.is_empty() {
                return Some((base, end));
            }
            Some((p.add(Exp::Access(base, steps)), end))
        })
    }

    fn path_step(&mut self, at: usize) -> Option<(Access, usize)> {
        // Two points belong to a range or an iteration.
        if self.text.as_bytes().get(at) != Some(&b'.') || self.text.as_bytes().get(at + 1) == Some(&b'.') {
            return None;
        }
        let at = self.blank(at + 1);
        let (name, at) = self.property(at)?;
        Some((Access::Path(name), at))
    }

    fn filter_step(&mut self, at: usize) -> Option<(Access, usize)> {
        if self.text.as_bytes().get(at) != Some(&b'[') {
            return None;
        }
        let (filter, at) = self.next_expression(at + 1)?;
        let at = self.then(at, "]", "\"]\"")?;
        Some((Access::Filter(filter), at))
    }
}
