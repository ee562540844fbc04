//! FEEL numbers: decimals of 34 significant digits, rounded half even, with the scale kept as written (`1.10` stays
//! `1.10`), because that is what users of the reference see in `string(1.10)`.
//!
//! Invariant: the coefficient is below 10^38; every arithmetic result is below 10^34. Binary floating point appears
//! only in `to_f64`/`from_f64`, for the functions whose reference computes in doubles.

mod arithmetic;
mod text;
mod wide;

use std::cmp::Ordering;
use wide::{POW10, Wide, digits};

/// Significant digits an arithmetic result keeps.
pub(crate) const PRECISION: u32 = 34;

/// Why an arithmetic operation has no result; the evaluation it is part of fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithmeticError {
    /// Division by zero (also of zero by zero).
    DivisionByZero,
    /// The integer quotient or power is out of range.
    OutOfRange,
    /// Not a number or infinite, from a function computed in doubles.
    NotANumber,
}

impl std::fmt::Display for ArithmeticError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ArithmeticError::DivisionByZero => "division by zero",
            ArithmeticError::OutOfRange => "number out of range",
            ArithmeticError::NotANumber => "the result is not a finite number",
        })
    }
}

/// How digits beyond the wanted scale are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
    /// Towards positive infinity.
    Ceiling,
    /// Towards negative infinity.
    Floor,
    /// To the nearest, ties away from zero.
    HalfUp,
    /// To the nearest, ties towards zero.
    HalfDown,
    /// To the nearest, ties to the even digit.
    HalfEven,
}

/// A decimal number: `(-1)^negative * coefficient * 10^-scale`.
#[derive(Clone, Copy)]
pub struct Decimal {
    // Two halves instead of one u128 keep the alignment at 8 and a value at 32 bytes.
    high: u64,
    low: u64,
    scale: i32,
    negative: bool,
}

// Named as the operators, without their traits: the others can fail.
#[allow(clippy::should_implement_trait)]
impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { high: 0, low: 0, scale: 0, negative: false };
    /// One.
    pub const ONE: Decimal = Decimal { high: 0, low: 1, scale: 0, negative: false };

    fn new(negative: bool, coefficient: u128, scale: i32) -> Decimal {
        debug_assert!(coefficient < POW10[38]);
        Decimal {
            high: (coefficient >> 64) as u64,
            low: coefficient as u64,
            scale,
            negative: negative && coefficient != 0,
        }
    }

    fn coefficient(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }

    /// Rounds a wide coefficient (with `sticky` for nonzero digits already lost) to the precision.
    fn round(negative: bool, value: Wide, scale: i64, sticky: bool) -> Result<Decimal, ArithmeticError> {
        let count = value.digits();
        if count <= PRECISION && !sticky {
            let coefficient = value.to_u128().unwrap_or(0);
            return Ok(Decimal::new(negative, coefficient, check_scale(scale, coefficient)?));
        }
        if count <= PRECISION {
            // Lost digits below one unit of an already short value: nothing to round at this precision.
            let coefficient = value.to_u128().unwrap_or(0);
            return Ok(Decimal::new(negative, coefficient, check_scale(scale, coefficient)?));
        }
        let drop = count - PRECISION;
        let (head, lost) = value.drop_digits(drop - 1);
        let (head, last) = head.div_rem_u64(10);
        let sticky = sticky | lost;
        let mut coefficient = head.to_u128().unwrap_or(0);
        let up = last > 5 || (last == 5 && (sticky || coefficient & 1 == 1));
        let mut scale = scale - drop as i64;
        if up {
            coefficient += 1;
            if coefficient == POW10[PRECISION as usize] {
                coefficient /= 10;
                scale -= 1;
            }
        }
        Ok(Decimal::new(negative, coefficient, check_scale(scale, coefficient)?))
    }

    /// Whether the value is zero.
    pub fn is_zero(self) -> bool {
        self.high == 0 && self.low == 0
    }

    /// Whether the value is below zero.
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// The value with its sign turned.
    pub fn neg(self) -> Decimal {
        Decimal { negative: !self.negative && !self.is_zero(), ..self }
    }

    /// The value without its sign.
    pub fn abs(self) -> Decimal {
        Decimal { negative: false, ..self }
    }

    /// Whether the value is an integer, whatever its scale.
    pub fn is_whole(self) -> bool {
        if self.scale <= 0 || self.is_zero() {
            return true;
        }
        if self.scale > 38 {
            return false;
        }
        self.coefficient().is_multiple_of(POW10[self.scale as usize])
    }

    /// The integer part if it fits 128 bits.
    fn to_i128(self) -> Option<i128> {
        let c = self.coefficient();
        let magnitude = if self.scale <= 0 {
            let up = self.scale.unsigned_abs();
            if c == 0 { 0 } else { c.checked_mul(*POW10.get(up as usize)?)? }
        } else {
            POW10.get(self.scale as usize).map_or(0, |p| c / p)
        };
        let magnitude = i128::try_from(magnitude).ok()?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// The integer part of a value that is not negative, cut to 64 bits.
    pub(crate) fn whole(self) -> u64 {
        self.to_i128().map_or(u64::MAX, |n| u64::try_from(n).unwrap_or(0))
    }

    /// The value as an integer if it is one and fits.
    pub fn to_i64(self) -> Option<i64> {
        if !self.is_whole() {
            return None;
        }
        self.to_i128().and_then(|n| i64::try_from(n).ok())
    }

    /// The integer part reduced to 32 bits as the reference's `intValue` does (it wraps, it does not saturate).
    pub(crate) fn int_value(self) -> i32 {
        if let Some(n) = self.to_i128() {
            return n as i32;
        }
        // Too large for 128 bits: work modulo 2^32, where 10^32 and above are zero.
        let up = self.scale.unsigned_abs();
        if self.scale > 0 || up >= 32 {
            return 0;
        }
        let wrapped = (self.coefficient() as u32).wrapping_mul(10u32.wrapping_pow(up));
        if self.negative { wrapped.wrapping_neg() as i32 } else { wrapped as i32 }
    }

    /// The scale: digits after the decimal point (negative for trailing zeros of large numbers).
    pub fn scale(self) -> i32 {
        self.scale
    }

    /// Changes the scale, rounding where digits are lost. Where the digits would exceed what a number can hold, the
    /// value is exact but the scale stays smaller.
    pub(crate) fn with_scale(self, scale: i32, mode: Rounding) -> Decimal {
        let c = self.coefficient();
        if scale >= self.scale {
            let room = (PRECISION.saturating_sub(digits(c))) as i64;
            let up = (scale as i64 - self.scale as i64).min(if c == 0 { i64::MAX } else { room });
            let c = if c == 0 { 0 } else { c * POW10[up as usize] };
            return Decimal::new(self.negative, c, (self.scale as i64 + up) as i32);
        }
        let drop = self.scale as i64 - scale as i64;
        let (head, half) = if drop > 38 {
            // Far below half a unit.
            (0, Ordering::Less)
        } else {
            let unit = POW10[drop as usize];
            let rest = c % unit;
            (c / unit, rest.cmp(&(unit - rest)))
        };
        let inexact = if drop > 38 { c != 0 } else { !c.is_multiple_of(POW10[drop as usize]) };
        let up = inexact
            && match mode {
                Rounding::Up => true,
                Rounding::Down => false,
                Rounding::Ceiling => !self.negative,
                Rounding::Floor => self.negative,
                Rounding::HalfUp => half.is_ge(),
                Rounding::HalfDown => half.is_gt(),
                Rounding::HalfEven => half.is_gt() || (half.is_eq() && head & 1 == 1),
            };
        Decimal::new(self.negative, head + up as u128, scale)
    }

    /// The number of significant digits (one for zero).
    pub(crate) fn precision(self) -> u32 {
        digits(self.coefficient())
    }
}

