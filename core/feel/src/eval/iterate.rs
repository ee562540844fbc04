//! Loops: `for`, `some`, `every`, and ranges of numbers to loop over.

use super::logic::{Combined, Decides, result};
use super::{Eval, Outcome};
use crate::ast::Quantifier;
use crate::budget::cost;
use crate::error::Stop;
use crate::number::Decimal;
use crate::program::{Loop, NodeId};
use crate::value::{Items, Val};
use std::sync::Arc;

impl<'v> Eval<'v> {
    /// The items of every iterator. All iterators are evaluated before the first one that is no list ends the loop.
    fn loop_lists(&mut self, each: &Loop) -> Result<Vec<Arc<Items<'v>>>, Stop> {
        let mut outcomes = Vec::with_capacity(each.lists.len());
        for list in &each.lists {
            outcomes.push(match self.node(*list) {
                Err(Stop::Abort(message)) => return Err(Stop::Abort(message)),
                other => other,
            });
        }
        let mut lists = Vec::with_capacity(outcomes.len());
        let mut failed = None;
        for outcome in outcomes {
            match outcome {
                Ok(Val::List(list)) => lists.push(self.open(&list)?),
                Ok(other) => {
                    let stop = self.wrong_type("list", &other);
                    failed.get_or_insert(stop);
                }
                Err(stop) => {
                    failed.get_or_insert(stop);
                }
            }
        }
        match failed {
            Some(stop) => Err(stop),
            None => Ok(lists),
        }
    }

    /// Runs `body` for every combination, the last iterator fastest, until it says stop.
    fn combinations(
        &mut self,
        lists: &[Arc<Items<'v>>],
        body: &mut dyn FnMut(&mut Eval<'v>) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        if lists.iter().any(|list| list.is_empty()) {
            return Ok(());
        }
        let height = self.stack.len();
        let mut positions = vec![0usize; lists.len()];
        let outcome = loop {
            self.charge(cost::ITEM * lists.len() as u64)?;
            self.stack.truncate(height);
            self.stack.extend(lists.iter().zip(&positions).map(|(list, at)| list[*at].clone()));
            match body(self) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(stop) => break Err(stop),
            }
            // Count up like an odometer.
            let mut digit = lists.len();
            while digit > 0 {
                digit -= 1;
                positions[digit] += 1;
                if positions[digit] < lists[digit].len() {
                    break;
                }
                positions[digit] = 0;
                if digit == 0 {
                    digit = usize::MAX;
                    break;
                }
            }
            if digit == usize::MAX {
                break Ok(());
            }
        };
        self.stack.truncate(height);
        outcome
    }

    pub(super) fn for_each(&mut self, each: &Loop) -> Outcome<'v> {
        let lists = match self.loop_lists(each) {
            Ok(lists) => lists,
            Err(stop) => return Self::or_null(Err(stop)),
        };
        let mut results: Vec<Val<'v>> = Vec::new();
        self.combinations(&lists, &mut |eval| {
            // Only what is read is built; it is charged before it is copied.
            let partial = if each.partial {
                eval.charge(cost::ITEM * results.len() as u64)?;
                eval.new_list(results.clone())?
            } else {
                Val::Null
            };
            eval.stack.push(partial);
            let value = match eval.node(each.body) {
                Ok(value) => value,
                // An error value inside a result list reads as null.
                Err(Stop::Error(_)) => Val::Null,
                Err(stop) => return Err(stop),
            };
            eval.check_count(results.len() + 1)?;
            results.push(value);
            Ok(true)
        })?;
        self.new_list(results)
    }

    pub(super) fn quantified(&mut self, quantifier: Quantifier, each: &Loop) -> Outcome<'v> {
        let lists = match self.loop_lists(each) {
            Ok(lists) => lists,
            Err(stop) => return Self::or_null(Err(stop)),
        };
        let decides = match quantifier {
            Quantifier::Some => Decides::True,
            Quantifier::Every => Decides::False,
        };
        let mut state = Combined::Undecided;
        self.combinations(&lists, &mut |eval| {
            let outcome = eval.node(each.body);
            state = eval.combine(state, outcome, decides)?;
            Ok(state != Combined::Decided)
        })?;
        Ok(result(state, decides))
    }

    /// `start..end`, upwards or downwards by one.
    pub(super) fn iteration(&mut self, start: NodeId, end: NodeId) -> Outcome<'v> {
        let start = self.node(start);
        let end = self.node(end);
        let start = self.expect_number(start)?;
        let end = self.expect_number(end)?;
        let up = start < end;
        let step = if up { Decimal::ONE } else { Decimal::ONE.neg() };
        let mut values = Vec::new();
        let mut current = start;
        while if up { current <= end } else { current >= end } {
            self.charge(2 * cost::ITEM)?;
            self.check_count(values.len() + 1)?;
            values.push(Val::Number(current));
            let next = current.add(step)?;
            if next == current {
                return Err(Stop::abort("a range of numbers is too large to count"));
            }
            current = next;
        }
        self.new_list(values)
    }

    fn expect_number(&mut self, outcome: Outcome<'v>) -> Result<Decimal, Stop> {
        match outcome? {
            Val::Number(n) => Ok(n),
            other => Err(self.wrong_type("number", &other)),
        }
    }
}
