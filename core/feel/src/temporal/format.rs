//! Temporal values as text, in the two forms of the reference: FEEL text (`string(..)`) and ISO text (`to json(..)`).
//! Results carry durations and zoned times in the first form, date-times in the second.

use super::{Date, DateTime, DayTimeDuration, LocalDateTime, LocalTime, Time, YearMonthDuration};
use std::fmt::Write as _;

/// Four digits at least, a sign only where negative.
fn year_text(out: &mut String, year: i32) {
    if year < 0 {
        out.push('-');
    }
    let _ = write!(out, "{:04}", year.unsigned_abs());
}

fn month_day(out: &mut String, date: Date) {
    let _ = write!(out, "-{:02}-{:02}", date.month(), date.day());
}

/// A date; years beyond 9999 carry a plus sign.
pub(crate) fn date(out: &mut String, date: Date) {
    if date.year() > 9999 {
        out.push('+');
    }
    year_text(out, date.year());
    month_day(out, date);
}

/// `HH:MM:SS` and as many digits of the fraction as needed.
pub(crate) fn local_time(out: &mut String, time: LocalTime) {
    let _ = write!(out, "{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    if time.nanos() != 0 {
        let fraction = format!("{:09}", time.nanos());
        out.push('.');
        out.push_str(fraction.trim_end_matches('0'));
    }
}

pub(crate) fn local_date_time(out: &mut String, value: LocalDateTime) {
    year_text(out, value.date.year());
    month_day(out, value.date);
    out.push('T');
    local_time(out, value.time);
}

/// `Z`, `+HH:MM` or `+HH:MM:SS`.
pub(crate) fn offset_text(offset: i32) -> String {
    if offset == 0 {
        return "Z".to_owned();
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let n = offset.unsigned_abs();
    let mut out = format!("{sign}{:02}:{:02}", n / 3600, n / 60 % 60);
    if !n.is_multiple_of(60) {
        let _ = write!(out, ":{:02}", n % 60);
    }
    out
}

pub(crate) fn time(out: &mut String, value: &Time) {
    local_time(out, value.local);
    match &value.zone {
        Some(zone) => {
            out.push('@');
            out.push_str(zone.id());
        }
        None => out.push_str(&offset_text(value.offset)),
    }
}

pub(crate) fn date_time(out: &mut String, value: &DateTime) {
    local_date_time(out, value.local);
    match &value.zone {
        Some(zone) => {
            out.push('@');
            out.push_str(zone.id());
        }
        None => out.push_str(&offset_text(value.offset)),
    }
}

/// A local time as results carry it: seconds only where there are any, the fraction in groups of three digits.
pub(crate) fn short_time(out: &mut String, time: LocalTime) {
    let _ = write!(out, "{:02}:{:02}", time.hour(), time.minute());
    let nanos = time.nanos();
    if time.second() == 0 && nanos == 0 {
        return;
    }
    let _ = write!(out, ":{:02}", time.second());
    let _ = match nanos {
        0 => Ok(()),
        n if n.is_multiple_of(1_000_000) => write!(out, ".{:03}", n / 1_000_000),
        n if n.is_multiple_of(1_000) => write!(out, ".{:06}", n / 1_000),
        n => write!(out, ".{n:09}"),
    };
}

/// The ISO form of a zoned time: offset only.
pub(crate) fn time_iso(out: &mut String, value: &Time) {
    local_time(out, value.local);
    out.push_str(&offset_text(value.offset));
}

/// The ISO form of a zoned date-time: offset, then the zone in brackets.
pub(crate) fn date_time_iso(out: &mut String, value: &DateTime) {
    local_date_time_iso(out, value.local);
    out.push_str(&offset_text(value.offset));
    if let Some(zone) = &value.zone {
        let _ = write!(out, "[{}]", zone.id());
    }
}

pub(crate) fn local_date_time_iso(out: &mut String, value: LocalDateTime) {
    date(out, value.date);
    out.push('T');
    local_time(out, value.time);
}

pub(crate) fn year_month(out: &mut String, value: YearMonthDuration) {
    let (mut years, mut months) = (value.months() / 12, value.months() % 12);
    if years == 0 && months == 0 {
        out.push_str("P0Y");
        return;
    }
    if years <= 0 && months <= 0 {
        out.push('-');
        (years, months) = (-years, -months);
    }
    out.push('P');
    part(out, years, 'Y');
    part(out, months, 'M');
}

fn part(out: &mut String, n: i64, unit: char) {
    if n != 0 {
        let _ = write!(out, "{n}{unit}");
    }
}

/// Days, hours, minutes and seconds; fractions of a second are not shown, as in the reference.
pub(crate) fn day_time(out: &mut String, value: DayTimeDuration) {
    let s = value.seconds();
    let mut parts = [s / 86_400, s / 3600 % 24, s / 60 % 60, s % 60];
    if parts == [0; 4] {
        out.push_str("P0D");
        return;
    }
    if parts.iter().all(|p| *p <= 0) {
        out.push('-');
        parts = parts.map(|p| -p);
    }
    out.push('P');
    part(out, parts[0], 'D');
    if parts[1..] != [0; 3] {
        out.push('T');
        part(out, parts[1], 'H');
        part(out, parts[2], 'M');
        part(out, parts[3], 'S');
    }
}

/// The ISO form of a day-time duration: hours, minutes and seconds with their fraction (`PT26H0.5S`).
pub(crate) fn day_time_iso(out: &mut String, value: DayTimeDuration) {
    if value.is_zero() {
        out.push_str("PT0S");
        return;
    }
    let negative_fraction = value.seconds() < 0 && value.nanos() > 0;
    let total = value.seconds() + negative_fraction as i64;
    out.push_str("PT");
    part(out, total / 3600, 'H');
    part(out, total % 3600 / 60, 'M');
    let (second, nanos) = (total % 60, value.nanos());
    if second == 0 && nanos == 0 {
        return;
    }
    if negative_fraction && second == 0 {
        out.push('-');
    }
    let _ = write!(out, "{second}");
    if nanos > 0 {
        let shown = if negative_fraction { 1_000_000_000 - nanos } else { nanos };
        let fraction = format!("{shown:09}");
        out.push('.');
        out.push_str(fraction.trim_end_matches('0'));
    }
    out.push('S');
}

/// The ISO form of a year-month duration.
pub(crate) fn year_month_iso(out: &mut String, value: YearMonthDuration) {
    if value.months() == 0 {
        out.push_str("P0D");
        return;
    }
    out.push('P');
    part(out, value.months() / 12, 'Y');
    part(out, value.months() % 12, 'M');
}
