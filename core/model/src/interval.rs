//! Spans of time and repeated spans, as timers have them: ISO 8601 as Java reads it.

use ringbolt_feel::DateTime;

/// A span with a calendar part and an exact part. Each part has its own sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// Months of the calendar; a year is twelve.
    pub months: i64,
    /// Days of the calendar; a week is seven.
    pub days: i64,
    /// Milliseconds; what is finer is cut.
    pub millis: i64,
}

/// A span that comes again.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    /// How often; [`Repeated::ENDLESS`] without an end. Less than two are one.
    pub times: i32,
    /// When it comes first; a span after the timer is made if the text does not say.
    pub start: Option<DateTime>,
    /// The span.
    pub interval: Interval,
}

impl Repeated {
    /// Without an end.
    pub const ENDLESS: i32 = -1;
}

const MILLIS_PER_SECOND: i64 = 1000;
const MILLIS_PER_MINUTE: i64 = 60 * MILLIS_PER_SECOND;
const MILLIS_PER_HOUR: i64 = 60 * MILLIS_PER_MINUTE;
/// Digits of a number within a span, and of a fraction of a second.
const DIGITS_MAX: usize = 18;
const FRACTION_DIGITS_MAX: usize = 9;

impl Interval {
    /// Reads a span such as `PT1H`, `P1Y2M3D` or `-P1DT0.5S`, with units in either case; `None` when it is none or out of range.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, parts) = match text.split_once('P')? {
            ("" | "+", parts) => (1, parts),
            ("-", parts) => (-1, parts),
            _ => return None,
        };
        let at = parts.find('T');
        let (dates, times) = at.map_or((parts, None), |at| (&parts[..at], Some(&parts[at + 1..])));
        if dates.is_empty() && times.is_none() || times == Some("") {
            return None;
        }
        let mut interval = Self::default();
        let scales = [('Y', 12), ('M', 1), ('W', 7), ('D', 1)];
        for (unit, number) in numbers(dates, &['Y', 'M', 'W', 'D'])? {
            let number = number.whole()?.checked_mul(sign)?.checked_mul(scales[unit].1)?;
            let part = if unit < 2 { &mut interval.months } else { &mut interval.days };
            *part = part.checked_add(number)?;
        }
        let scales = [MILLIS_PER_HOUR, MILLIS_PER_MINUTE, MILLIS_PER_SECOND];
        for (unit, number) in numbers(times.unwrap_or_default(), &['H', 'M', 'S'])? {
            let seconds = scales[unit] == MILLIS_PER_SECOND;
            let whole = if seconds { number.digits } else { number.without_fraction()? };
            let millis =
                parse_digits(whole)?.checked_mul(scales[unit])?.checked_add(number.fraction_millis()?)?;
            interval.millis = interval.millis.checked_add(millis.checked_mul(sign * number.sign)?)?;
        }
        Some(interval)
    }
}

impl Interval {
    /// When it is over that begins at a point in time: by the calendar of a clock, then exactly. `None` beyond the calendar.
    pub fn after(&self, start: &DateTime) -> Option<i64> {
        start.later(self.months, self.days, self.millis)?.epoch_millis()
    }
}

impl Repeated {
    /// Reads `R/PT1H`, `R3/PT1H` or `R3/2026-01-01T00:00:00Z/PT1H`.
    ///
    /// # Errors
    /// What is wrong with it, as the reference engine says it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (times, rest) = text
            .strip_prefix('R')
            .ok_or("Repetition spec must start with R")?
            .split_once('/')
            .ok_or("No interval given")?;
        let times = match times {
            "" => Self::ENDLESS,
            times => times.parse().map_err(|_| "Cannot parse repetitions count")?,
        };
        let (start, span) = rest.rsplit_once('/').map_or((None, rest), |(start, span)| (Some(start), span));
        let start = match start {
            None => None,
            Some(start) => {
                let read = DateTime::parse(start);
                Some(read.ok_or_else(|| format!("Text '{start}' could not be parsed at index 0"))?)
            }
        };
        let interval = Interval::parse(span).ok_or_else(|| {
            let kind = if is_exact(span) { "Duration" } else { "Period" };
            format!("Text cannot be parsed to a {kind}")
        })?;
        Ok(Self { times, start, interval })
    }
}

/// Whether what is wrong with a span is wrong with its exact part: there is one, and what stands before it is right.
fn is_exact(span: &str) -> bool {
    let unsigned = span.strip_prefix(['-', '+']).unwrap_or(span);
    match unsigned.find('T') {
        None => false,
        Some(1) => true,
        Some(at) => Interval::parse(&unsigned[..at]).is_some(),
    }
}

/// Whether a text is a date and time with an offset, and perhaps the name of a zone behind it.
pub fn is_date_time(text: &str) -> bool {
    DateTime::parse(text).is_some()
}

