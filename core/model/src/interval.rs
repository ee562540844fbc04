//! Spans of time and repeated spans, as timers have them: ISO 8601 as Java reads it.

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// How often; `None` without an end.
    pub times: Option<u32>,
    /// Where the first span begins, as date and time with an offset; when the timer is made if empty.
    pub start: Box<str>,
    /// The span.
    pub interval: Interval,
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

impl Repeated {
    /// Reads `R/PT1H`, `R3/PT1H` or `R3/2026-01-01T00:00:00Z/PT1H`.
    ///
    /// # Errors
    /// What is wrong with it, as the reference engine says it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unread = |part: &str| format!("Text '{part}' could not be parsed at index 0");
        let (times, rest) = text
            .strip_prefix('R')
            .and_then(|text| text.split_once('/'))
            .ok_or("Repetition spec must start with R")?;
        let times = match times {
            "" | "-1" => None,
            times => Some(times.parse().map_err(|_| "Cannot parse repetitions count")?),
        };
        let (start, interval) = rest.split_once('/').unwrap_or(("", rest));
        if !start.is_empty() && !is_date_time(start) {
            return Err(unread(start));
        }
        let interval = Interval::parse(interval).ok_or_else(|| unread(interval))?;
        Ok(Self { times, start: start.into(), interval })
    }
}

/// Whether a text is a date and time with an offset, and perhaps the name of a zone behind it.
pub fn is_date_time(text: &str) -> bool {
    let text = match text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        Some((text, zone)) if !zone.is_empty() => text,
        Some(_) => return false,
        None => text,
    };
    let is_shaped = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+:.".contains(&byte));
    let expression = format!("date and time(\"{text}\")");
    let parsed = is_shaped.then(|| ringbolt_feel::parse_expression(&expression).ok()).flatten();
    let environment = ringbolt_feel::Environment::at(0);
    parsed.is_some_and(|parsed| {
        let evaluation = parsed.evaluate(&ringbolt_feel::NoVariables, &environment);
        matches!(evaluation.result, Ok(ringbolt_feel::Val::DateTime(_)))
    })
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
    use super::{Interval, Repeated, is_date_time};

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
        let repeated = |times, start: &str, months| {
            Ok(Repeated { times, start: start.into(), interval: Interval { months, ..Interval::default() } })
        };
        assert_eq!(Repeated::parse("R/P1M"), repeated(None, "", 1));
        assert_eq!(Repeated::parse("R-1/P1M"), repeated(None, "", 1));
        assert_eq!(
            Repeated::parse("R3/2020-01-01T00:00:00Z/P1M"),
            repeated(Some(3), "2020-01-01T00:00:00Z", 1)
        );
        assert_eq!(
            Repeated::parse("R3/PT1S/2020-01-01T00:00:00Z").unwrap_err(),
            "Text 'PT1S' could not be parsed at index 0"
        );
        assert_eq!(Repeated::parse("R99999999999/PT1S").unwrap_err(), "Cannot parse repetitions count");
        assert!(Repeated::parse("PT1S").is_err());
    }

    #[test]
    fn dates_have_an_offset() {
        for right in [
            "2020-01-01T00:00:00Z",
            "2020-01-01T00:00Z",
            "2020-01-01T00:00:00+01:00[Europe/Berlin]",
            "2020-01-01T00:00:00.5-03:30",
        ] {
            assert!(is_date_time(right), "{right}");
        }
        for wrong in [
            "",
            "abc",
            "2020-01-01",
            "2020-01-01T00:00:00",
            "2020-13-01T00:00:00Z",
            "2020-01-01T00:00:00Z[]",
            "\") + (\"",
            "5",
        ] {
            assert!(!is_date_time(wrong), "{wrong}");
        }
    }
}
