//! From when until when a certificate is valid: the one thing of it that a server looks at itself.
//!
//! A walk over DER to the field `validity` (RFC 5280, 4.1), nothing else. Any bytes give an answer or none.

use std::fmt;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A moment in UTC, as a certificate says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Moment { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

impl Moment {
    /// Seconds since 1970-01-01 UTC.
    pub(crate) fn unix_seconds(self) -> i64 {
        // Days from the civil calendar, with years that begin in March, so that the leap day is a year's last.
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let days =
            era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
        ((days * 24 + self.hour) * 60 + self.minute) * 60 + self.second
    }

    fn parse(tag: u8, text: &[u8]) -> Option<Moment> {
        let (century_digits, rest) = match tag {
            UTC_TIME => (0, text),
            GENERALIZED_TIME => (2, text),
            _ => return None,
        };
        let digits = rest.strip_suffix(b"Z")?;
        if digits.len() != 12 + century_digits || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = |from: usize, len: usize| {
            digits[from..from + len].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
        };
        let year = match number(0, 2 + century_digits) {
            short if tag == UTC_TIME && short < 50 => short + 2000,
            short if tag == UTC_TIME => short + 1900,
            year => year,
        };
        let at = 2 + century_digits;
        let moment = Moment {
            year,
            month: number(at, 2),
            day: number(at + 2, 2),
            hour: number(at + 4, 2),
            minute: number(at + 6, 2),
            second: number(at + 8, 2),
        };
        ((1..=12).contains(&moment.month) && (1..=31).contains(&moment.day)).then_some(moment)
    }
}

/// The first element of `bytes`: its tag, its content, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut len = usize::from(first);
    if first & 0x80 != 0 {
        let octets = usize::from(first & 0x7f);
        if octets == 0 || octets > 4 || rest.len() < octets {
            return None;
        }
        len = rest[..octets].iter().fold(0, |len, octet| len << 8 | usize::from(*octet));
        rest = &rest[octets..];
    }
    let (content, after) = rest.split_at_checked(len)?;
    Some((tag, content, after))
}

/// The element that must have this tag.
fn expect(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, content, after) = element(bytes)?;
    (found == tag).then_some((content, after))
}

/// The two ends of a certificate's validity; `None` for bytes that are none.
pub(crate) fn validity(certificate: &[u8]) -> Option<(Moment, Moment)> {
    let (certificate, _) = expect(SEQUENCE, certificate)?;
    let (fields, _) = expect(SEQUENCE, certificate)?;
    let fields = expect(VERSION, fields).map_or(fields, |(_, after)| after);
    let (_serial, fields) = expect(INTEGER, fields)?;
    let (_algorithm, fields) = expect(SEQUENCE, fields)?;
    let (_issuer, fields) = expect(SEQUENCE, fields)?;
    let (times, _) = expect(SEQUENCE, fields)?;
    let (tag, from, times) = element(times)?;
    let from = Moment::parse(tag, from)?;
    let (tag, until, _) = element(times)?;
    Some((from, Moment::parse(tag, until)?))
}

#[cfg(test)]
mod tests {
    use super::{Moment, validity};

    fn certificate(from: (i32, u8, u8), until: (i32, u8, u8)) -> Vec<u8> {
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
        params.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
        params.not_after = rcgen::date_time_ymd(until.0, until.1, until.2);
        let key = rcgen::KeyPair::generate().expect("a key");
        params.self_signed(&key).expect("a certificate").der().to_vec()
    }

    #[test]
    fn the_ends_are_read_in_both_forms_of_time() {
        let (from, until) = validity(&certificate((1999, 2, 28), (2049, 12, 31))).expect("a certificate");
        assert_eq!(from.to_string(), "1999-02-28 00:00:00 UTC");
        assert_eq!(until.to_string(), "2049-12-31 00:00:00 UTC");
        let (_, until) = validity(&certificate((2020, 1, 1), (2050, 1, 1))).expect("a certificate");
        assert_eq!(until.to_string(), "2050-01-01 00:00:00 UTC");
    }

    #[test]
    fn moments_are_counted_from_1970() {
        let at = |text: &str| Moment::parse(0x18, text.as_bytes()).expect("a moment").unix_seconds();
        assert_eq!(at("19700101000000Z"), 0);
        assert_eq!(at("20000229123456Z"), 951_827_696);
        assert_eq!(at("20380119031408Z"), 1 << 31);
        assert_eq!(at("21000301000000Z"), 4_107_542_400);
    }

    #[test]
    fn damaged_certificates_give_an_answer_or_none() {
        let good = certificate((2020, 1, 1), (2030, 1, 1));
        for cut in 0..good.len() {
            assert_eq!(validity(&good[..cut]), None, "{cut}");
        }
        for place in 0..good.len() {
            for value in [0, 1, 0x7f, 0x80, 0x84, 0xff] {
                let mut bad = good.clone();
                bad[place] = value;
                let _ = validity(&bad);
            }
        }
    }
}