/// Milliseconds since 1970 of such a text. `T` and `Z` may be small, as RFC 3339 allows.
pub fn date_time_millis(text: &str) -> Option<i64> {
    if text.contains(['t', 'z']) && !text.contains('[') {
        return DateTime::parse(&text.to_ascii_uppercase())?.epoch_millis();
    }
    DateTime::parse(text)?.epoch_millis()
}

/// A number before its unit.
struct Number<'t> {
    sign: i64,
    digits: &'t str,
    /// With its point.
    fraction: &'t str,
}

impl<'t> Number<'t> {
    fn without_fraction(&self) -> Option<&'t str> {
        self.fraction.is_empty().then_some(self.digits)
    }

    fn whole(&self) -> Option<i64> {
        parse_digits(self.without_fraction()?)?.checked_mul(self.sign)
    }

    fn fraction_millis(&self) -> Option<i64> {
        let digits = self.fraction.strip_prefix(['.', ',']).unwrap_or_default();
        if digits.len() > FRACTION_DIGITS_MAX {
            return None;
        }
        format!("{digits:0<3}")[..3].parse().ok()
    }
}

fn parse_digits(digits: &str) -> Option<i64> {
    (digits.len() <= DIGITS_MAX).then(|| digits.parse().ok()).flatten()
}

/// The numbers of one part with the places of their units, which come in order and once.
fn numbers<'t>(mut text: &'t str, units: &[char]) -> Option<Vec<(usize, Number<'t>)>> {
    let mut found = Vec::new();
    let mut next = 0;
    while !text.is_empty() {
        let (sign, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let end = unsigned.find(|character: char| !character.is_ascii_digit())?;
        let (digits, rest) = unsigned.split_at(end);
        let end = rest.find(|character: char| !(character.is_ascii_digit() || ".,".contains(character)))?;
        let (fraction, rest) = rest.split_at(end);
        let unit = rest.chars().next()?.to_ascii_uppercase();
        let place = units.iter().position(|other| *other == unit).filter(|place| *place >= next)?;
        let is_number = !digits.is_empty() && fraction.chars().skip(1).all(|c| c.is_ascii_digit());
        if !is_number {
            return None;
        }
        found.push((place, Number { sign, digits, fraction }));
        next = place + 1;
        text = &rest[1..];
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{Interval, Repeated};
    use ringbolt_feel::DateTime;

    fn interval(months: i64, days: i64, millis: i64) -> Option<Interval> {
        Some(Interval { months, days, millis })
    }

    #[test]
    fn spans() {
        assert_eq!(Interval::parse("PT1H2M3.5S"), interval(0, 0, 3_723_500));
        assert_eq!(Interval::parse("P1Y2M1W3D"), interval(14, 10, 0));
        assert_eq!(Interval::parse("-P1DT0,25S"), interval(0, -1, -250));
        assert_eq!(Interval::parse("PT-1h"), interval(0, 0, -3_600_000));
        assert_eq!(Interval::parse("PT-0.5S"), interval(0, 0, -500));
        for wrong in [
            "",
            "P",
            "PT",
            "P1DT",
            "abc",
            "5",
            "1P1D",
            "pt1h",
            "Pt1h",
            "P1M1Y",
            "P1D1D",
            "PT1D",
            "P1H",
            "PT1.5H",
            "PT.5S",
            "PT1.1234567890S",
            "PT99999999999999999999S",
            "P1.5D",
            "PT1S ",
            "PT1é",
            "P٣D",
        ] {
            assert_eq!(Interval::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn repeated_spans() {
        let start = "2020-01-01T00:00:00Z";
        let repeated = |times, start: Option<&str>, months| {
            let start = start.map(|start| DateTime::parse(start).unwrap());
            Ok(Repeated { times, start, interval: Interval { months, ..Interval::default() } })
        };
        assert_eq!(Repeated::parse("R/P1M"), repeated(-1, None, 1));
        assert_eq!(Repeated::parse("R-1/P1M"), repeated(-1, None, 1));
        assert_eq!(Repeated::parse("R0/P1M"), repeated(0, None, 1));
        assert_eq!(Repeated::parse("R3/2020-01-01T00:00:00Z/P1M"), repeated(3, Some(start), 1));
        for (text, wrong) in [
            ("R3/PT1S/2020-01-01T00:00:00Z", "Text 'PT1S' could not be parsed at index 0"),
            ("R99999999999/PT1S", "Cannot parse repetitions count"),
            ("R3/abc", "Text cannot be parsed to a Period"),
            ("R3/PT", "Text cannot be parsed to a Duration"),
            ("R3/P1DT", "Text cannot be parsed to a Duration"),
            ("R3/P1HT1S", "Text cannot be parsed to a Period"),
            ("R3", "No interval given"),
            ("PT1S", "Repetition spec must start with R"),
        ] {
            assert_eq!(Repeated::parse(text).unwrap_err(), wrong, "{text}");
        }
    }
}
