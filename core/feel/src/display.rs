//! Values as text: the form of `string(..)` and of results (no quotes around a string of its own, quotes inside
//! lists and contexts) and the form used inside messages.

use crate::budget::{Free, Meter, cost};
use crate::error::{Stop, cut};
use crate::temporal::format;
use crate::value::Val;
use std::fmt::Write as _;

/// Bytes of a value that a message shows.
const MESSAGE_VALUE_BYTES_MAX: usize = 500;

/// The text of a value as `string(..)` gives it inside a list: strings are quoted. Every part is charged.
pub(crate) fn text(value: &Val<'_>, meter: &mut impl Meter) -> Result<String, Stop> {
    let mut out = String::new();
    write_text(&mut out, value, usize::MAX, meter)?;
    Ok(out)
}

/// The text of a value that holds no others.
pub(crate) fn scalar_text(value: &Val<'_>) -> String {
    text(value, &mut Free).unwrap_or_default()
}

/// The text of a value for a message, cut where it is long. Costs little whatever the value is.
pub(crate) fn message(value: &Val<'_>) -> String {
    let mut out = String::new();
    // Nothing here can fail.
    let _ = write_text(&mut out, value, MESSAGE_VALUE_BYTES_MAX, &mut Free);
    cut(&mut out, MESSAGE_VALUE_BYTES_MAX);
    out
}

/// The start of a text, for a message.
pub(crate) fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(MESSAGE_VALUE_BYTES_MAX)]
}

/// Writes a value; stops once more than `limit` bytes are there.
fn write_text(out: &mut String, value: &Val<'_>, limit: usize, meter: &mut impl Meter) -> Result<(), Stop> {
    if out.len() > limit {
        return Ok(());
    }
    let cut_short = limit != usize::MAX;
    match value {
        Val::Str(text) => {
            let text = text.as_str();
            let text = if cut_short { &text[..text.floor_char_boundary(limit + 1)] } else { text };
            meter.charge(cost::copied(text.len()))?;
            let _ = write!(out, "\"{text}\"");
        }
        Val::List(list) => {
            let list = if cut_short { list.head() } else { list.clone() };
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                meter.charge(cost::JSON_ITEM + cost::copied(item.own_bytes()))?;
                write_text(out, &item, limit, meter)?;
                if out.len() > limit {
                    break;
                }
            }
            out.push(']');
        }
        Val::Context(context) => {
            let context = if cut_short { context.head() } else { context.clone() };
            out.push('{');
            for (i, (key, item)) in context.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                let key = key.as_str();
                meter.charge(2 * cost::JSON_ITEM + cost::copied(key.len() + item.own_bytes()))?;
                out.push_str(key);
                out.push(':');
                write_text(out, &item, limit, meter)?;
                if out.len() > limit {
                    break;
                }
            }
            out.push('}');
        }
        Val::Range(range) => {
            out.push(if range.start.closed { '[' } else { '(' });
            write_text(out, &range.start.value, limit, meter)?;
            out.push_str("..");
            write_text(out, &range.end.value, limit, meter)?;
            out.push(if range.end.closed { ']' } else { ')' });
        }
        Val::Function(function) => {
            for (i, param) in function.params().iter().enumerate() {
                out.push_str(if i == 0 { "function(" } else { ", " });
                out.push_str(param);
            }
            out.push_str(if function.params().is_empty() { "function()" } else { ")" });
        }
        scalar => {
            meter.charge(cost::ALLOCATION)?;
            write_scalar(out, scalar);
        }
    }
    Ok(())
}

fn write_scalar(out: &mut String, value: &Val<'_>) {
    match value {
        Val::Bool(b) => {
            let _ = write!(out, "{b}");
        }
        Val::Number(n) => {
            let _ = write!(out, "{n}");
        }
        Val::Date(v) => format::date(out, *v),
        Val::LocalTime(v) => format::local_time(out, *v),
        Val::Time(v) => format::time(out, v),
        Val::LocalDateTime(v) => format::local_date_time(out, *v),
        Val::DateTime(v) => format::date_time(out, v),
        Val::YearMonth(v) => format::year_month(out, *v),
        Val::DayTime(v) => format::day_time(out, *v),
        _ => out.push_str("null"),
    }
}
