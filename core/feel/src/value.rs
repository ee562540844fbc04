//! Values of FEEL. A `Val<'v>` may borrow text from variables and programs for the time of an evaluation; `Value` is
//! the owned form that leaves it. Lists and contexts that come from JSON stay JSON until they are opened.
//!
//! Invariants: a value is immutable; nesting and total size of every list and context built here are bounded by the
//! limits it was built under, so recursion over values is bounded as well.

mod containers;
mod function;
mod keys;

use crate::budget::{Meter, cost};
use crate::error::Stop;
use crate::json;
use crate::number::Decimal;
use crate::temporal::{
    Date, DateTime, DayTimeDuration, LocalDateTime, LocalTime, Time, YearMonthDuration, format,
};
use std::sync::Arc;

pub use containers::{Context, List};
pub(crate) use containers::{Items, Raw};
pub use function::Function;
pub(crate) use function::{FunctionKind, measure as measure_captured};
pub(crate) use keys::{INDEXED_MIN, KeyIndex};

/// An owned value.
pub type Value = Val<'static>;

/// Text, borrowed where that is possible.
#[derive(Clone, Debug)]
pub enum Text<'v> {
    /// Part of a variable or of the expression.
    Borrowed(&'v str),
    /// Text made during an evaluation.
    Shared(Arc<str>),
}

impl Text<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Shared(text) => text,
        }
    }

    pub(crate) fn into_owned(self) -> Text<'static> {
        match self {
            Text::Borrowed(text) => Text::Shared(text.into()),
            Text::Shared(text) => Text::Shared(text),
        }
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Text::Shared(text.into())
    }
}

/// One end of a range.
#[derive(Clone, Debug)]
pub struct Boundary<'v> {
    /// The value at the end.
    pub value: Val<'v>,
    /// Whether the value belongs to the range.
    pub closed: bool,
}

/// A range of numbers or temporal values.
#[derive(Clone, Debug)]
pub struct Range<'v> {
    /// The lower end.
    pub start: Boundary<'v>,
    /// The upper end.
    pub end: Boundary<'v>,
}

