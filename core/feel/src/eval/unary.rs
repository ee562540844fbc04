//! Unary tests against the implicit input, and `in`.

use super::compare::holds;
use super::{Eval, Outcome, order, same};
use crate::ast::Comparison;
use crate::compile::INPUT_VARIABLE;
use crate::display::message;
use crate::error::{Stop, WarningKind};
use crate::program::NodeId;
use crate::value::{List, Val};

impl<'v> Eval<'v> {
    /// The implicit input, null with a warning where there is none.
    fn implicit_input(&mut self) -> Outcome<'v> {
        if let Some(input) = self.known_input()? {
            return Ok(input);
        }
        self.warn(WarningKind::NoVariableFound, "No input value found.".to_owned());
        Ok(Val::Null)
    }

    fn known_input(&mut self) -> Result<Option<Val<'v>>, Stop> {
        if self.input.is_some() {
            return Ok(self.input.clone());
        }
        self.variable(INPUT_VARIABLE)
    }

    pub(super) fn cell_input(&mut self) -> Outcome<'v> {
        if let Some(input) = self.known_input()? {
            return Ok(input);
        }
        let text = format!("No variable found with name '{INPUT_VARIABLE}'");
        self.warn(WarningKind::NoVariableFound, text);
        Ok(Val::Null)
    }

    /// `value in test`: the value is the input of the test.
    pub(super) fn in_test(&mut self, value: NodeId, test: NodeId) -> Outcome<'v> {
        let value = self.node(value)?;
        let outer = self.input.replace(value);
        let outcome = self.node(test);
        self.input = outer;
        outcome
    }

    pub(super) fn input_equals(&mut self, value: NodeId) -> Outcome<'v> {
        let input = self.implicit_input()?;
        let value = self.node(value)?;
        self.check_equality(&input, &value)
    }

    pub(super) fn input_compare(&mut self, operator: Comparison, value: NodeId) -> Outcome<'v> {
        let input = self.implicit_input()?;
        let value = self.node(value)?;
        self.ordered(operator, &input, &value)
    }

    pub(super) fn input_in(
        &mut self,
        start: NodeId,
        start_closed: bool,
        end: NodeId,
        end_closed: bool,
    ) -> Outcome<'v> {
        let start = self.node(start);
        let end = self.node(end);
        for outcome in [&start, &end] {
            if let Err(Stop::Abort(message)) = outcome {
                return Err(Stop::Abort(message.clone()));
            }
        }
        let input = self.implicit_input()?;
        if let (Ok(start), Ok(end)) = (&start, &end)
            && input.class() == start.class()
            && start.class() == end.class()
            && let (Some(low), Some(high)) = (order(&input, start), order(&input, end))
        {
            let above =
                holds(if start_closed { Comparison::GreaterOrEqual } else { Comparison::Greater }, low);
            let below = holds(if end_closed { Comparison::LessOrEqual } else { Comparison::Less }, high);
            return Ok(Val::Bool(above && below));
        }
        let shown = |outcome: &Outcome<'v>| outcome.as_ref().map_or("error".to_owned(), message);
        let text =
            format!("Can't compare '{}' with '{}' and '{}'", message(&input), shown(&start), shown(&end));
        self.warn(WarningKind::NotComparable, text);
        Ok(Val::Null)
    }

    /// An expression as a test: true, a list with the input, or the input itself.
    pub(super) fn test(&mut self, expression: NodeId) -> Outcome<'v> {
        let input = self.implicit_input()?;
        match self.node(expression) {
            Err(Stop::NoInput) => {
                // The expression uses `?`: evaluate it again with the input under that name.
                let outer = self.question.replace(input);
                let outcome = self.node(expression);
                self.question = outer;
                match outcome {
                    Ok(Val::Bool(b)) => Ok(Val::Bool(b)),
                    Err(Stop::Abort(message)) => Err(Stop::Abort(message)),
                    Ok(_) | Err(Stop::Error(_) | Stop::NoInput) => Ok(Val::Null),
                }
            }
            Ok(value) => self.test_value(&input, value),
            Err(Stop::Error(_)) => Ok(Val::Bool(false)),
            Err(stop) => Err(stop),
        }
    }

    /// Whether a list has an item that is the same as a value.
    pub(crate) fn contains(&mut self, list: &List<'v>, value: &Val<'v>) -> Result<bool, Stop> {
        for item in self.open(list)?.iter() {
            if same(self, item, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn test_value(&mut self, input: &Val<'v>, value: Val<'v>) -> Outcome<'v> {
        if let Val::Bool(true) = value {
            return Ok(value);
        }
        if let Val::List(list) = &value
            && self.contains(list, input)?
        {
            return Ok(Val::Bool(true));
        }
        let equal = self.check_equality(input, &value)?;
        Ok(match (equal, &value) {
            (Val::Bool(true), _) => Val::Bool(true),
            (_, Val::Bool(false) | Val::List(_)) => Val::Bool(false),
            (Val::Null, _) => Val::Null,
            _ => Val::Bool(false),
        })
    }
}
