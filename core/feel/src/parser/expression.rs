//! Expressions: conditions, loops, quantifiers, and the logical and comparing operators.

use super::{Parsed, Parser, Rule};
use crate::ast::{Comparison, Exp, ExpId, Name, Quantifier};

impl Parser<'_> {
    pub(super) fn expression(&mut self, at: usize) -> Parsed {
        self.remember(Rule::Expression, at, |p, at| {
            p.nested(at, |p, at| {
                p.if_then_else(at)
                    .or_else(|| p.for_return(at))
                    .or_else(|| p.quantified(at))
                    .or_else(|| p.disjunction(at))
            })
        })
    }

    /// An expression after blanks.
    pub(super) fn next_expression(&mut self, at: usize) -> Parsed {
        let at = self.blank(at);
        self.expression(at)
    }

    fn if_then_else(&mut self, at: usize) -> Parsed {
        let at = self.keyword(at, "if")?;
        let (condition, at) = self.next_expression(at)?;
        let at = self.then(at, "then", "\"then\"")?;
        let (positive, at) = self.next_expression(at)?;
        let at = self.then(at, "else", "\"else\"")?;
        let (negative, at) = self.next_expression(at)?;
        Some((self.add(Exp::If(condition, positive, negative)), at))
    }

    /// A keyword that starts an expression; its absence is nothing to report.
    fn keyword(&mut self, at: usize, word: &str) -> Option<usize> {
        self.text[at..].starts_with(word).then(|| at + word.len())
    }

    fn for_return(&mut self, at: usize) -> Parsed {
        let at = self.keyword(at, "for")?;
        let (iterators, at) = self.iterators(at)?;
        let at = self.then(at, "return", "\"return\"")?;
        let (body, at) = self.next_expression(at)?;
        Some((self.add(Exp::For(iterators, body)), at))
    }

    fn quantified(&mut self, at: usize) -> Parsed {
        let (quantifier, at) = match self.keyword(at, "some") {
            Some(at) => (Quantifier::Some, at),
            None => (Quantifier::Every, self.keyword(at, "every")?),
        };
        let (iterators, at) = self.iterators(at)?;
        let at = self.then(at, "satisfies", "\"satisfies\"")?;
        let (condition, at) = self.next_expression(at)?;
        Some((self.add(Exp::Quantified(quantifier, iterators, condition)), at))
    }

    fn iterators(&mut self, at: usize) -> Option<(Vec<(Name, ExpId)>, usize)> {
        let at = self.blank(at);
        let (first, mut end) = self.iterator(at)?;
        let mut iterators = vec![first];
        while let Some(next) = self.then(end, ",", "\",\"") {
            let next = self.blank(next);
            let Some((iterator, after)) = self.iterator(next) else { break };
            iterators.push(iterator);
            end = after;
        }
        Some((iterators, end))
    }

    fn iterator(&mut self, at: usize) -> Option<((Name, ExpId), usize)> {
        let (name, at) = self.name(at)?;
        let at = self.then(at, "in", "\"in\"")?;
        let at = self.blank(at);
        if let Some((start, next)) = self.operand(at)
            && let Some(next) = self.then(next, "..", "\"..\"")
        {
            let next = self.blank(next);
            if let Some((end, next)) = self.operand(next) {
                let iteration = self.add(Exp::Iteration(start, end));
                return Some(((name, iteration), next));
            }
        }
        let (value, at) = self.value(at)?;
        Some(((name, value), at))
    }

    fn disjunction(&mut self, at: usize) -> Parsed {
        let (first, mut end) = self.conjunction(at)?;
        let mut others = Vec::new();
        while let Some(next) = self.then(end, "or", "\"or\"") {
            let next = self.blank(next);
            let Some((operand, after)) = self.conjunction(next) else { break };
            others.push(operand);
            end = after;
        }
        if others.is_empty() {
            return Some((first, end));
        }
        Some((self.add(Exp::Or(first, others)), end))
    }

    fn conjunction(&mut self, at: usize) -> Parsed {
        let (first, mut end) = self.comparison(at)?;
        let mut others = Vec::new();
        while let Some(next) = self.then(end, "and", "\"and\"") {
            let next = self.blank(next);
            let Some((operand, after)) = self.comparison(next) else { break };
            others.push(operand);
            end = after;
        }
        if others.is_empty() {
            return Some((first, end));
        }
        Some((self.add(Exp::And(first, others)), end))
    }

    fn comparison(&mut self, at: usize) -> Parsed {
        let Some((value, end)) = self.operand(at) else {
            return self.simple_unary_test(at);
        };
        let next = self.blank(end);
        self.binary_comparison(value, next)
            .or_else(|| self.between(value, next))
            .or_else(|| self.instance_of(value, next))
            .or_else(|| self.in_tests(value, next))
            .or(Some((value, end)))
    }

    /// One of `<= >= < > != =`; with `equal` false only those of unary tests.
    pub(super) fn comparison_operator(&mut self, at: usize, equal: bool) -> Option<(Comparison, usize)> {
        let (operator, len) = match self.text.as_bytes()[at..] {
            [b'<', b'=', ..] => (Comparison::LessOrEqual, 2),
            [b'>', b'=', ..] => (Comparison::GreaterOrEqual, 2),
            [b'<', ..] => (Comparison::Less, 1),
            [b'>', ..] => (Comparison::Greater, 1),
            [b'!', b'=', ..] if equal => (Comparison::NotEqual, 2),
            [b'=', ..] if equal => (Comparison::Equal, 1),
            _ => {
                self.missing(at, if equal { "a comparison" } else { "a value" });
                return None;
            }
        };
        Some((operator, at + len))
    }

    fn binary_comparison(&mut self, left: ExpId, at: usize) -> Parsed {
        let (operator, at) = self.comparison_operator(at, true)?;
        let at = self.blank(at);
        let (right, at) = self.operand(at)?;
        Some((self.add(Exp::Compare(operator, left, right)), at))
    }

    fn between(&mut self, value: ExpId, at: usize) -> Parsed {
        let at = self.literal(at, "between", "\"between\"")?;
        let at = self.blank(at);
        let (low, at) = self.operand(at)?;
        let at = self.then(at, "and", "\"and\"")?;
        let at = self.blank(at);
        let (high, at) = self.operand(at)?;
        Some((self.add(Exp::Between(value, low, high)), at))
    }

    fn instance_of(&mut self, value: ExpId, at: usize) -> Parsed {
        let at = self.literal(at, "instance", "\"instance of\"")?;
        let at = self.then(at, "of", "\"of\"")?;
        let at = self.blank(at);
        for special in ["years and months duration", "days and time duration", "date and time", "function"] {
            if self.text[at..].starts_with(special) {
                return Some((self.add(Exp::InstanceOf(value, special.into())), at + special.len()));
            }
        }
        let (names, at) = self.qualified_name(at)?;
        let name: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let name = name.join(".").into();
        Some((self.add(Exp::InstanceOf(value, name)), at))
    }

    fn in_tests(&mut self, value: ExpId, at: usize) -> Parsed {
        let at = self.literal(at, "in", "\"in\"")?;
        let at = self.blank(at);
        let test = self.bracketed_tests(at).or_else(|| self.unary_test(at));
        let (test, at) = test?;
        Some((self.add(Exp::In(value, test)), at))
    }

    fn bracketed_tests(&mut self, at: usize) -> Parsed {
        let at = self.keyword(at, "(")?;
        let at = self.blank(at);
        let (tests, at) = self.nested(at, |p, at| p.positive_unary_tests(at))?;
        let at = self.then(at, ")", "\")\"")?;
        Some((tests, at))
    }
}
