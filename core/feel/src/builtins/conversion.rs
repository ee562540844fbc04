//! Making values of one type from another: numbers, strings, temporal values and JSON.

use super::{Builtin, fixed, illegal};
use crate::budget::{Meter, cost};
use crate::display::{self, head};
use crate::error::Stop;
use crate::eval::{Eval, Outcome};
use crate::json;
use crate::number::{Decimal, Rounding};
use crate::temporal::zone::OFFSET_MAX;
use crate::temporal::{
    Date, DateTime, LocalDateTime, LocalTime, Time, YearMonthDuration, Zone, format, parse,
};
use crate::value::{Text, Val};
use std::sync::Arc;

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("date", &["from"], date).costing(cost::TEMPORAL),
    fixed("date", &["year", "month", "day"], date_of_parts).costing(cost::TEMPORAL),
    fixed("date and time", &["from"], date_time).costing(ZONED),
    fixed("date and time", &["date", "time"], date_time_of_parts).costing(ZONED),
    fixed("time", &["from"], time).costing(ZONED),
    fixed("time", &["hour", "minute", "second"], time_of_parts).costing(cost::TEMPORAL),
    fixed("time", &["hour", "minute", "second", "offset"], time_of_parts).costing(cost::TEMPORAL),
    fixed("number", &["from"], number),
    fixed("number", &["from", "grouping separator"], number).reading(),
    fixed("number", &["from", "grouping separator", "decimal separator"], number).reading(),
    fixed("string", &["from"], string),
    fixed("duration", &["from"], duration).costing(cost::TEMPORAL),
    fixed("years and months duration", &["from", "to"], years_and_months).costing(cost::TEMPORAL),
    fixed("from json", &["json"], from_json),
    fixed("to json", &["value"], to_json),
];

/// A longer text is no date, time, duration or zone; it is not looked at.
const TEMPORAL_BYTES_MAX: usize = 1_000;

/// The text, if it may be a temporal value's, else one that is none.
fn temporal<'a>(text: &'a Text<'_>) -> &'a str {
    if text.as_str().len() > TEMPORAL_BYTES_MAX { "" } else { text.as_str() }
}

/// Finding a zone and its rules.
const ZONED: u64 = 4 * cost::TEMPORAL;

/// The value, or an error that names the text it could not be read from.
fn parsed<'v>(value: Option<Val<'v>>, kind: &str, text: &str) -> Outcome<'v> {
    value.ok_or_else(|| Stop::error(format!("Failed to parse {kind} from '{}'", head(text))))
}

fn date<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Str(text)] => parsed(parse::date(temporal(text)).map(Val::Date), "date", text.as_str()),
        [Val::Date(date)] => Ok(Val::Date(*date)),
        [Val::LocalDateTime(t)] => Ok(Val::Date(t.date)),
        [Val::DateTime(t)] => Ok(Val::Date(t.local.date)),
        _ => illegal(args),
    }
}

fn date_of_parts<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Number(year), Val::Number(month), Val::Number(day)] = args else { return illegal(args) };
    let date = Date::of(year.int_value() as i64, month.int_value() as i64, day.int_value() as i64);
    date.map(Val::Date).ok_or_else(|| {
        Stop::error(format!("Failed to parse date from: year={year}, month={month}, day={day}"))
    })
}

fn date_time<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Str(text)] = args else { return illegal(args) };
    let (given, text) = (text.as_str(), temporal(text));
    let value = if parse::is_date(text) {
        parse::date(text).map(|date| Val::LocalDateTime(LocalDateTime { date, time: LocalTime::MIDNIGHT }))
    } else if parse::is_offset_date_time(text) {
        parse::date_time(text).map(|t| Val::DateTime(Arc::new(t)))
    } else if parse::is_local_date_time(text) {
        parse::local_date_time(text).map(Val::LocalDateTime)
    } else {
        None
    };
    parsed(value, "date-time", given)
}

