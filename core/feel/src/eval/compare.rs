//! Equality and order.

use super::{Eval, Outcome};
use crate::ast::{Comparison, Name};
use crate::budget::{Meter, cost};
use crate::display::message;
use crate::error::{Stop, WarningKind};
use crate::program::{Node, NodeId};
use crate::value::{Context, KeyIndex, List, Text, Val};
use std::cmp::Ordering;

/// The answer of `=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Equality {
    Equal,
    Different,
    /// The values have different types.
    NotComparable,
}

impl<'v> Eval<'v> {
    pub(super) fn compare(&mut self, operator: Comparison, left: NodeId, right: NodeId) -> Outcome<'v> {
        let left = self.node(left);
        if let Err(Stop::Abort(message)) = left {
            return Err(Stop::Abort(message));
        }
        // A constant is compared in place.
        if let (Ok(left), Node::Constant(right)) = (&left, self.program.node(right)) {
            return self.compare_values(operator, left, right);
        }
        let right = self.node(right);
        if let Err(Stop::Abort(message)) = right {
            return Err(Stop::Abort(message));
        }
        match (operator, left, right) {
            (_, Ok(left), Ok(right)) => self.compare_values(operator, &left, &right),
            (Comparison::NotEqual, Err(stop), _) | (Comparison::NotEqual, _, Err(stop)) => {
                self.negated(Err(stop))
            }
            (_, Err(stop), _) | (_, _, Err(stop)) => Err(stop),
        }
    }

    #[inline]
    fn compare_values(&mut self, operator: Comparison, left: &Val<'v>, right: &Val<'v>) -> Outcome<'v> {
        match (left, right) {
            (Val::Number(x), Val::Number(y)) => return Ok(Val::Bool(holds(operator, x.cmp(y)))),
            (Val::Str(x), Val::Str(y)) if operator == Comparison::Equal => {
                return self.same_text(x.as_str(), y.as_str()).map(Val::Bool);
            }
            _ => {}
        }
        match operator {
            Comparison::Equal => self.check_equality(left, right),
            Comparison::NotEqual => {
                let outcome = self.check_equality(left, right);
                self.negated(outcome)
            }
            _ => self.ordered(operator, left, right),
        }
    }

    fn same_text(&mut self, x: &str, y: &str) -> Result<bool, Stop> {
        if x.len() != y.len() {
            return Ok(false);
        }
        self.charge(cost::copied(x.len()))?;
        Ok(x == y)
    }

    /// `=` with a warning and null where the values are not comparable.
    pub(super) fn check_equality(&mut self, left: &Val<'v>, right: &Val<'v>) -> Outcome<'v> {
        match self.equality(left, right)? {
            Equality::Equal => Ok(Val::Bool(true)),
            Equality::Different => Ok(Val::Bool(false)),
            Equality::NotComparable => {
                self.not_comparable(left, right);
                Ok(Val::Null)
            }
        }
    }

    #[cold]
    fn not_comparable(&mut self, left: &Val<'v>, right: &Val<'v>) {
        let text = format!("Can't compare '{}' with '{}'", message(left), message(right));
        self.warn(WarningKind::NotComparable, text);
    }

    /// Whether two values are equal; values of different types are not comparable.
    pub(crate) fn equality(&mut self, left: &Val<'v>, right: &Val<'v>) -> Result<Equality, Stop> {
        let equal = match (left, right) {
            (Val::Null, other) | (other, Val::Null) => other.is_null(),
            (Val::Number(x), Val::Number(y)) => x == y,
            (Val::Str(x), Val::Str(y)) => self.same_text(x.as_str(), y.as_str())?,
            (Val::List(x), Val::List(y)) => {
                let (x, y) = (self.open(x)?, self.open(y)?);
                x.len() == y.len() && self.deeper(|eval| eval.all_equal(x.iter().zip(y.iter())))?
            }
            (Val::Context(x), Val::Context(y)) => {
                let (x, y) = (self.entries(x)?, self.entries(y)?);
                if x.len() != y.len() {
                    return Ok(Equality::Different);
                }
                let Some(pairs) = pair_up(self, &x, &y)? else { return Ok(Equality::Different) };
                self.deeper(|eval| eval.all_equal(pairs.into_iter()))?
            }
            (Val::Range(_) | Val::Function(_), _) => return Ok(Equality::NotComparable),
            (x, y) if x.class() == y.class() => same_point(x, y),
            _ => return Ok(Equality::NotComparable),
        };
        Ok(if equal { Equality::Equal } else { Equality::Different })
    }

    fn all_equal<'a>(&mut self, pairs: impl Iterator<Item = (&'a Val<'v>, &'a Val<'v>)>) -> Result<bool, Stop>
    where
        'v: 'a,
    {
        for (x, y) in pairs {
            self.charge(cost::ITEM)?;
            if self.equality(x, y)? != Equality::Equal {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `<`, `<=`, `>`, `>=` with a warning and null where the values have no order between them.
    pub(super) fn ordered(&mut self, operator: Comparison, left: &Val<'v>, right: &Val<'v>) -> Outcome<'v> {
        if left.class() != right.class() || !self.is_comparable(left)? || !self.is_comparable(right)? {
            self.not_comparable(left, right);
            return Ok(Val::Null);
        }
        self.charge(cost::read(left.own_bytes().min(right.own_bytes())))?;
        let Some(order) = order(left, right) else {
            let text = format!("'{}' can not be compared to '{}'", message(left), message(right));
            return Err(Stop::abort(text));
        };
        Ok(Val::Bool(holds(operator, order)))
    }

    /// Whether a value has an order; of a list, whether its items have one common type with an order.
    pub(crate) fn is_comparable(&mut self, value: &Val<'v>) -> Result<bool, Stop> {
        Ok(match value {
            Val::List(list) => {
                let items = self.open(list)?;
                let Some((first, rest)) = items.split_first() else { return Ok(false) };
                rest.iter().all(|v| v.class() == first.class())
                    && self.deeper(|eval| eval.is_comparable(first))?
            }
            Val::Null | Val::Bool(_) | Val::Context(_) | Val::Range(_) | Val::Function(_) => false,
            _ => true,
        })
    }

    pub(super) fn instance_of(&mut self, value: NodeId, name: &Name) -> Outcome<'v> {
        let value = self.node(value)?;
        let own = value.type_name();
        Ok(Val::Bool(match name.as_ref() {
            "Any" => !value.is_null(),
            "date time" => own == "date and time",
            "year-month-duration" => own == "years and months duration",
            "day-time-duration" => own == "days and time duration",
            name => own == name,
        }))
    }
}

