//! Reading temporal text. Each kind has a shape that decides which kind a text is (as in the reference: `@"..."`
//! tries them in order) and a reader that checks the values.

use super::zone::{OFFSET_MAX, Zone};
use super::{
    Date, DateTime, DayTimeDuration, LocalDateTime, LocalTime, SECONDS_PER_DAY, Time, YearMonthDuration,
};
use std::sync::Arc;

/// A cursor over the bytes of a temporal text; readers advance only on success.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn eat(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Exactly `count` digits.
    fn fixed(&mut self, count: usize) -> Option<i64> {
        let text = self.rest.get(..count).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
        self.rest = &self.rest[count..];
        text.parse().ok()
    }

    /// One or more digits.
    fn digits(&mut self) -> Option<&'a str> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return None;
        }
        let (text, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some(text)
    }

    /// A letter in either case.
    fn eat_letter(&mut self, letter: char) -> bool {
        self.eat(letter) || self.eat(letter.to_ascii_lowercase())
    }

    /// A sign if there is one: 1 or -1.
    fn sign(&mut self) -> i128 {
        if self.eat('-') {
            return -1;
        }
        self.eat('+');
        1
    }

    /// `-12D` with a unit in either case: its value, if the text goes on with it; `None` where it is out of range.
    fn counted(&mut self, unit: char) -> Option<Option<i64>> {
        let before = *self;
        let sign = self.sign() as i64;
        if let Some(digits) = self.digits()
            && self.eat_letter(unit)
        {
            return Some(Some(sign * digits.parse::<i64>().ok()?));
        }
        *self = before;
        Some(None)
    }

    /// A year of 4 to 9 digits, month and day.
    fn date(&mut self) -> Option<Date> {
        let negative = self.eat('-');
        let year = self.digits()?;
        if !(4..=9).contains(&year.len()) {
            return None;
        }
        let year: i64 = year.parse().ok()?;
        let month = self.eat('-').then(|| self.fixed(2))??;
        let day = self.eat('-').then(|| self.fixed(2))??;
        Date::of(if negative { -year } else { year }, month, day)
    }

    /// `HH:MM[:SS[.fraction]]`; `seconds` says whether the seconds must be there.
    fn time(&mut self, seconds_required: bool, midnight_24: bool) -> Option<LocalTime> {
        let hour = self.fixed(2)?;
        let minute = self.eat(':').then(|| self.fixed(2))??;
        let mut second = 0;
        let mut nanos = 0;
        if self.rest.starts_with(':') {
            self.eat(':');
            second = self.fixed(2)?;
        } else if seconds_required {
            return None;
        }
        if self.eat('.') {
            let fraction = self.digits()?;
            if fraction.len() > 9 {
                return None;
            }
            nanos = format!("{fraction:0<9}").parse().ok()?;
        }
        if midnight_24 && (hour, minute, second, nanos) == (24, 0, 0, 0) {
            return Some(LocalTime::MIDNIGHT);
        }
        LocalTime::of(hour, minute, second, nanos)
    }

    /// `+HH:MM`, `-HH:MM` or `Z`, in seconds.
    fn offset(&mut self) -> Option<i32> {
        if self.eat('Z') {
            return Some(0);
        }
        let negative = match self.rest.as_bytes().first()? {
            b'+' => false,
            b'-' => true,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = self.fixed(2)? as i32;
        let minutes = self.eat(':').then(|| self.fixed(2))?? as i32;
        let seconds = hours * 3600 + minutes * 60;
        if minutes > 59 || seconds > OFFSET_MAX {
            return None;
        }
        Some(if negative { -seconds } else { seconds })
    }
}

/// A date, `2026-11-24`.
pub(crate) fn date(text: &str) -> Option<Date> {
    let mut cursor = Cursor { rest: text };
    let date = cursor.date()?;
    (cursor.rest.is_empty() && is_date(text)).then_some(date)
}

/// Whether a text has the shape of a date, also where there is no such day.
pub(crate) fn is_date(text: &str) -> bool {
    date_shape(text).is_some_and(str::is_empty)
}

/// The rest after something shaped like a date: beyond four digits a year has no leading zero.
fn date_shape(text: &str) -> Option<&str> {
    let mut cursor = Cursor { rest: text };
    cursor.eat('-');
    let year = cursor.digits()?;
    if !(4..=9).contains(&year.len()) || (year.len() > 4 && year.starts_with('0')) {
        return None;
    }
    let month = cursor.eat('-').then(|| cursor.fixed(2))??;
    let day = cursor.eat('-').then(|| cursor.fixed(2))??;
    (month < 20 && day < 40).then_some(cursor.rest)
}

