//! Time zones by name or by offset. The rules come from the bundled time zone data, never from the host.

use super::LocalDateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, civil};
use std::sync::Arc;

/// Largest offset from UTC in seconds.
pub(crate) const OFFSET_MAX: i32 = 18 * 3600;
/// Years the zone rules are defined for; others borrow the rules of a year with the same calendar.
const RULE_YEARS: std::ops::RangeInclusive<i32> = -9000..=9990;

/// A time zone as written (`Europe/Paris`, `UTC`, `+02:00`).
#[derive(Clone, Debug)]
pub struct Zone {
    id: Box<str>,
    rules: TimeZone,
    plain_offset: bool,
}

impl Zone {
    /// Coordinated universal time as an offset (`Z`).
    pub fn utc() -> Arc<Zone> {
        Arc::new(Zone { id: "Z".into(), rules: TimeZone::UTC, plain_offset: true })
    }

    /// A zone by its id: a region (`Europe/Paris`), an offset (`+02:00`, `Z`) or a prefixed offset (`UTC+02:00`).
    pub fn by_id(id: &str) -> Option<Arc<Zone>> {
        if id == "Z" {
            return Some(Zone::utc());
        }
        if id.starts_with(['+', '-']) {
            let offset = offset_id(id)?;
            return Some(Arc::new(Zone {
                id: super::format::offset_text(offset).into(),
                rules: fixed(offset)?,
                plain_offset: true,
            }));
        }
        for prefix in ["UTC", "GMT", "UT"] {
            let Some(rest) = id.strip_prefix(prefix) else { continue };
            if rest.is_empty() {
                return Some(Arc::new(Zone { id: id.into(), rules: TimeZone::UTC, plain_offset: false }));
            }
            if rest.starts_with(['+', '-']) {
                let offset = offset_id(rest)?;
                let id = if offset == 0 {
                    prefix.to_owned()
                } else {
                    format!("{prefix}{}", super::format::offset_text(offset))
                };
                return Some(Arc::new(Zone { id: id.into(), rules: fixed(offset)?, plain_offset: false }));
            }
        }
        region(id).map(|rules| Arc::new(Zone { id: id.into(), rules, plain_offset: false }))
    }

    /// A zone as it stands inside the text of a time: offsets have two digits each and colons between them there.
    pub(crate) fn in_text(id: &str) -> Option<Arc<Zone>> {
        let offset = id.find(['+', '-']).filter(|at| matches!(&id[..*at], "" | "UTC" | "GMT" | "UT"));
        let exact = |offset: &str| {
            let bytes = offset.as_bytes();
            matches!(bytes.len(), 6 | 9) && bytes[3] == b':' && bytes.get(6).is_none_or(|b| *b == b':')
        };
        if offset.is_some_and(|at| !exact(&id[at..])) {
            return None;
        }
        Zone::by_id(id)
    }

    /// The name the zone was given by.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the zone is only an offset, without rules.
    pub(crate) fn is_plain_offset(&self) -> bool {
        self.plain_offset
    }

    /// Seconds east of UTC at an instant.
    pub(crate) fn offset_at(&self, second: i64) -> i32 {
        const SECONDS_PER_400_YEARS: i64 = 146_097 * 86_400;
        let first = Timestamp::MIN.as_second();
        let last = Timestamp::MAX.as_second();
        let second = if second > last - SECONDS_PER_400_YEARS {
            last - 2 * SECONDS_PER_400_YEARS + (second - last).rem_euclid(SECONDS_PER_400_YEARS)
        } else {
            second.max(first)
        };
        Timestamp::from_second(second).map_or(0, |t| self.rules.to_offset(t).seconds())
    }

    /// The offset at an instant without daylight saving.
    pub(crate) fn standard_offset_at(&self, second: i64) -> i32 {
        let Ok(at) = Timestamp::from_second(second) else { return self.offset_at(second) };
        let info = self.rules.to_offset_info(at);
        if !info.dst().is_dst() {
            return info.offset().seconds();
        }
        // The nearest period without daylight saving tells the standard offset.
        self.rules
            .preceding(at)
            .find(|t| !t.dst().is_dst())
            .map_or_else(|| info.offset().seconds(), |t| t.offset().seconds())
    }