/// A scale in range, or an error; a zero keeps whatever scale is nearest.
fn check_scale(scale: i64, coefficient: u128) -> Result<i32, ArithmeticError> {
    match i32::try_from(scale) {
        Ok(scale) => Ok(scale),
        Err(_) if coefficient == 0 => Ok(scale.clamp(i32::MIN as i64, i32::MAX as i64) as i32),
        Err(_) => Err(ArithmeticError::OutOfRange),
    }
}

impl From<i64> for Decimal {
    fn from(n: i64) -> Decimal {
        Decimal { high: 0, low: n.unsigned_abs(), scale: 0, negative: n < 0 }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    /// Numeric order: `1.0` equals `1.00`.
    #[inline]
    fn cmp(&self, other: &Decimal) -> Ordering {
        if self.scale == other.scale && self.high == 0 && other.high == 0 && !self.negative && !other.negative
        {
            return self.low.cmp(&other.low);
        }
        self.cmp_slow(other)
    }
}

impl Decimal {
    fn cmp_slow(&self, other: &Decimal) -> Ordering {
        if self.negative != other.negative {
            return if self.negative { Ordering::Less } else { Ordering::Greater };
        }
        let magnitude = cmp_magnitude(*self, *other);
        if self.negative { magnitude.reverse() } else { magnitude }
    }
}

fn cmp_magnitude(a: Decimal, b: Decimal) -> Ordering {
    let (x, y) = (a.coefficient(), b.coefficient());
    if a.scale == b.scale || x == 0 || y == 0 {
        return x.cmp(&y);
    }
    // Compare the position of the leading digit first; then the scales differ by at most 38.
    let lead = |c: u128, scale: i32| digits(c) as i64 - scale as i64;
    match lead(x, a.scale).cmp(&lead(y, b.scale)) {
        Ordering::Equal => {}
        other => return other,
    }
    if a.scale < b.scale {
        let up = (b.scale as i64 - a.scale as i64) as usize;
        Wide::mul(x, POW10[up]).cmp(&Wide::from_u128(y))
    } else {
        let up = (a.scale as i64 - b.scale as i64) as usize;
        Wide::from_u128(x).cmp(&Wide::mul(y, POW10[up]))
    }
}

impl std::fmt::Debug for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
