//! Values as text: the form of `string(..)` and of results (no quotes around a string of its own, quotes inside
//! lists and contexts) and the form used inside messages.

use crate::temporal::format;
use crate::value::Val;
use std::fmt::Write as _;

/// Characters of a value that a message shows.
const MESSAGE_CHARS_MAX: usize = 500;

/// The text of a value as `string(..)` gives it inside a list: strings are quoted.
pub(crate) fn text(value: &Val<'_>) -> String {
    let mut out = String::new();
    write_text(&mut out, value, usize::MAX);
    out
}

/// The text of a value for a message, cut where it is long.
pub(crate) fn message(value: &Val<'_>) -> String {
    let mut out = String::new();
    write_text(&mut out, value, MESSAGE_CHARS_MAX);
    if out.len() > MESSAGE_CHARS_MAX {
        let mut end = MESSAGE_CHARS_MAX;
        while !out.is_char_boundary(end) {
            end -= 1;
        }
        out.truncate(end);
        out.push_str("...");
    }
    out
}

/// Writes a value; stops opening lists and contexts once `limit` bytes are there.
fn write_text(out: &mut String, value: &Val<'_>, limit: usize) {
    if out.len() > limit {
        return;
    }
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(b) => {
            let _ = write!(out, "{b}");
        }
        Val::Number(n) => {
            let _ = write!(out, "{n}");
        }
        Val::Str(text) => {
            out.push('"');
            out.push_str(text.as_str());
            out.push('"');
        }
        Val::Date(v) => format::date(out, *v),
        Val::LocalTime(v) => format::local_time(out, *v),
        Val::Time(v) => format::time(out, v),
        Val::LocalDateTime(v) => format::local_date_time(out, *v),
        Val::DateTime(v) => format::date_time(out, v),
        Val::YearMonth(v) => format::year_month(out, *v),
        Val::DayTime(v) => format::day_time(out, *v),
        Val::List(list) => {
            out.push('[');
            for (i, item) in list.to_vec().iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_text(out, item, limit);
            }
            out.push(']');
        }
        Val::Context(context) => {
            out.push('{');
            for (i, (key, item)) in context.to_vec().iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                out.push_str(key.as_str());
                out.push(':');
                write_text(out, item, limit);
            }
            out.push('}');
        }
        Val::Range(range) => {
            out.push(if range.start.closed { '[' } else { '(' });
            write_text(out, &range.start.value, limit);
            out.push_str("..");
            write_text(out, &range.end.value, limit);
            out.push(if range.end.closed { ']' } else { ')' });
        }
        Val::Function(function) => {
            let _ = write!(out, "function({})", function.params().join(", "));
        }
    }
}
