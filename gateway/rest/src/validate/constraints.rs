//! Bounds of values that are of the right type, in the words that Camunda's gateway has for them.

use super::{READ_AS, Reader, Stop};
use ringbolt_api::call::shown;
use ringbolt_api::schema::{Format, Int, Pattern, Schema, Size, Text};
use ringbolt_api::time::unix_ms_of;
use ringbolt_api::value::key_of;

impl Reader<'_> {
    /// Notes what is wrong with a text, if something is.
    pub(super) fn constrain(&mut self, value: &str, text: &Text) -> Result<(), Stop> {
        if self.is_required && value.trim().is_empty() {
            return self.nothing();
        }
        let name = || self.name();
        let what = match text.pattern {
            // The engine refuses these in its own words.
            Some(Pattern::Tenant | Pattern::OldTenant | Pattern::ModelId | Pattern::Tag) => return Ok(()),
            Some(Pattern::Key) if key_of(value).is_none() => format!(
                "The provided {} '{}' is not a valid key. Expected a numeric value. \
                 Did you pass an entity id instead of an entity key?",
                name(),
                shown(value)
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
                shown(value)
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

/// A date and a time with an offset, as RFC 3339 writes them, that is a moment of the calendar: whoever reads it later must find one.
fn is_date_time(value: &str) -> bool {
    unix_ms_of(value).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_date_time;

    #[test]
    fn dates_are_those_of_rfc_3339() {
        for right in
            ["2026-11-28T12:00:00Z", "2026-11-28t12:00:00.123456789+01:00", "2026-01-01T00:00:00-00:30"]
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
            "2026-02-31T12:00:00Z",
            "2027-01-02 00:00:00Z",
            "2027-01-01t23:59:60z",
            "9999-12-31T23:59:59-23:59",
            "2026-11-28T12:00:00+01:00[Europe/Berlin]",
        ] {
            assert!(!is_date_time(wrong), "{wrong}");
        }
    }
}