/// Whether an order satisfies an operator.
pub(super) fn holds(operator: Comparison, order: Ordering) -> bool {
    match operator {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// The order of two values of one class; `None` where the class has none.
pub(crate) fn order(left: &Val<'_>, right: &Val<'_>) -> Option<Ordering> {
    Some(match (left, right) {
        (Val::Number(x), Val::Number(y)) => x.cmp(y),
        (Val::Str(x), Val::Str(y)) => text_order(x.as_str(), y.as_str()),
        (Val::Date(x), Val::Date(y)) => x.cmp(y),
        (Val::LocalTime(x), Val::LocalTime(y)) => x.cmp(y),
        (Val::Time(x), Val::Time(y)) => x.utc_nanos().cmp(&y.utc_nanos()),
        (Val::LocalDateTime(x), Val::LocalDateTime(y)) => x.cmp(y),
        (Val::DateTime(x), Val::DateTime(y)) => x.cmp(y),
        (Val::YearMonth(x), Val::YearMonth(y)) => x.cmp(y),
        (Val::DayTime(x), Val::DayTime(y)) => x.cmp(y),
        _ => return None,
    })
}

/// Strings are ordered by their UTF-16 units, as the reference orders them.
fn text_order(x: &str, y: &str) -> Ordering {
    if x.is_ascii() || y.is_ascii() { x.cmp(y) } else { x.encode_utf16().cmp(y.encode_utf16()) }
}

type Entries<'v> = [(Text<'v>, Val<'v>)];
type Pairs<'a, 'v> = Vec<(&'a Val<'v>, &'a Val<'v>)>;

/// The values of two contexts of one size by their keys; `None` where the keys differ. In most pairs the keys stand in
/// one order; otherwise they are looked up.
fn pair_up<'a, 'v>(
    meter: &mut impl Meter,
    x: &'a Entries<'v>,
    y: &'a Entries<'v>,
) -> Result<Option<Pairs<'a, 'v>>, Stop> {
    meter.charge((x.len() + y.len()) as u64 * cost::ITEM)?;
    if x.iter().zip(y).all(|((a, _), (b, _))| a.as_str() == b.as_str()) {
        return Ok(Some(x.iter().zip(y).map(|((_, a), (_, b))| (a, b)).collect()));
    }
    let keys: usize = y.iter().map(|(key, _)| key.as_str().len()).sum();
    meter.charge(y.len() as u64 * 15 * cost::ITEM + cost::read(keys))?;
    let index = KeyIndex::build(y.len(), |at| y[at].0.as_str());
    let pairs = x.iter().map(|(key, value)| {
        let other = index.find(key.as_str(), |at| y[at].0.as_str())?;
        Some((value, &y[other].1))
    });
    Ok(pairs.collect())
}

/// Plain equality of two values that hold no others.
pub(crate) fn same_point(left: &Val<'_>, right: &Val<'_>) -> bool {
    match (left, right) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(x), Val::Bool(y)) => x == y,
        (Val::Number(x), Val::Number(y)) => x == y,
        (Val::Str(x), Val::Str(y)) => x.as_str() == y.as_str(),
        (Val::Date(x), Val::Date(y)) => x == y,
        (Val::LocalTime(x), Val::LocalTime(y)) => x == y,
        (Val::Time(x), Val::Time(y)) => x == y,
        (Val::LocalDateTime(x), Val::LocalDateTime(y)) => x == y,
        (Val::DateTime(x), Val::DateTime(y)) => x == y,
        (Val::YearMonth(x), Val::YearMonth(y)) => x == y,
        (Val::DayTime(x), Val::DayTime(y)) => x == y,
        _ => false,
    }
}

