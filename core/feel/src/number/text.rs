//! Numbers as text: reading literals, JSON numbers and `number(..)` arguments, and writing them as the reference
//! prints them (`1E+3` for large scales, plain digits otherwise) or as plain JSON.

use super::wide::{POW10, Wide, digits};
use super::{ArithmeticError, Decimal, PRECISION};
use std::fmt::Write as _;

/// Digits a written-out integer may have in JSON before scientific notation is used.
const PLAIN_DIGITS_MAX: i64 = 60;

impl Decimal {
    /// Reads `[sign] digits [. digits] [e [sign] digits]`; `None` for anything else. More than 34 significant
    /// digits are rounded half even.
    pub fn parse(text: &[u8]) -> Option<Decimal> {
        if let Some(number) = parse_short(text) {
            return Some(number);
        }
        let (negative, body) = match text.first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let mut scan = Digits::default();
        let mut i = 0;
        let mut any = false;
        while let Some(d) = body.get(i).filter(|b| b.is_ascii_digit()) {
            scan.push(d - b'0', false);
            any = true;
            i += 1;
        }
        if body.get(i) == Some(&b'.') {
            i += 1;
            while let Some(d) = body.get(i).filter(|b| b.is_ascii_digit()) {
                scan.push(d - b'0', true);
                any = true;
                i += 1;
            }
        }
        if !any {
            return None;
        }
        let mut exponent = 0i64;
        if matches!(body.get(i), Some(b'e' | b'E')) {
            exponent = parse_exponent(&body[i + 1..])?;
            i = body.len();
        }
        if i != body.len() {
            return None;
        }
        scan.finish(negative, exponent)
    }

    /// The number a double stands for, by its shortest decimal text with at least one fractional digit (`2.0`).
    pub(crate) fn from_f64(n: f64) -> Result<Decimal, ArithmeticError> {
        if !n.is_finite() {
            return Err(ArithmeticError::NotANumber);
        }
        if n == 0.0 {
            return Ok(Decimal::new(false, 0, 1));
        }
        let text = format!("{n:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let value = Decimal::parse(mantissa.as_bytes()).ok_or(ArithmeticError::NotANumber)?;
        let exponent: i32 = exponent.parse().map_err(|_| ArithmeticError::NotANumber)?;
        let (c, scale) = (value.coefficient(), value.scale - exponent);
        if (1e-3..1e7).contains(&n.abs()) && scale < 1 {
            // Plain notation: whole numbers show one zero after the point.
            return Ok(Decimal::new(n < 0.0, c * POW10[(1 - scale) as usize], 1));
        }
        if value.scale == 0 {
            return Ok(Decimal::new(n < 0.0, c * 10, scale + 1));
        }
        Ok(Decimal::new(n < 0.0, c, scale))
    }

    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        // Exact when both parts are exactly representable; otherwise through text, which rounds correctly.
        if self.high == 0 && self.low < (1 << 53) && (0..=22).contains(&self.scale) {
            let value = self.low as f64 / 10f64.powi(self.scale);
            return if self.negative { -value } else { value };
        }
        let text = format!(
            "{}{}e{}",
            if self.negative { "-" } else { "" },
            self.coefficient(),
            -(self.scale as i64)
        );
        text.parse().unwrap_or(f64::NAN)
    }

