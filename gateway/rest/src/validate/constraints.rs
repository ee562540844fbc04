//! Bounds of values that are of the right type, in the words that Camunda's gateway has for them.

use super::{READ_AS, Reader, Stop};
use ringbolt_api::schema::{Format, Int, Pattern, Schema, Size, Text};

/// Characters of a wrong value that a client is shown.
const SHOWN_MAX: usize = 100;

impl Reader<'_> {
    /// Notes what is wrong with a text, if something is.
    pub(super) fn constrain(&mut self, value: &str, text: &Text) -> Result<(), Stop> {
        if self.is_required && value.trim().is_empty() {
            return self.nothing();
        }
        let name = || self.name();
        let shown = || value.chars().take(SHOWN_MAX).collect::<String>();
        let what = match text.pattern {
            // The engine refuses these in its own words.
            Some(Pattern::Tenant | Pattern::OldTenant | Pattern::ModelId | Pattern::Tag) => return Ok(()),
            Some(Pattern::Key) if value.parse::<i64>().is_err() => format!(
                "The provided {} '{}' is not a valid key. Expected a numeric value. \
                 Did you pass an entity id instead of an entity key?",
                name(),
                shown()
            ),
            Some(Pattern::Key) => return Ok(()),
            _ if text.size.min > 0 && value.trim().is_empty() => return self.nothing(),
            _ if exceeds(value, text.size) => {
                format!("The provided {} exceeds the limit of {} characters", name(), text.size.max)
            }
            Some(pattern) if !pattern.matches(value) => format!(
                "The provided {} contains illegal characters. It must match the pattern '{}'",
                name(),
                pattern.regex()
            ),
            None if text.format == Format::DateTimeOrNothing && value.is_empty() => return Ok(()),
            None if is_of_dates(text.format) && !is_date_time(value) => format!(
                "The provided {} '{}' cannot be parsed as a date according to RFC 3339, section 5.6",
                name(),
                shown()
            ),
            Some(_) | None => return Ok(()),
        };
        self.violated(what)
    }

    /// Notes that a text says nothing.
    pub(super) fn nothing(&mut self) -> Result<(), Stop> {
        let name = self.name();
        let what = match name.rsplit_once('.') {
            None => format!("No {name} provided"),
            Some((parent, last)) => format!("No {last} provided in '{parent}'"),
        };
        self.violated(what)
    }

    /// Notes that a number is out of its bounds, if it is.
    pub(super) fn constrain_number(&mut self, value: i64, int: &Int) -> Result<(), Stop> {
        let is_low = int.min.is_some_and(|min| value < min);
        let is_high = int.max.is_some_and(|max| value > max);
        if !is_low && !is_high {
            return Ok(());
        }
        let must = match (int.min, int.max) {
            (Some(min), Some(max)) => format!("within the [{min},{max}] range"),
            (Some(0), None) => "not negative".to_owned(),
            (Some(min), None) => format!("> {}", min - 1),
            (None, Some(max)) => format!("at most {max}"),
            (None, None) => return Ok(()),
        };
        let name = self.name();
        self.violated(format!("The value for {name} is '{value}' but must be {must}"))
    }

    /// Notes that a list has too few or too many items.
    pub(super) fn constrain_list(&mut self, items: u32, size: Size, of: &Schema) -> Result<(), Stop> {
        let is_of_tags = matches!(of.at(READ_AS), Schema::Text(Text { pattern: Some(Pattern::Tag), .. }));
        if is_of_tags || (items >= size.min && (size.max == 0 || items <= size.max)) {
            return Ok(());
        }
        let name = self.name();
        let bound = if items < size.min {
            format!("at least {} are needed", size.min)
        } else {
            format!("at most {} are allowed", size.max)
        };
        self.violated(format!("The provided {name} has {items} items, but {bound}"))
    }
}

fn is_of_dates(format: Format) -> bool {
    matches!(format, Format::DateTime | Format::DateTimeOrNothing)
}

fn exceeds(value: &str, size: Size) -> bool {
    // Bytes are never fewer than characters.
    size.max > 0 && value.len() > size.max as usize && value.chars().count() > size.max as usize
}

/// A date and a time with an offset, as RFC 3339 writes them.
fn is_date_time(value: &str) -> bool {
    let bytes = value.as_bytes();
    let number = |from: usize, to: usize| -> Option<u32> {
        let digits = bytes.get(from..to)?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')))
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let date = number(0, 4).is_some()
        && is(4, b"-")
        && number(5, 7).is_some_and(|month| (1..=12).contains(&month))
        && is(7, b"-")
        && number(8, 10).is_some_and(|day| (1..=31).contains(&day));
    let time = is(10, b"Tt ")
        && number(11, 13).is_some_and(|hour| hour < 24)
        && is(13, b":")
        && number(14, 16).is_some_and(|minute| minute < 60)
        && is(16, b":")
        && number(17, 19).is_some_and(|second| second <= 60);
    if !date || !time {
        return false;
    }
    let mut at = 19;
    if is(at, b".") {
        let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        at += 1 + digits;
    }
    match &bytes[at..] {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', _, _, b':', _, _] => {
            number(at + 1, at + 3).is_some_and(|hours| hours < 24)
                && number(at + 4, at + 6).is_some_and(|minutes| minutes < 60)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_date_time;

    #[test]
    fn dates_are_those_of_rfc_3339() {
        for right in
            ["2026-11-28T12:00:00Z", "2026-11-28t12:00:00.123456789+01:00", "2026-01-01 00:00:00-00:30"]
        {
            assert!(is_date_time(right), "{right}");
        }
        for wrong in [
            "",
            "2026-11-28",
            "2026-11-28T12:00:00",
            "2026-13-28T12:00:00Z",
            "2026-11-28T24:00:00Z",
            "2026-11-28T12:00:00.Z",
            "2026-11-28T12:00:00+1:00",
            "2026-11-28T12:00:00ZZ",
            "é026-11-28T12:00:00Z",
        ] {
            assert!(!is_date_time(wrong), "{wrong}");
        }
    }
}