fn date_time_of_parts<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let zone = |id: &Text<'v>| {
        Zone::by_id(temporal(id))
            .ok_or_else(|| Stop::abort(format!("unknown time zone '{}'", head(id.as_str()))))
    };
    let (date, time) = match args {
        [Val::LocalDateTime(t), Val::Str(id)] => {
            return Ok(Val::DateTime(Arc::new(DateTime::in_zone(*t, zone(id)?, None)?)));
        }
        [Val::DateTime(t), Val::Str(id)] => {
            let moved = DateTime::at_instant(t.instant(), t.local.time.nanos(), zone(id)?)?;
            return Ok(Val::DateTime(Arc::new(moved)));
        }
        [Val::Date(date), time] => (*date, time),
        [Val::LocalDateTime(t), time] => (t.date, time),
        [Val::DateTime(t), time] => (t.local.date, time),
        _ => return illegal(args),
    };
    match time {
        Val::LocalTime(time) => Ok(Val::LocalDateTime(LocalDateTime { date, time: *time })),
        Val::Time(time) => {
            let local = LocalDateTime { date, time: time.local };
            Ok(Val::DateTime(Arc::new(match &time.zone {
                Some(zone) => DateTime::in_zone(local, zone.clone(), None)?,
                None => DateTime::with_offset(local, time.offset),
            })))
        }
        _ => illegal(args),
    }
}

fn time<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Str(text)] => {
            let (given, text) = (text.as_str(), temporal(text));
            if parse::is_offset_time(text) {
                let now = eval.env.now_ms.div_euclid(1000);
                return parsed(parse::time(text, now).map(Val::Time), "time", given);
            }
            parsed(parse::local_time(text).map(Val::LocalTime), "local-time", given)
        }
        [Val::LocalDateTime(t)] => Ok(Val::LocalTime(t.time)),
        [Val::DateTime(t)] => {
            Ok(Val::Time(Time { local: t.local.time, offset: t.offset, zone: t.zone.clone() }))
        }
        [Val::Date(_)] => Ok(Val::Time(Time { local: LocalTime::MIDNIGHT, offset: 0, zone: None })),
        _ => illegal(args),
    }
}

/// Nanoseconds of the fraction of a second.
fn nanos(second: &Decimal) -> i64 {
    let whole = second.with_scale(0, Rounding::Down);
    second
        .sub(whole)
        .and_then(|fraction| fraction.mul(Decimal::from(1_000_000_000)))
        .map_or(0, |n| n.int_value() as i64)
}

fn time_of_parts<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Number(hour), Val::Number(minute), Val::Number(second), rest @ ..] = args else {
        return illegal(args);
    };
    let fraction = if matches!(rest, [Val::Null]) { 0 } else { nanos(second) };
    let local = LocalTime::of(
        hour.int_value() as i64,
        minute.int_value() as i64,
        second.int_value() as i64,
        fraction,
    );
    let failed =
        || Stop::error(format!("Failed to parse time from: hour={hour}, minute={minute}, second={second}"));
    match rest {
        [] | [Val::Null] => local.map(Val::LocalTime).ok_or_else(failed),
        [Val::DayTime(offset)] => {
            let seconds = offset.seconds() as i32;
            let offset = (-OFFSET_MAX..=OFFSET_MAX).contains(&seconds).then_some(seconds);
            match (local, offset) {
                (Some(local), Some(offset)) => Ok(Val::Time(Time { local, offset, zone: None })),
                _ => Err(failed()),
            }
        }
        _ => illegal(args),
    }
}

fn number<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let is_grouping = |s: &str| matches!(s, " " | "," | ".");
    let is_decimal = |s: &str| matches!(s, "," | ".");
    let text = match args {
        [Val::Str(text)] => return number_of(eval, text.as_str()),
        [Val::Str(text), Val::Str(grouping)] => {
            if !is_grouping(grouping.as_str()) {
                return Err(Stop::error("illegal argument for grouping. Must be one of ' ', ',' or '.'"));
            }
            text.as_str().replace(grouping.as_str(), "")
        }
        [Val::Str(text), Val::Str(grouping), Val::Str(decimal)] => {
            let (grouping, decimal) = (grouping.as_str(), decimal.as_str());
            if !is_grouping(grouping) || !is_decimal(decimal) || grouping == decimal {
                return Err(Stop::error(
                    "illegal arguments for grouping or decimal. Must be one of ' ' (grouping only), ',' or '.'",
                ));
            }
            text.as_str().replace(grouping, "").replace(decimal, ".")
        }
        [Val::Str(text), Val::Null, Val::Str(decimal)] if is_decimal(decimal.as_str()) => {
            text.as_str().replace(decimal.as_str(), ".")
        }
        [Val::Str(text), Val::Str(grouping), Val::Null] if is_grouping(grouping.as_str()) => {
            text.as_str().replace(grouping.as_str(), "")
        }
        _ => return illegal(args),
    };
    number_of(eval, &text)
}