/// A time without offset, with or without a leading `T`.
pub(crate) fn local_time(text: &str) -> Option<LocalTime> {
    let mut cursor = Cursor { rest: text.strip_prefix('T').unwrap_or(text) };
    let time = cursor.time(false, true)?;
    cursor.rest.is_empty().then_some(time)
}

/// Whether a text has the shape of a time with an offset or a zone.
pub(crate) fn is_offset_time(text: &str) -> bool {
    let mut cursor = Cursor { rest: text.strip_prefix('T').unwrap_or(text) };
    let shape = (|| {
        cursor.fixed(2)?;
        cursor.eat(':').then(|| cursor.fixed(2))??;
        cursor.eat(':').then(|| cursor.fixed(2))??;
        if cursor.eat('.') {
            cursor.digits().filter(|d| d.len() <= 9)?;
        }
        Some(())
    })();
    if shape.is_none() {
        return false;
    }
    if cursor.rest == "Z" || cursor.rest.starts_with('@') {
        return !cursor.rest.contains('\n');
    }
    let rest = cursor.rest.as_bytes();
    rest.len() == 6
        && matches!(rest[0], b'+' | b'-')
        && rest[3] == b':'
        && [1, 2, 4, 5].iter().all(|i| rest[*i].is_ascii_digit())
}

/// A time with an offset or a zone; `now` (seconds since 1970) decides a zone's standard offset.
pub(crate) fn time(text: &str, now: i64) -> Option<Time> {
    let mut cursor = Cursor { rest: text.strip_prefix('T').unwrap_or(text) };
    let local = cursor.time(false, true)?;
    if let Some(id) = cursor.rest.strip_prefix('@') {
        let zone = Zone::in_text(id)?;
        let offset = zone.standard_offset_at(now);
        let zone = (!zone.is_plain_offset()).then_some(zone);
        return Some(Time { local, offset, zone });
    }
    let offset = cursor.offset()?;
    cursor.rest.is_empty().then_some(Time { local, offset, zone: None })
}

/// The zone of a time text (`12:00:00@Europe/Paris`), if it names one.
pub(crate) fn names_zone(text: &str) -> bool {
    text.contains('@') || text.contains('[')
}

/// A date-time without offset.
pub(crate) fn local_date_time(text: &str) -> Option<LocalDateTime> {
    let mut cursor = Cursor { rest: text };
    let date = cursor.date()?;
    if !cursor.eat('T') {
        return None;
    }
    let time = cursor.time(false, false)?;
    cursor.rest.is_empty().then_some(LocalDateTime { date, time })
}

/// The rest after the shape of a date and a time.
fn date_time_shape(text: &str) -> Option<&str> {
    let mut cursor = Cursor { rest: date_shape(text)? };
    if !cursor.eat('T') {
        return None;
    }
    let hour = cursor.fixed(2)?;
    let minute = cursor.eat(':').then(|| cursor.fixed(2))??;
    if cursor.eat(':') && cursor.fixed(2)? > 59 {
        return None;
    }
    if cursor.eat('.') {
        cursor.digits().filter(|d| d.len() <= 9)?;
    }
    (hour < 30 && minute < 60).then_some(cursor.rest)
}

/// Whether a text has the shape of a date-time without offset.
pub(crate) fn is_local_date_time(text: &str) -> bool {
    date_time_shape(text).is_some_and(str::is_empty)
}

/// Whether a text has the shape of a date-time with an offset or a zone.
pub(crate) fn is_offset_date_time(text: &str) -> bool {
    let Some(rest) = date_time_shape(text) else { return false };
    if rest.starts_with('@') {
        return !rest.contains('\n');
    }
    let mut cursor = Cursor { rest };
    if !cursor.eat('Z') {
        let b = rest.as_bytes();
        let shaped = b.len() >= 6
            && matches!(b[0], b'+' | b'-')
            && matches!(b[1], b'0' | b'1')
            && b[2].is_ascii_digit()
            && b[3] == b':'
            && (b'0'..=b'5').contains(&b[4])
            && b[5].is_ascii_digit();
        if !shaped {
            return false;
        }
        cursor.rest = &rest[6..];
    }
    let rest = cursor.rest;
    rest.is_empty() || (rest.len() > 2 && rest.starts_with('[') && rest.ends_with(']'))
}

