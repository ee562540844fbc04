//! The `grpc-timeout` header: up to eight digits and a unit.

use std::time::Duration;

/// The most a digit sequence may have.
const DIGITS_MAX: usize = 8;

/// The duration, or `None` for anything the protocol does not allow.
pub(crate) fn parse(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > DIGITS_MAX || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let amount = digits.iter().fold(0u64, |amount, digit| amount * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Some(Duration::from_secs(amount * 3600)),
        b'M' => Some(Duration::from_secs(amount * 60)),
        b'S' => Some(Duration::from_secs(amount)),
        b'm' => Some(Duration::from_millis(amount)),
        b'u' => Some(Duration::from_micros(amount)),
        b'n' => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

/// The finest unit in which the duration fits, rounded up so that a server is not stricter than its client.
pub(crate) fn format(timeout: Duration) -> String {
    const LIMIT: u128 = 100_000_000;
    let nanos = timeout.as_nanos();
    for (unit, length) in
        [('n', 1), ('u', 1_000), ('m', 1_000_000), ('S', 1_000_000_000), ('M', 60_000_000_000)]
    {
        let amount = nanos.div_ceil(length);
        if amount < LIMIT {
            return format!("{amount}{unit}");
        }
    }
    format!("{}H", nanos.div_ceil(3_600_000_000_000).min(LIMIT - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_understood_and_nothing_else() {
        for (text, expected) in [
            ("1H", Some(Duration::from_secs(3600))),
            ("2M", Some(Duration::from_secs(120))),
            ("3S", Some(Duration::from_secs(3))),
            ("250m", Some(Duration::from_millis(250))),
            ("7u", Some(Duration::from_micros(7))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3600))),
            ("123456789m", None),
            ("m", None),
            ("", None),
            ("-1S", None),
            ("1.5S", None),
            ("10", None),
            ("1s", None),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_formatted_timeout_is_never_shorter() {
        for nanos in [1, 99_999_999, 100_000_000, 123_456_789_123, 3_600_000_000_000, u64::MAX] {
            let timeout = Duration::from_nanos(nanos);
            let parsed = parse(format(timeout).as_bytes()).expect("valid");
            assert!(parsed >= timeout, "{nanos}: {}", format(timeout));
        }
    }
}
