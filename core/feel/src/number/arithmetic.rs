//! The arithmetic of numbers: results carry at most 34 digits, rounded half even, and the scale that the reference's
//! `java.math.BigDecimal` would give them. Fast paths cover what fits 128 bits; the rest goes through `Wide`.

use super::wide::{POW10, Wide, digits};
use super::{ArithmeticError, Decimal, PRECISION, Rounding};

/// Digits kept inside a power's repeated multiplication, so that the final rounding sees a good value.
const POWER_DIGITS: u32 = 37;
/// Largest exponent of an integer power.
const POWER_MAX: u32 = 999_999_999;

// Not the operator traits: every operation can fail.
#[allow(clippy::should_implement_trait)]
impl Decimal {
    /// `self + other`.
    pub fn add(self, other: Decimal) -> Result<Decimal, ArithmeticError> {
        if self.scale == other.scale && self.high == 0 && other.high == 0 {
            let (a, b) = (self.low as u128, other.low as u128);
            let (negative, c) = if self.negative == other.negative {
                (self.negative, a + b)
            } else if a >= b {
                (self.negative, a - b)
            } else {
                (other.negative, b - a)
            };
            return Ok(Decimal::new(negative, c, self.scale));
        }
        if self.scale < other.scale { add_aligned(self, other) } else { add_aligned(other, self) }
    }

    /// `self - other`.
    pub fn sub(self, other: Decimal) -> Result<Decimal, ArithmeticError> {
        self.add(other.neg())
    }

    /// `self * other`.
    pub fn mul(self, other: Decimal) -> Result<Decimal, ArithmeticError> {
        let negative = self.negative != other.negative;
        let scale = self.scale as i64 + other.scale as i64;
        if self.high == 0 && other.high == 0 {
            let c = self.low as u128 * other.low as u128;
            if c < POW10[PRECISION as usize]
                && let Ok(scale) = i32::try_from(scale)
            {
                return Ok(Decimal::new(negative, c, scale));
            }
        }
        Decimal::round(negative, Wide::mul(self.coefficient(), other.coefficient()), scale, false)
    }

    /// `self / other`; the quotient of an exact division keeps the scale `self.scale - other.scale` where possible.
    pub fn div(self, other: Decimal) -> Result<Decimal, ArithmeticError> {
        if other.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        let negative = self.negative != other.negative;
        let preferred = self.scale as i64 - other.scale as i64;
        let (a, b) = (self.coefficient(), other.coefficient());
        if a == 0 {
            return Ok(Decimal::new(false, 0, preferred.clamp(i32::MIN as i64, i32::MAX as i64) as i32));
        }
        if a.is_multiple_of(b) && a / b < POW10[PRECISION as usize] {
            return Decimal::round(negative, Wide::from_u128(a / b), preferred, false);
        }
        let up = (PRECISION + 1 + digits(b)).saturating_sub(digits(a)).min(38);
        // Two steps, because one power of ten beyond 10^38 does not fit 128 bits.
        let more = (PRECISION + 1 + digits(b)).saturating_sub(digits(a)) - up;
        let scaled = Wide::mul(a, POW10[up as usize]);
        let scaled = widen(scaled, more);
        let (quotient, rest) = scaled.div_rem(b);
        let scale = preferred + up as i64 + more as i64;
        if rest != 0 {
            return Decimal::round(negative, quotient, scale, true);
        }
        let (mut quotient, mut scale) = (quotient, scale);
        while scale > preferred {
            let (shorter, last) = quotient.div_rem_u64(10);
            if last != 0 {
                break;
            }
            quotient = shorter;
            scale -= 1;
        }
        Decimal::round(negative, quotient, scale, false)
    }

    /// The remainder of the division truncated towards zero; it has the sign of `self`.
    pub fn rem(self, other: Decimal) -> Result<Decimal, ArithmeticError> {
        if other.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        let quotient = self.div_integer(other)?;
        self.sub(quotient.mul(other)?)
    }

    /// The integer part of `self / other`, exact, or an error where it needs more than 34 digits.
    fn div_integer(self, other: Decimal) -> Result<Decimal, ArithmeticError> {
        let preferred = self.scale as i64 - other.scale as i64;
        let (a, b) = (self.coefficient(), other.coefficient());
        let negative = self.negative != other.negative;
        // The quotient's integer part is a * 10^-preferred / b.
        let lead = digits(a) as i64 - preferred - digits(b) as i64 + 1;
        if a == 0 || lead < 0 {
            return Ok(Decimal::new(false, 0, preferred.clamp(-(PRECISION as i64), PRECISION as i64) as i32));
        }
        if lead > PRECISION as i64 + 1 {
            return Err(ArithmeticError::OutOfRange);
        }
        let quotient = if preferred >= 0 {
            let (n, _) = Wide::from_u128(a).drop_digits(preferred.min(77) as u32);
            n.div_rem(b).0
        } else {
            let up = (-preferred) as u32;
            widen(Wide::mul(a, POW10[up.min(38) as usize]), up.saturating_sub(38)).div_rem(b).0
        };
        if quotient.digits() > PRECISION {
            return Err(ArithmeticError::OutOfRange);
        }
        let mut result = Decimal::round(negative, quotient, 0, false)?;
        while (result.scale as i64) > preferred && !result.is_zero() {
            let c = result.coefficient();
            if !c.is_multiple_of(10) {
                break;
            }
            result = Decimal::new(negative, c / 10, result.scale - 1);
        }
        if (result.scale as i64) < preferred {
            result = result.with_scale(preferred.min(PRECISION as i64) as i32, Rounding::Down);
        }
        Ok(result)
    }

