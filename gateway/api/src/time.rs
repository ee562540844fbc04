//! Times as the protocol writes them: RFC 3339.

use crate::json::put_text;
use jiff::civil::{self, DateTime};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use ringbolt_query::date_time_millis;

/// Milliseconds since 1970-01-01 UTC of a time as RFC 3339 writes it; none for what is none, or what no calendar has. It is read as the
/// folded records read it, so that what is accepted here is found there; the names of zones that they also read are not RFC 3339's.
pub fn unix_ms_of(text: &str) -> Option<i64> {
    let unix_ms = date_time_millis(text).filter(|_| !text.contains('['))?;
    civil_of(unix_ms).is_some().then_some(unix_ms)
}

/// The date and time in UTC, up to the last moment of 9999: a timestamp ends a day before, so that it is one in every zone.
fn civil_of(unix_ms: i64) -> Option<DateTime> {
    civil::date(1970, 1, 1).at(0, 0, 0, 0).checked_add(SignedDuration::from_millis(unix_ms)).ok()
}

/// Milliseconds of a duration as ISO 8601 writes it, days having 24 hours; none for what is none, or has months.
pub fn duration_ms_of(text: &str) -> Option<i64> {
    let span = text.parse::<Span>().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(duration.as_millis()).ok()
}

/// A time with milliseconds, in UTC; none for what no calendar has.
pub fn time_text(unix_ms: i64) -> Option<String> {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(time) => Some(format!("{time:.3}")),
        Err(_) => civil_of(unix_ms).map(|time| format!("{time:.3}Z")),
    }
}

/// A time in quotes, as [`time_text`] has it; `null` for what no calendar has.
pub fn put_time(out: &mut Vec<u8>, unix_ms: i64) {
    match time_text(unix_ms) {
        Some(text) => put_text(out, &text),
        None => out.extend_from_slice(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use super::{put_time, unix_ms_of};

    #[test]
    fn times_read_back() {
        for (text, unix_ms, written) in [
            ("1970-01-01T00:00:00Z", 0, "\"1970-01-01T00:00:00.000Z\""),
            ("2026-11-28t12:00:00.1239+01:00", 1_795_863_600_123, "\"2026-11-28T11:00:00.123Z\""),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999, "\"9999-12-31T23:59:59.999Z\""),
            ("9999-12-30T22:00:00.5Z", 253_402_207_200_500, "\"9999-12-30T22:00:00.500Z\""),
            ("2026-11-28T12:00:00-00:30", 1_795_869_000_000, "\"2026-11-28T12:30:00.000Z\""),
        ] {
            assert_eq!(unix_ms_of(text), Some(unix_ms), "{text}");
            let mut out = Vec::new();
            put_time(&mut out, unix_ms);
            assert_eq!(String::from_utf8(out).as_deref(), Ok(written));
        }
        for none in ["yesterday", "9999-12-31T23:59:59-01:00", "10000-01-01T00:00:00Z"] {
            assert_eq!(unix_ms_of(none), None, "{none}");
        }
        let mut out = Vec::new();
        put_time(&mut out, i64::MAX);
        assert_eq!(out, b"null");
    }
}
