//! Arithmetic over numbers, strings, temporal values and durations.

use super::{Eval, Outcome};
use crate::ast::Arithmetic;
use crate::budget::cost;
use crate::display::message;
use crate::error::{Stop, WarningKind};
use crate::number::{ArithmeticError, Decimal};
use crate::program::{Node, NodeId};
use crate::temporal::{Date, YearMonthDuration};
use crate::temporal::{DayTimeDuration, LocalDateTime, LocalTime, NANOS_PER_SECOND, TemporalOverflow};
use crate::value::{Text, Val};
use std::sync::Arc;

impl<'v> Eval<'v> {
    /// A chain of operators of one precedence, from left to right.
    pub(super) fn arithmetic(&mut self, first: NodeId, rest: &[(Arithmetic, NodeId)]) -> Outcome<'v> {
        let mut left = self.node(first);
        for (operator, right) in rest {
            if let (Ok(Val::Number(x)), Node::Constant(Val::Number(y))) = (&left, self.program.node(*right))
                && !(y.is_zero() && *operator == Arithmetic::Divide)
            {
                let units = units_of(*operator);
                let (x, y) = (*x, *y);
                self.charge(units)?;
                left = Ok(Val::Number(compute(*operator, x, y)?));
                continue;
            }
            // Both operands are evaluated before an error value of the left one counts.
            let right = self.node(*right);
            if let Err(Stop::Abort(message)) = right {
                return Err(Stop::Abort(message));
            }
            let outcome = left.and_then(|left| match (operator, &left) {
                // The left operand of a power is checked before the right one counts.
                (Arithmetic::Power, Val::Number(_)) => self.operate(*operator, left, right?),
                (Arithmetic::Power, _) => Err(self.wrong_type("number", &left)),
                _ => self.operate(*operator, left, right?),
            });
            left = Ok(Self::or_null(outcome)?);
        }
        left
    }

    fn operate(&mut self, operator: Arithmetic, left: Val<'v>, right: Val<'v>) -> Outcome<'v> {
        if let (Val::Number(x), Val::Number(y)) = (&left, &right) {
            if y.is_zero() && operator == Arithmetic::Divide {
                return Err(self.cannot("divide", "by", &left, &right));
            }
            self.charge(units_of(operator))?;
            return Ok(Val::Number(compute(operator, *x, *y)?));
        }
        match operator {
            Arithmetic::Add => self.add(left, right),
            Arithmetic::Subtract => self.subtract(left, right),
            Arithmetic::Multiply => self.multiply(left, right),
            Arithmetic::Divide => self.divide(left, right),
            Arithmetic::Power => {
                let wrong = if matches!(left, Val::Number(_)) { right } else { left };
                Err(self.wrong_type("number", &wrong))
            }
        }
    }

    #[cold]
    fn cannot(&mut self, verb: &str, preposition: &str, left: &Val<'v>, right: &Val<'v>) -> Stop {
        // "add y to x" and "subtract y from x", but "multiply x by y".
        let (a, b) = if preposition == "by" { (left, right) } else { (right, left) };
        let text = format!("Can't {verb} '{}' {preposition} '{}'", message(a), message(b));
        self.error(WarningKind::InvalidType, text)
    }

    fn add(&mut self, left: Val<'v>, right: Val<'v>) -> Outcome<'v> {
        self.charge(cost::ARITHMETIC)?;
        Ok(match (&left, &right) {
            (Val::Str(x), Val::Str(y)) => return self.concatenate(x, y),
            (Val::YearMonth(x), Val::YearMonth(y)) => {
                Val::YearMonth(YearMonthDuration::of_months(x.months() + y.months())?)
            }
            (Val::DayTime(x), Val::DayTime(y)) => Val::DayTime(x.plus(*y)?),
            (point, Val::DayTime(d)) | (Val::DayTime(d), point) if is_point(point) => plus(point, *d)?,
            (point, Val::YearMonth(d)) | (Val::YearMonth(d), point) if has_date(point) => {
                plus_months(point, d.months())?
            }
            _ => return Err(self.cannot("add", "to", &left, &right)),
        })
    }

    fn concatenate(&mut self, left: &Text<'v>, right: &Text<'v>) -> Outcome<'v> {
        self.check_string(left.as_str().len() + right.as_str().len())?;
        let mut text = String::with_capacity(left.as_str().len() + right.as_str().len());
        text.push_str(left.as_str());
        text.push_str(right.as_str());
        Ok(Val::Str(Text::from(text)))
    }

    fn subtract(&mut self, left: Val<'v>, right: Val<'v>) -> Outcome<'v> {
        self.charge(cost::ARITHMETIC)?;
        Ok(match (&left, &right) {
            (Val::LocalTime(x), Val::LocalTime(y)) => {
                Val::DayTime(DayTimeDuration::of(0, x.0 as i64 - y.0 as i64))
            }
            // The distance between two zoned times has no sign in the reference.
            (Val::Time(x), Val::Time(y)) => {
                Val::DayTime(DayTimeDuration::of(0, (x.utc_nanos() - y.utc_nanos()).abs()))
            }
            (Val::LocalDateTime(x), Val::LocalDateTime(y)) => Val::DayTime(x.since(*y)),
            (Val::DateTime(x), Val::DateTime(y)) => Val::DayTime(x.since(y)),
            (Val::Date(x), Val::Date(y)) => {
                Val::DayTime(DayTimeDuration::of((x.epoch_day() - y.epoch_day()) * 86_400, 0))
            }
            (Val::YearMonth(x), Val::YearMonth(y)) => {
                Val::YearMonth(YearMonthDuration::of_months(x.months() - y.months())?)
            }
            (Val::DayTime(x), Val::DayTime(y)) => Val::DayTime(x.plus(y.negated()?)?),
            (point, Val::DayTime(d)) if is_point(point) => plus(point, d.negated()?)?,
            (point, Val::YearMonth(d)) if has_date(point) => plus_months(point, -d.months())?,
            _ => return Err(self.cannot("subtract", "from", &left, &right)),
        })
    }

    fn multiply(&mut self, left: Val<'v>, right: Val<'v>) -> Outcome<'v> {
        Ok(match (&left, &right) {
            (Val::Number(n), Val::YearMonth(d)) | (Val::YearMonth(d), Val::Number(n)) => {
                Val::YearMonth(d.times(n.int_value())?)
            }
            (Val::Number(n), Val::DayTime(d)) | (Val::DayTime(d), Val::Number(n)) => {
                Val::DayTime(d.times(n.int_value())?)
            }
            _ => return Err(self.cannot("multiply", "by", &left, &right)),
        })
    }

    fn divide(&mut self, left: Val<'v>, right: Val<'v>) -> Outcome<'v> {
        self.charge(cost::ARITHMETIC)?;
        Ok(match (&left, &right) {
            (Val::YearMonth(d), Val::Number(n)) if !n.is_zero() => {
                let months = Decimal::from(d.months()).div(*n)?.int_value();
                Val::YearMonth(YearMonthDuration::of_months(months as i64)?)
            }
            // Quotients of durations are whole numbers in the reference.
            (Val::YearMonth(x), Val::YearMonth(y)) if y.months() != 0 => {
                Val::integer(x.months() / y.months())
            }
            (Val::DayTime(x), Val::DayTime(y)) if !y.is_zero() => {
                let divisor = y.millis()?;
                if divisor == 0 {
                    return Err(Stop::abort("division by zero"));
                }
                Val::integer(x.millis()?.wrapping_div(divisor))
            }
            (Val::DayTime(d), Val::Number(n)) if !n.is_zero() => {
                let millis = Decimal::from(d.millis()?).div(*n)?.int_value() as i64;
                Val::DayTime(DayTimeDuration::of(
                    millis.div_euclid(1000),
                    millis.rem_euclid(1000) * (NANOS_PER_SECOND as i64 / 1000),
                ))
            }
            _ => return Err(self.cannot("divide", "by", &left, &right)),
        })
    }

    pub(super) fn negate(&mut self, value: NodeId) -> Outcome<'v> {
        let outcome = self.node(value).and_then(|value| match value {
            Val::Number(n) => Ok(Val::Number(n.neg())),
            other => Err(self.wrong_type("number", &other)),
        });
        Self::or_null(outcome)
    }
}