/// A FEEL value.
#[derive(Clone, Debug)]
pub enum Val<'v> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A decimal number.
    Number(Decimal),
    /// Text.
    Str(Text<'v>),
    /// A calendar date.
    Date(Date),
    /// A time of day without offset.
    LocalTime(LocalTime),
    /// A time of day with offset or zone.
    Time(Time),
    /// A date and time without offset.
    LocalDateTime(LocalDateTime),
    /// A date and time with offset or zone.
    DateTime(Arc<DateTime>),
    /// A duration of years and months.
    YearMonth(YearMonthDuration),
    /// A duration of days, hours, minutes and seconds.
    DayTime(DayTimeDuration),
    /// A list.
    List(List<'v>),
    /// A context: keys with values.
    Context(Context<'v>),
    /// A range.
    Range(Arc<Range<'v>>),
    /// A function.
    Function(Arc<Function>),
}

impl<'v> Val<'v> {
    /// A value from valid JSON text, which must not have blanks around it. `None` where the text is no JSON value.
    pub(crate) fn from_raw(raw: Raw<'v>) -> Option<Val<'v>> {
        Some(match raw.bytes().first()? {
            b'"' => match &raw {
                Raw::Borrowed(bytes) => Val::Str(match json::unescape(bytes)? {
                    std::borrow::Cow::Borrowed(text) => Text::Borrowed(text),
                    std::borrow::Cow::Owned(text) => Text::from(text),
                }),
                Raw::Shared(..) => Val::Str(Text::Shared(json::unescape(raw.bytes())?.into())),
            },
            b'{' => Val::Context(Context::Json(raw)),
            b'[' => Val::List(List::Json(raw)),
            b'n' => Val::Null,
            b't' => Val::Bool(true),
            b'f' => Val::Bool(false),
            _ => Val::Number(Decimal::parse(raw.bytes())?),
        })
    }

    /// The value of a JSON text.
    pub fn from_json(text: &'v [u8]) -> Option<Val<'v>> {
        Val::from_raw(Raw::Borrowed(json::trimmed(text)))
    }

    /// A string value.
    pub fn string(text: impl Into<Arc<str>>) -> Val<'v> {
        Val::Str(Text::Shared(text.into()))
    }

    /// A number from an integer.
    pub fn integer(n: i64) -> Val<'v> {
        Val::Number(Decimal::from(n))
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Val::Null)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Val::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Val::Str(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Val::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// The number as an integer, if it is a whole one in range.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_decimal().and_then(Decimal::to_i64)
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&List<'v>> {
        match self {
            Val::List(list) => Some(list),
            _ => None,
        }
    }

    /// The name of the type as `instance of` and error messages know it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Val::Null => "null",
            Val::Bool(_) => "boolean",
            Val::Number(_) => "number",
            Val::Str(_) => "string",
            Val::Date(_) => "date",
            Val::LocalTime(_) | Val::Time(_) => "time",
            Val::LocalDateTime(_) | Val::DateTime(_) => "date and time",
            Val::YearMonth(_) => "years and months duration",
            Val::DayTime(_) => "days and time duration",
            Val::List(_) => "list",
            Val::Context(_) => "context",
            Val::Range(_) => "range",
            Val::Function(_) => "function",
        }
    }

    /// A number per variant: two values are of one class where these are equal.
    pub(crate) fn class(&self) -> u8 {
        match self {
            Val::Null => 0,
            Val::Bool(_) => 1,
            Val::Number(_) => 2,
            Val::Str(_) => 3,
            Val::Date(_) => 4,
            Val::LocalTime(_) => 5,
            Val::Time(_) => 6,
            Val::LocalDateTime(_) => 7,
            Val::DateTime(_) => 8,
            Val::YearMonth(_) => 9,
            Val::DayTime(_) => 10,
            Val::List(_) => 11,
            Val::Context(_) => 12,
            Val::Range(_) => 13,
            Val::Function(_) => 14,
        }
    }

    /// Bytes this value stands for, roughly: what writing it out would take.
    pub(crate) fn weight(&self) -> u64 {
        match self {
            Val::Str(text) => text.as_str().len() as u64 + 8,
            Val::List(list) => list.weight(),
            Val::Context(context) => context.weight(),
            Val::Range(range) => range.start.value.weight() + range.end.value.weight(),
            Val::Function(function) => function.weight(),
            _ => 16,
        }
    }

    /// Bytes that reading or writing this value touches, without what is built of other values.
    pub(crate) fn own_bytes(&self) -> usize {
        match self {
            Val::Str(text) => text.as_str().len(),
            Val::List(List::Json(raw)) | Val::Context(Context::Json(raw)) => raw.bytes().len(),
            _ => 0,
        }
    }

    /// Levels of lists and contexts inside this value; JSON that was not opened counts as one.
    pub(crate) fn nesting(&self) -> u16 {
        match self {
            Val::List(list) => list.nesting(),
            Val::Context(context) => context.nesting(),
            Val::Range(range) => range.start.value.nesting().max(range.end.value.nesting()).saturating_add(1),
            Val::Function(function) => function.nesting(),
            _ => 0,
        }
    }

    /// The value without any borrowed part.
    pub fn into_owned(self) -> Value {
        match self {
            Val::Null => Val::Null,
            Val::Bool(b) => Val::Bool(b),
            Val::Number(n) => Val::Number(n),
            Val::Str(text) => Val::Str(text.into_owned()),
            Val::Date(v) => Val::Date(v),
            Val::LocalTime(v) => Val::LocalTime(v),
            Val::Time(v) => Val::Time(v),
            Val::LocalDateTime(v) => Val::LocalDateTime(v),
            Val::DateTime(v) => Val::DateTime(v),
            Val::YearMonth(v) => Val::YearMonth(v),
            Val::DayTime(v) => Val::DayTime(v),
            Val::List(list) => Val::List(list.into_owned()),
            Val::Context(context) => Val::Context(context.into_owned()),
            Val::Range(range) => Val::Range(Arc::new(Range {
                start: Boundary { value: range.start.value.clone().into_owned(), closed: range.start.closed },
                end: Boundary { value: range.end.value.clone().into_owned(), closed: range.end.closed },
            })),
            Val::Function(function) => Val::Function(function),
        }
    }

    /// Charges what writing the value as JSON takes, part by part.
    pub(crate) fn charge_writing(&self, meter: &mut impl Meter) -> Result<(), Stop> {
        match self {
            Val::Null | Val::Bool(_) | Val::Range(_) | Val::Function(_) => Ok(()),
            Val::Number(_) => meter.charge(cost::ALLOCATION),
            Val::Str(text) => {
                meter.charge(cost::ALLOCATION + 2 * cost::copied(text.as_str().len()))?;
                meter.charge(cost::read(2 * json::escapes(text.as_str())))
            }
            Val::List(List::Json(raw)) | Val::Context(Context::Json(raw)) => {
                meter.charge(cost::copied(raw.bytes().len()))
            }
            Val::List(List::Items(items)) => {
                meter.charge(items.len() as u64 * cost::ITEM)?;
                items.iter().try_for_each(|item| item.charge_writing(meter))
            }
            Val::Context(Context::Entries(data)) => {
                for (key, value) in data.entries() {
                    meter.charge(cost::ITEM + cost::read(key.as_str().len()))?;
                    value.charge_writing(meter)?;
                }
                Ok(())
            }
            _ => meter.charge(cost::TEMPORAL),
        }
    }

    /// Writes the value as JSON, in the form the reference stores results in: numbers with every digit, durations as
    /// FEEL shows them, date-times as ISO text, ranges and functions as null. JSON that was never opened is copied as
    /// it came.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Val::Null | Val::Range(_) | Val::Function(_) => out.extend_from_slice(b"null"),
            Val::Bool(true) => out.extend_from_slice(b"true"),
            Val::Bool(false) => out.extend_from_slice(b"false"),
            Val::Number(n) => n.write_json(out),
            Val::Str(text) => json::write_string(out, text.as_str()),
            Val::List(List::Json(raw)) | Val::Context(Context::Json(raw)) => {
                out.extend_from_slice(raw.bytes())
            }
            Val::List(List::Items(items)) => {
                out.push(b'[');
                for (i, item) in items.values().iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    item.write_json(out);
                }
                out.push(b']');
            }
            Val::Context(Context::Entries(data)) => {
                out.push(b'{');
                for (i, (key, value)) in data.entries().iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    json::write_string(out, key.as_str());
                    out.push(b':');
                    value.write_json(out);
                }
                out.push(b'}');
            }
            temporal => {
                let mut text = String::new();
                temporal.write_temporal(&mut text);
                json::write_string(out, &text);
            }
        }
    }

    /// The stored text of a temporal value; nothing for other values.
    fn write_temporal(&self, out: &mut String) {
        match self {
            Val::Date(v) => format::date(out, *v),
            Val::LocalTime(v) => format::short_time(out, *v),
            Val::Time(v) => format::time(out, v),
            Val::LocalDateTime(v) => format::local_date_time_iso(out, *v),
            Val::DateTime(v) => format::date_time_iso(out, v),
            Val::YearMonth(v) => format::year_month(out, *v),
            Val::DayTime(v) => format::day_time(out, *v),
            _ => {}
        }
    }
}