    /// The offset at a local time, and the seconds to jump forward where that local time does not exist.
    pub(crate) fn resolve(&self, local: LocalDateTime, preferred: Option<i32>) -> (i32, i32) {
        let year = local.date.year();
        let year = if RULE_YEARS.contains(&year) {
            year
        } else if year > 0 {
            9200 + year.rem_euclid(400)
        } else {
            -8000 + year.rem_euclid(400)
        };
        let t = local.time;
        let civil = civil::DateTime::new(
            year as i16,
            local.date.month() as i8,
            local.date.day() as i8,
            t.hour() as i8,
            t.minute() as i8,
            t.second() as i8,
            t.nanos() as i32,
        );
        let Ok(civil) = civil else { return (0, 0) };
        match self.rules.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset.seconds(), 0),
            AmbiguousOffset::Gap { before, after } => (after.seconds(), after.seconds() - before.seconds()),
            AmbiguousOffset::Fold { before, after } => {
                let keep_after = preferred == Some(after.seconds());
                (if keep_after { after.seconds() } else { before.seconds() }, 0)
            }
        }
    }
}

/// Zones of the bundled data that the reference does not know.
const UNKNOWN: [&str; 5] = ["EST", "MST", "HST", "ROC", "Factory"];

/// The rules of a region. Names are case sensitive here, unlike in the zone data's own lookup.
fn region(id: &str) -> Option<TimeZone> {
    if let Some(rules) = id.strip_prefix("SystemV/").and_then(system_v) {
        return TimeZone::posix(rules).ok();
    }
    let rules = TimeZone::get(id).ok()?;
    (rules.iana_name() == Some(id) && !UNKNOWN.contains(&id)).then_some(rules)
}

/// The zones named after System V: standard time the whole year, or daylight saving time between the last Sundays of
/// April and October.
fn system_v(name: &str) -> Option<&'static str> {
    Some(match name {
        "AST4" => "AST4",
        "AST4ADT" => "AST4ADT,M4.5.0,M10.5.0",
        "EST5" => "EST5",
        "EST5EDT" => "EST5EDT,M4.5.0,M10.5.0",
        "CST6" => "CST6",
        "CST6CDT" => "CST6CDT,M4.5.0,M10.5.0",
        "MST7" => "MST7",
        "MST7MDT" => "MST7MDT,M4.5.0,M10.5.0",
        "PST8" => "PST8",
        "PST8PDT" => "PST8PDT,M4.5.0,M10.5.0",
        "YST9" => "YST9",
        "YST9YDT" => "YST9YDT,M4.5.0,M10.5.0",
        "HST10" => "HST10",
        _ => return None,
    })
}

fn fixed(offset: i32) -> Option<TimeZone> {
    Offset::from_seconds(offset).ok().map(TimeZone::fixed)
}

/// An offset id as zones are named by: `+H`, `+HH`, `+HHMM`, `+HH:MM`, `+HH:MM:SS`.
fn offset_id(text: &str) -> Option<i32> {
    let (sign, body) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let two =
        |t: &str| (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<i32>().ok())?;
    let (h, m, s) = match body.len() {
        1 if body.as_bytes()[0].is_ascii_digit() => (body.parse().ok()?, 0, 0),
        2 => (two(body)?, 0, 0),
        4 => (two(body.get(..2)?)?, two(body.get(2..)?)?, 0),
        5 if body.as_bytes()[2] == b':' => (two(body.get(..2)?)?, two(body.get(3..)?)?, 0),
        6 => (two(body.get(..2)?)?, two(body.get(2..4)?)?, two(body.get(4..)?)?),
        8 if body.as_bytes()[2] == b':' && body.as_bytes()[5] == b':' => {
            (two(body.get(..2)?)?, two(body.get(3..5)?)?, two(body.get(6..)?)?)
        }
        _ => return None,
    };
    let seconds = h * 3600 + m * 60 + s;
    (m < 60 && s < 60 && seconds <= OFFSET_MAX).then_some(sign * seconds)
}