/// The number that a text is. Reading stops, and costs nothing more, where it can be none.
fn number_of<'v>(eval: &mut Eval<'v>, text: &str) -> Outcome<'v> {
    let may_be = |b: &u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    let readable = text.bytes().position(|b| !may_be(&b)).unwrap_or(text.len());
    eval.charge(cost::ARITHMETIC + cost::read(readable))?;
    Decimal::parse(text.as_bytes())
        .map(Val::Number)
        .ok_or_else(|| Stop::error(format!("Can't parse '{}' as a number", head(text))))
}

fn string<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Null] => Ok(Val::Null),
        [value @ Val::Str(_)] => Ok(value.clone()),
        [value] => {
            let text = display::text(value, eval)?;
            eval.new_string(text)
        }
        _ => illegal(args),
    }
}

fn duration<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [Val::Str(text)] = args else { return illegal(args) };
    let (given, text) = (text.as_str(), temporal(text));
    if parse::is_year_month(text) {
        return parsed(parse::year_month(text).map(Val::YearMonth), "year-month-duration", given);
    }
    parsed(parse::day_time(text).map(Val::DayTime), "duration", given)
}

fn years_and_months<'v>(_: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let date = |value: &Val<'v>| match value {
        Val::Date(date) => Some(*date),
        Val::LocalDateTime(t) => Some(t.date),
        Val::DateTime(t) => Some(t.local.date),
        _ => None,
    };
    match args {
        [from, to] => match (date(from), date(to)) {
            (Some(from), Some(to)) => {
                Ok(Val::YearMonth(YearMonthDuration::of_months(from.months_until(to))?))
            }
            _ => illegal(args),
        },
        _ => illegal(args),
    }
}

fn from_json<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    match args {
        [Val::Null] => Ok(Val::Null),
        [Val::Str(text)] => {
            let text = text.as_str();
            eval.charge(cost::ALLOCATION + 2 * cost::read(text.len()))?;
            let value = json::first_value(text.as_bytes())
                .and_then(|value| Val::from_json(value).map(Val::into_owned));
            value.ok_or_else(|| Stop::error(format!("Failed to parse JSON from '{}'", head(text))))
        }
        _ => illegal(args),
    }
}

fn to_json<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let [value] = args else { return illegal(args) };
    let mut out = Vec::new();
    write_json(&mut out, value, eval)?;
    match String::from_utf8(out) {
        Ok(text) => eval.new_string(text),
        Err(_) => Err(Stop::error("Failed to convert value to JSON")),
    }
}

/// JSON with temporal values in their ISO form and numbers as they are written. Every part is charged.
fn write_json(out: &mut Vec<u8>, value: &Val<'_>, meter: &mut impl Meter) -> Result<(), Stop> {
    match value {
        Val::Number(n) => out.extend_from_slice(n.to_string().as_bytes()),
        Val::List(list) => {
            out.push(b'[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                meter.charge(2 * cost::JSON_ITEM + cost::copied(item.own_bytes()))?;
                write_json(out, &item, meter)?;
            }
            out.push(b']');
        }
        Val::Context(context) => {
            out.push(b'{');
            for (i, (key, item)) in context.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                let key = key.as_str();
                meter.charge(3 * cost::JSON_ITEM + cost::read(key.len()) + cost::copied(item.own_bytes()))?;
                json::write_string(out, key);
                out.push(b':');
                write_json(out, &item, meter)?;
            }
            out.push(b'}');
        }
        Val::Str(text) => {
            meter.charge(2 * cost::read(text.as_str().len()))?;
            json::write_string(out, text.as_str());
        }
        other => write_scalar(out, other),
    }
    Ok(())
}

fn write_scalar(out: &mut Vec<u8>, value: &Val<'_>) {
    let mut text = String::new();
    match value {
        Val::Date(d) => format::date(&mut text, *d),
        Val::LocalTime(t) => format::local_time(&mut text, *t),
        Val::Time(t) => format::time_iso(&mut text, t),
        Val::LocalDateTime(t) => format::local_date_time_iso(&mut text, *t),
        Val::DateTime(t) => format::date_time_iso(&mut text, t),
        Val::DayTime(d) => format::day_time_iso(&mut text, *d),
        Val::YearMonth(d) => format::year_month_iso(&mut text, *d),
        // What JSON has no form for is its text.
        Val::Range(_) | Val::Function(_) => text = display::scalar_text(value),
        other => other.write_json(out),
    }
    if !text.is_empty() {
        json::write_string(out, &text);
    }
}