/// What an operation on numbers costs beside its node.
fn units_of(operator: Arithmetic) -> u64 {
    match operator {
        Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply => cost::ITEM,
        Arithmetic::Divide => cost::ARITHMETIC,
        Arithmetic::Power => cost::TRANSCENDENTAL,
    }
}

/// An operation on numbers; the divisor is not zero.
fn compute(operator: Arithmetic, x: Decimal, y: Decimal) -> Result<Decimal, ArithmeticError> {
    match operator {
        Arithmetic::Add => x.add(y),
        Arithmetic::Subtract => x.sub(y),
        Arithmetic::Multiply => x.mul(y),
        Arithmetic::Divide => x.div(y),
        Arithmetic::Power if y.is_whole() => x.pow(y.int_value()),
        Arithmetic::Power => Decimal::from_f64(x.to_f64().powf(y.to_f64())),
    }
}

/// Values a day-time duration can be added to.
fn is_point(value: &Val<'_>) -> bool {
    has_date(value) || matches!(value, Val::LocalTime(_) | Val::Time(_))
}

fn has_date(value: &Val<'_>) -> bool {
    matches!(value, Val::Date(_) | Val::LocalDateTime(_) | Val::DateTime(_))
}

fn plus<'v>(point: &Val<'v>, duration: DayTimeDuration) -> Result<Val<'v>, TemporalOverflow> {
    Ok(match point {
        Val::Date(d) => Val::Date(at_midnight(*d).plus(duration)?.date),
        Val::LocalDateTime(t) => Val::LocalDateTime(t.plus(duration)?),
        Val::DateTime(t) => Val::DateTime(Arc::new(t.plus(duration)?)),
        Val::LocalTime(t) => Val::LocalTime(t.plus(duration)),
        Val::Time(t) => Val::Time(t.plus(duration)),
        other => other.clone(),
    })
}

fn plus_months<'v>(point: &Val<'v>, months: i64) -> Result<Val<'v>, TemporalOverflow> {
    Ok(match point {
        Val::Date(d) => Val::Date(d.plus_months(months)?),
        Val::LocalDateTime(t) => Val::LocalDateTime(t.plus_months(months)?),
        Val::DateTime(t) => Val::DateTime(Arc::new(t.plus_months(months)?)),
        other => other.clone(),
    })
}

fn at_midnight(date: Date) -> LocalDateTime {
    LocalDateTime { date, time: LocalTime::MIDNIGHT }
}