    /// FEEL's modulo: the remainder with the sign of the divisor.
    pub(crate) fn modulo(self, divisor: Decimal) -> Result<Decimal, ArithmeticError> {
        self.rem(divisor)?.add(divisor)?.rem(divisor)
    }

    /// `self` to an integer power; a negative one inverts.
    pub(crate) fn pow(self, exponent: i32) -> Result<Decimal, ArithmeticError> {
        let magnitude = exponent.unsigned_abs();
        if magnitude > POWER_MAX {
            return Err(ArithmeticError::OutOfRange);
        }
        if exponent == 0 {
            return Ok(Decimal::ONE);
        }
        let mut result = Decimal::ONE;
        let mut bit = 1u32 << (31 - magnitude.leading_zeros());
        loop {
            if magnitude & bit != 0 {
                result = mul_guarded(result, self)?;
            }
            bit >>= 1;
            if bit == 0 {
                break;
            }
            result = mul_guarded(result, result)?;
        }
        if exponent < 0 {
            return Decimal::ONE.div(result);
        }
        Decimal::round(result.negative, Wide::from_u128(result.coefficient()), result.scale as i64, false)
    }
}

/// `n * 10^count`, count small enough that the product stays below 2^256.
fn widen(n: Wide, count: u32) -> Wide {
    let mut n = n;
    for _ in 0..count {
        let twice = n.add(n);
        let eight = twice.add(twice).add(twice.add(twice));
        n = eight.add(twice);
    }
    n
}

/// A product rounded to the digits kept inside a power.
fn mul_guarded(a: Decimal, b: Decimal) -> Result<Decimal, ArithmeticError> {
    let product = Wide::mul(a.coefficient(), b.coefficient());
    let scale = a.scale as i64 + b.scale as i64;
    let negative = a.negative != b.negative;
    let count = product.digits();
    if count <= POWER_DIGITS {
        let c = product.to_u128().unwrap_or(0);
        return Ok(Decimal::new(negative, c, super::check_scale(scale, c)?));
    }
    let drop = count - POWER_DIGITS;
    let (head, lost) = product.drop_digits(drop - 1);
    let (head, last) = head.div_rem_u64(10);
    let mut c = head.to_u128().unwrap_or(0);
    if last > 5 || (last == 5 && (lost || c & 1 == 1)) {
        c += 1;
    }
    Ok(Decimal::new(negative, c, super::check_scale(scale - drop as i64, c)?))
}

/// `a + b` where `a.scale <= b.scale`.
fn add_aligned(a: Decimal, b: Decimal) -> Result<Decimal, ArithmeticError> {
    let gap = b.scale as i64 - a.scale as i64;
    let (x, y) = (a.coefficient(), b.coefficient());
    if gap <= 14 && a.high == 0 && b.high == 0 {
        // Below 2^64 * 10^14 nothing needs rounding.
        let x = x * POW10[gap as usize];
        let (negative, sum) = match (a.negative == b.negative, x >= y) {
            (true, _) => (a.negative, x + y),
            (false, true) => (a.negative, x - y),
            (false, false) => (b.negative, y - x),
        };
        if sum < POW10[PRECISION as usize] {
            return Ok(Decimal::new(negative, sum, b.scale));
        }
    }
    if x == 0 {
        return Decimal::round(b.negative, Wide::from_u128(y), b.scale as i64, false);
    }
    if y == 0 {
        // The scale grows as far as the digits allow.
        let room = (PRECISION.saturating_sub(digits(x)) as i64).min(gap);
        let wide = Wide::mul(x, POW10[room as usize]);
        return Decimal::round(a.negative, wide, a.scale as i64 + room, false);
    }
    if gap <= 38 {
        let left = Wide::mul(x, POW10[gap as usize]);
        let right = Wide::from_u128(y);
        return signed_sum(a.negative, left, b.negative, right, b.scale as i64, false);
    }
    // `b` is far below `a`: keep `a` at 38 digits more and let `b` count as its leading digits, or as a trace.
    let left = Wide::mul(x, POW10[38]);
    let drop = gap - 38;
    let (right, lost) = Wide::from_u128(y).drop_digits(drop.min(40) as u32);
    signed_sum(a.negative, left, b.negative, right, a.scale as i64 + 38, lost)
}

/// The sum of two signed magnitudes at one scale; `trace` says that the right one lost nonzero digits.
fn signed_sum(
    left_negative: bool,
    left: Wide,
    right_negative: bool,
    right: Wide,
    scale: i64,
    trace: bool,
) -> Result<Decimal, ArithmeticError> {
    if left_negative == right_negative {
        return Decimal::round(left_negative, left.add(right), scale, trace);
    }
    match left.cmp(&right) {
        std::cmp::Ordering::Less => Decimal::round(right_negative, right.sub(left), scale, trace),
        std::cmp::Ordering::Equal if !trace => Decimal::round(false, Wide::from_u128(0), scale, false),
        std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => {
            // A trace that is subtracted makes the value a little smaller: one unit less and a rest above it.
            let mut value = left.sub(right);
            if trace && !value.is_zero() {
                value = value.sub(Wide::from_u128(1));
            }
            Decimal::round(left_negative, value, scale, trace)
        }
    }
}
