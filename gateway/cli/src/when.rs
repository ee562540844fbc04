//! Moments and how far they are: what a server says in UTC, as people at a terminal read it.
//!
//! How far something is goes by this machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Units of a duration in words, the largest first, s.
const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// Milliseconds since 1970, of this machine's clock.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Milliseconds since 1970 of a moment as the API writes it (RFC 3339, UTC or with an offset); none of what is no moment.
pub(crate) fn ms_of(text: &str) -> Option<i64> {
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten()
    };
    let has = |at: usize, byte: u8| text.as_bytes().get(at) == Some(&byte);
    if !(has(4, b'-') && has(7, b'-') && has(10, b'T') && has(13, b':') && has(16, b':')) {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let seconds = digits(11, 13)? * 3_600 + digits(14, 16)? * 60 + digits(17, 19)?;
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("", rest),
    };
    let ms: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let offset_s = match zone.as_bytes() {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let of = |from: usize| zone.get(from..from + 2)?.parse::<i64>().ok();
            let offset = of(1)? * 3_600 + of(4)? * 60;
            if *sign == b'-' { -offset } else { offset }
        }
        _ => return None,
    };
    Some((days_of(year, month, day) * 86_400 + seconds - offset_s) * 1_000 + ms)
}

/// Days since 1970 of a date of the Gregorian calendar: years that begin in March, so that the day more of a leap year is their last.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 719_469
}

/// A date and a time of day in UTC, to the second.
pub(crate) fn utc(ms: i64) -> String {
    let (days, second) = (ms.div_euclid(86_400_000), ms.div_euclid(1_000).rem_euclid(86_400));
    // Years are not longer than that, so the year that has this day is not before.
    let near = 1969 + days.div_euclid(366);
    let year = (near..).take_while(|year| days_of(*year, 1, 1) <= days).last().unwrap_or(near);
    let month = (1..=12).take_while(|month| days_of(year, *month, 1) <= days).last().unwrap_or(1);
    let day = days - days_of(year, month, 1) + 1;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// A duration in its two largest units.
pub(crate) fn duration(ms: i64) -> String {
    if ms < 1_000 {
        return format!("{} ms", ms.max(0));
    }
    let mut left = ms / 1_000;
    let mut parts = Vec::new();
    for (seconds, unit) in UNITS {
        let count = left / seconds;
        left %= seconds;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        }
        // Of two units that stand side by side: not days and seconds.
        if parts.len() == 2 || (count == 0 && !parts.is_empty()) {
            break;
        }
    }
    parts.join(" ")
}

/// How long ago something was, in its largest unit; `-` for what never was, the text itself for what is no moment.
pub(crate) fn ago(text: &str, now_ms: i64) -> String {
    match ms_of(text) {
        // Less than a second, or a clock that is behind the server's.
        Some(at) if now_ms - at < 1_000 => "now".to_owned(),
        Some(at) => {
            let seconds = (now_ms - at) / 1_000;
            let of = |unit: &&(i64, &str)| seconds >= unit.0;
            let (size, unit) = UNITS.iter().find(of).expect("it is a second or more");
            format!("{} {unit} ago", seconds / size)
        }
        None => text.to_owned(),
    }
}

/// When something is due, in words and as a moment.
pub(crate) fn due(text: &str, now_ms: i64) -> String {
    match ms_of(text) {
        Some(at) if at <= now_ms => format!("is due since {}", utc(at)),
        Some(at) => format!("is due in {}, {}", duration(at - now_ms), utc(at)),
        None => format!("is due {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{ago, due, duration, ms_of, utc};

    #[test]
    fn moments_are_read_and_written() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59.5Z", 951_868_799_500),
            ("2026-11-30T15:05:10.123Z", 1_796_051_110_123),
            ("2026-11-30T16:35:10.123+01:30", 1_796_051_110_123),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2100-03-01T00:00:00.123456Z", 4_107_542_400_123),
        ] {
            assert_eq!(ms_of(text), Some(ms), "{text}");
        }
        for wrong in
            ["", "soon", "2026-11-30", "2026-11-30 15:05:10Z", "2026-11-30T15:05:10", "2026-1é-30T15:05:10Z"]
        {
            assert_eq!(ms_of(wrong), None, "{wrong}");
        }
        for ms in (-800_000_000_000..4_200_000_000_000).step_by(13_333_777_000) {
            let text = utc(ms);
            assert_eq!(ms_of(&text.replace(' ', "T")), Some(ms.div_euclid(1_000) * 1_000), "{text}");
        }
        assert_eq!(utc(1_796_051_110_123), "2026-11-30 15:05:10Z");
    }

    #[test]
    fn how_far_something_is_has_two_units_at_most() {
        let of = [0, 999, 1_000, 61_000, 3_600_000, 3_605_000, 93_780_000, 864_000_000].map(duration);
        assert_eq!(of, ["0 ms", "999 ms", "1 s", "1 min 1 s", "1 h", "1 h", "1 d 2 h", "10 d"]);
        let now = 1_796_051_110_000;
        assert_eq!(ago("2026-11-30T15:05:00Z", now), "10 s ago");
        assert_eq!(ago("2026-11-30T15:05:11Z", now), "now");
        assert_eq!(ago("2026-11-30T13:01:01Z", now), "2 h ago");
        assert_eq!(ago("-", now), "-");
        assert_eq!(due("2026-11-30T15:05:38Z", now), "is due in 28 s, 2026-11-30 15:05:38Z");
        assert_eq!(due("2026-11-30T15:05:00Z", now), "is due since 2026-11-30 15:05:00Z");
    }
}