/// Plain equality of two values: no types are converted, nothing is reported. Every part is charged.
pub(crate) fn same(meter: &mut impl Meter, left: &Val<'_>, right: &Val<'_>) -> Result<bool, Stop> {
    meter.charge(cost::ITEM)?;
    match (left, right) {
        (Val::Str(x), Val::Str(y)) => {
            let (x, y) = (x.as_str(), y.as_str());
            if x.len() != y.len() {
                return Ok(false);
            }
            meter.charge(cost::copied(x.len()))?;
            Ok(x == y)
        }
        (Val::List(x), Val::List(y)) => same_lists(meter, x, y),
        (Val::Context(Context::Entries(x)), Val::Context(Context::Entries(y)))
            if x.is_literal() || y.is_literal() =>
        {
            Ok(std::sync::Arc::ptr_eq(x, y))
        }
        (Val::Context(Context::Entries(x)), Val::Context(_))
        | (Val::Context(_), Val::Context(Context::Entries(x)))
            if x.is_literal() =>
        {
            Ok(false)
        }
        (Val::Context(x), Val::Context(y)) => same_contexts(meter, x, y),
        (Val::Range(x), Val::Range(y)) => Ok(x.start.closed == y.start.closed
            && x.end.closed == y.end.closed
            && same_point(&x.start.value, &y.start.value)
            && same_point(&x.end.value, &y.end.value)),
        _ => Ok(same_point(left, right)),
    }
}

fn same_lists<'v>(meter: &mut impl Meter, x: &List<'v>, y: &List<'_>) -> Result<bool, Stop> {
    let (mut x, mut y) = (x.iter(), y.iter());
    loop {
        let (a, b) = match (x.next(), y.next()) {
            (Some(a), Some(b)) => (a, b),
            (a, b) => return Ok(a.is_none() && b.is_none()),
        };
        meter.charge(2 * cost::JSON_ITEM + cost::copied(a.own_bytes() + b.own_bytes()))?;
        if !same(meter, &a, &b)? {
            return Ok(false);
        }
    }
}

fn same_contexts(meter: &mut impl Meter, x: &Context<'_>, y: &Context<'_>) -> Result<bool, Stop> {
    let (x, y) = (opened(meter, x)?, opened(meter, y)?);
    if x.len() != y.len() {
        return Ok(false);
    }
    let Some(pairs) = pair_up(meter, &x, &y)? else { return Ok(false) };
    for (a, b) in pairs {
        if !same(meter, a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn opened<'v>(meter: &mut impl Meter, context: &Context<'v>) -> Result<Vec<(Text<'v>, Val<'v>)>, Stop> {
    let mut entries = Vec::new();
    for (key, value) in context.iter() {
        meter.charge(2 * cost::JSON_ITEM + cost::copied(key.as_str().len() + value.own_bytes()))?;
        entries.push((key, value));
    }
    Ok(entries)
}