/// A date-time with an offset, a zone, or an offset and the zone in brackets.
pub(crate) fn date_time(text: &str) -> Option<DateTime> {
    let mut cursor = Cursor { rest: text };
    let date = cursor.date()?;
    if !cursor.eat('T') {
        return None;
    }
    let time = cursor.time(false, false)?;
    let local = LocalDateTime { date, time };
    if let Some(id) = cursor.rest.strip_prefix('@') {
        return DateTime::in_zone(local, Zone::in_text(id)?, None).ok();
    }
    let offset = cursor.offset()?;
    if cursor.rest.is_empty() {
        return Some(DateTime::with_offset(local, offset));
    }
    let id = cursor.rest.strip_prefix('[')?.strip_suffix(']')?;
    let zone: Arc<Zone> = Zone::in_text(id)?;
    // The offset fixes the instant; the zone decides how it is shown.
    DateTime::at_instant(local.epoch_second() - offset as i64, local.time.nanos(), zone).ok()
}

/// One signed part of a duration of years and months, `-12M`: its value, if the text goes on with it.
fn part(cursor: &mut Cursor<'_>, unit: char) -> Option<Option<i64>> {
    let before = *cursor;
    let negative = cursor.eat('-');
    let Some(digits) = cursor.digits() else {
        *cursor = before;
        return Some(None);
    };
    if !cursor.eat(unit) {
        *cursor = before;
        return Some(None);
    }
    let value: i64 = digits.parse().ok()?;
    Some(Some(if negative { -value } else { value }))
}

/// Whether a text has the shape of a duration of years and months.
pub(crate) fn is_year_month(text: &str) -> bool {
    let mut cursor = Cursor { rest: text.strip_prefix('-').unwrap_or(text) };
    if !cursor.eat('P') {
        return false;
    }
    for unit in ['Y', 'M'] {
        cursor.eat('-');
        let before = cursor;
        if cursor.digits().is_some() && !cursor.eat(unit) {
            cursor = before;
        }
    }
    cursor.rest.is_empty()
}

/// A duration of years and months, `P1Y2M`.
pub(crate) fn year_month(text: &str) -> Option<YearMonthDuration> {
    let negative = text.starts_with('-');
    let mut cursor = Cursor { rest: text.strip_prefix('-').unwrap_or(text) };
    if !cursor.eat('P') || cursor.rest.is_empty() {
        return None;
    }
    let years = part(&mut cursor, 'Y')?.unwrap_or(0);
    let months = part(&mut cursor, 'M')?.unwrap_or(0);
    if !cursor.rest.is_empty() || i32::try_from(years).is_err() || i32::try_from(months).is_err() {
        return None;
    }
    let total = years * 12 + months;
    YearMonthDuration::of_months(if negative { -total } else { total }).ok()
}

/// A duration of days and time, `P1DT2H3M4.5S`, in all forms that the reference's library reads: letters of either
/// case, signs before the whole and before each part, a comma before the fraction.
pub(crate) fn day_time(text: &str) -> Option<DayTimeDuration> {
    let mut cursor = Cursor { rest: text };
    let sign = cursor.sign();
    if !cursor.eat_letter('P') || cursor.rest.is_empty() {
        return None;
    }
    let days = cursor.counted('D')?.unwrap_or(0);
    let mut seconds = (days as i128) * SECONDS_PER_DAY as i128;
    let mut nanos = 0;
    if cursor.eat_letter('T') {
        if cursor.rest.is_empty() {
            return None;
        }
        seconds += cursor.counted('H')?.unwrap_or(0) as i128 * 3600;
        seconds += cursor.counted('M')?.unwrap_or(0) as i128 * 60;
        if !cursor.rest.is_empty() {
            let sign = cursor.sign();
            let whole: i64 = cursor.digits()?.parse().ok()?;
            if cursor.eat('.') || cursor.eat(',') {
                let digits = cursor.digits().unwrap_or("");
                if digits.len() > 9 {
                    return None;
                }
                nanos = sign * format!("{digits:0<9}").parse::<i128>().ok()?;
            }
            if !cursor.eat_letter('S') {
                return None;
            }
            seconds += sign * whole as i128;
        }
    }
    if !cursor.rest.is_empty() {
        return None;
    }
    DayTimeDuration::of_nanos(sign * (seconds * 1_000_000_000 + nanos)).ok()
}

/// Whether a text after `@` could be a duration of days and time (its reader decides): there the letters are upper
/// case and no part has a plus sign.
pub(crate) fn is_day_time(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    text.starts_with('P') && !text.contains(|c: char| c == '+' || c == 'Y' || c.is_ascii_lowercase())
}