    /// Writes the number as JSON: integers without a fraction, everything else in its shortest exact form.
    pub fn write_json(self, out: &mut Vec<u8>) {
        let mut c = self.coefficient();
        let mut scale = self.scale as i64;
        while scale > 0 && c.is_multiple_of(10) {
            c /= 10;
            scale -= 1;
            if c == 0 {
                scale = 0;
            }
        }
        if c == 0 {
            out.push(b'0');
            return;
        }
        if self.negative {
            out.push(b'-');
        }
        let count = digits(c) as i64;
        let plain =
            (scale <= 0 && count - scale <= PLAIN_DIGITS_MAX) || (scale > 0 && scale <= PLAIN_DIGITS_MAX);
        if scale == 0 && c <= u64::MAX as u128 {
            push_u64(out, c as u64);
            return;
        }
        let text = c.to_string();
        if !plain {
            out.extend_from_slice(text.as_bytes());
            out.extend_from_slice(format!("e{}", -scale).as_bytes());
        } else if scale <= 0 {
            out.extend_from_slice(text.as_bytes());
            out.resize(out.len() + (-scale) as usize, b'0');
        } else if count > scale {
            let split = (count - scale) as usize;
            out.extend_from_slice(&text.as_bytes()[..split]);
            out.push(b'.');
            out.extend_from_slice(&text.as_bytes()[split..]);
        } else {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + (scale - count) as usize, b'0');
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// The common case: up to 18 digits, perhaps a sign and a point, nothing else.
fn parse_short(text: &[u8]) -> Option<Decimal> {
    let body = text.strip_prefix(b"-").unwrap_or(text);
    if body.is_empty() || body.len() > 18 {
        return None;
    }
    let mut value = 0u64;
    let mut point = None;
    for (i, b) in body.iter().enumerate() {
        match b {
            b'0'..=b'9' => value = value * 10 + (b - b'0') as u64,
            b'.' if point.is_none() => point = Some(i),
            _ => return None,
        }
    }
    let scale = point.map_or(0, |at| body.len() - 1 - at) as i32;
    if point.is_some() && body.len() == 1 {
        return None;
    }
    Some(Decimal { high: 0, low: value, scale, negative: body.len() < text.len() && value != 0 })
}

fn push_u64(out: &mut Vec<u8>, mut n: u64) {
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&buffer[at..]);
}

/// `[sign] digits`, at most ten of them, as the reference allows.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0i64, |n, d| n * 10 + (d - b'0') as i64);
    Some(if negative { -value } else { value })
}

/// Collects digits: the first 38 significant ones exactly, the rest as dropped places and a trace.
#[derive(Default)]
struct Digits {
    value: u128,
    count: u32,
    dropped: i64,
    sticky: bool,
    fraction: i64,
}

impl Digits {
    fn push(&mut self, digit: u8, fraction: bool) {
        self.fraction += fraction as i64;
        if self.count == 0 && digit == 0 {
            return;
        }
        if self.count < 38 {
            self.value = self.value * 10 + digit as u128;
            self.count += 1;
        } else {
            self.dropped += 1;
            self.sticky |= digit != 0;
        }
    }

    fn finish(self, negative: bool, exponent: i64) -> Option<Decimal> {
        let scale = self.fraction - exponent - self.dropped;
        if self.count <= PRECISION {
            let scale = super::check_scale(scale, self.value).ok()?;
            return Some(Decimal::new(negative, self.value, scale));
        }
        Decimal::round(negative, Wide::from_u128(self.value), scale, self.sticky).ok()
    }
}

impl std::fmt::Display for Decimal {
    /// Plain digits while the scale is not negative and the value not tiny, scientific notation otherwise.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.negative {
            f.write_char('-')?;
        }
        let c = self.coefficient();
        if self.scale == 0 {
            return write!(f, "{c}");
        }
        let text = c.to_string();
        let adjusted = text.len() as i64 - 1 - self.scale as i64;
        if self.scale > 0 && adjusted >= -6 {
            let scale = self.scale as usize;
            if text.len() > scale {
                let (whole, fraction) = text.split_at(text.len() - scale);
                return write!(f, "{whole}.{fraction}");
            }
            f.write_str("0.")?;
            for _ in 0..scale - text.len() {
                f.write_char('0')?;
            }
            return f.write_str(&text);
        }
        let (first, rest) = text.split_at(1);
        f.write_str(first)?;
        if !rest.is_empty() {
            write!(f, ".{rest}")?;
        }
        if adjusted != 0 { write!(f, "E{adjusted:+}") } else { Ok(()) }
    }
}
