//! Unsigned 256-bit integers, just wide enough for the product or the scaled dividend of two 34-digit
//! coefficients. Invariant: callers keep every intermediate below 10^77, so nothing here ever overflows. This is
//! not a general big-number type: it only does what decimal arithmetic needs.

/// 10^0 ..= 10^38, the powers of ten a `u128` can hold.
pub(super) const POW10: [u128; 39] = {
    let mut table = [1u128; 39];
    let mut i = 1;
    while i < 39 {
        table[i] = table[i - 1] * 10;
        i += 1;
    }
    table
};

/// Number of decimal digits of `n`; zero has one digit.
pub(super) fn digits(n: u128) -> u32 {
    if n < 10 {
        return 1;
    }
    // log10(2) = 0.30103; the estimate is exact or one too small.
    let bits = 128 - n.leading_zeros();
    let estimate = (bits * 1233) >> 12;
    if n >= POW10[estimate as usize] { estimate + 1 } else { estimate }
}

/// A 256-bit unsigned integer as four 64-bit limbs, least significant first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wide(pub(super) [u64; 4]);

impl Wide {
    pub(super) fn from_u128(n: u128) -> Wide {
        Wide([n as u64, (n >> 64) as u64, 0, 0])
    }

    /// The value if it fits 128 bits.
    pub(super) fn to_u128(self) -> Option<u128> {
        let [a, b, c, d] = self.0;
        (c == 0 && d == 0).then_some((b as u128) << 64 | a as u128)
    }

    pub(super) fn is_zero(self) -> bool {
        self.0 == [0; 4]
    }

    pub(super) fn mul(a: u128, b: u128) -> Wide {
        let (a0, a1) = (a as u64 as u128, a >> 64);
        let (b0, b1) = (b as u64 as u128, b >> 64);
        let low = a0 * b0;
        let mid1 = a1 * b0 + (low >> 64);
        let mid2 = a0 * b1 + (mid1 as u64 as u128);
        let high = a1 * b1 + (mid1 >> 64) + (mid2 >> 64);
        Wide([low as u64, mid2 as u64, high as u64, (high >> 64) as u64])
    }

    pub(super) fn add(self, other: Wide) -> Wide {
        let mut out = [0u64; 4];
        let mut carry = false;
        for (i, slot) in out.iter_mut().enumerate() {
            let (sum, c1) = self.0[i].overflowing_add(other.0[i]);
            let (sum, c2) = sum.overflowing_add(carry as u64);
            *slot = sum;
            carry = c1 | c2;
        }
        Wide(out)
    }

    /// `self - other`; the caller guarantees `self >= other`.
    pub(super) fn sub(self, other: Wide) -> Wide {
        let mut out = [0u64; 4];
        let mut borrow = false;
        for (i, slot) in out.iter_mut().enumerate() {
            let (diff, b1) = self.0[i].overflowing_sub(other.0[i]);
            let (diff, b2) = diff.overflowing_sub(borrow as u64);
            *slot = diff;
            borrow = b1 | b2;
        }
        Wide(out)
    }

    pub(super) fn cmp(&self, other: &Wide) -> std::cmp::Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }

    /// Quotient and remainder by a nonzero 64-bit divisor.
    pub(super) fn div_rem_u64(self, divisor: u64) -> (Wide, u64) {
        let mut out = [0u64; 4];
        let mut rem = 0u128;
        for i in (0..4).rev() {
            let cur = rem << 64 | self.0[i] as u128;
            out[i] = (cur / divisor as u128) as u64;
            rem = cur % divisor as u128;
        }
        (Wide(out), rem as u64)
    }

    /// Quotient and remainder by a nonzero 128-bit divisor (schoolbook division, one quotient limb at a time).
    pub(super) fn div_rem(self, divisor: u128) -> (Wide, u128) {
        if let Ok(small) = u64::try_from(divisor) {
            let (quotient, rem) = self.div_rem_u64(small);
            return (quotient, rem as u128);
        }
        // Normalize so that the divisor's top bit is set; then each estimate is at most two too large.
        let shift = divisor.leading_zeros();
        let v = divisor << shift;
        let (v1, v0) = (v >> 64, v as u64 as u128);
        let mut u = [0u64; 5];
        for (i, limb) in self.0.iter().enumerate() {
            let wide = (*limb as u128) << shift;
            u[i] |= wide as u64;
            u[i + 1] |= (wide >> 64) as u64;
        }
        let mut out = [0u64; 4];
        for j in (0..3).rev() {
            let top = (u[j + 2] as u128) << 64 | u[j + 1] as u128;
            let mut q = (top / v1).min(u64::MAX as u128);
            let mut r = top - q * v1;
            while r <= u64::MAX as u128 && q * v0 > (r << 64 | u[j] as u128) {
                q -= 1;
                r += v1;
            }
            // u[j..j+3] -= q * v; the estimate can still be one too large.
            let product = Wide::mul(q, v);
            let current = Wide([u[j], u[j + 1], u[j + 2], 0]);
            let (product, q) = if product.cmp(&current).is_gt() {
                (product.sub(Wide::from_u128(v)), q - 1)
            } else {
                (product, q)
            };
            let rest = current.sub(product);
            u[j..j + 3].copy_from_slice(&rest.0[..3]);
            out[j] = q as u64;
        }
        let rem = ((u[1] as u128) << 64 | u[0] as u128) >> shift;
        (Wide(out), rem)
    }

    /// `self / 10^count` and whether anything nonzero was cut off.
    pub(super) fn drop_digits(self, count: u32) -> (Wide, bool) {
        let mut value = self;
        let mut sticky = false;
        let mut left = count;
        while left > 0 {
            let step = left.min(19);
            let (quotient, rem) = value.div_rem_u64(POW10[step as usize] as u64);
            value = quotient;
            sticky |= rem != 0;
            left -= step;
        }
        (value, sticky)
    }

    /// Number of decimal digits; zero has one digit.
    pub(super) fn digits(self) -> u32 {
        if let Some(n) = self.to_u128() {
            return digits(n);
        }
        let (high, _) = self.drop_digits(38);
        // Below 10^77 the part above 38 digits always fits.
        38 + high.to_u128().map_or(39, digits)
    }
}

#[cfg(test)]
mod tests {
    use super::{POW10, Wide, digits};

    #[test]
    fn counts_digits_at_every_power() {
        for (i, p) in POW10.iter().enumerate() {
            assert_eq!(digits(*p), i as u32 + 1);
            assert_eq!(digits(p - (i > 0) as u128), (i as u32).max(1));
        }
    }

    #[test]
    fn division_inverts_multiplication() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        for _ in 0..20_000 {
            let a = ((next() as u128) << 64 | next() as u128) >> (next() % 120);
            let b = (((next() as u128) << 64 | next() as u128) >> (next() % 120)).max(1);
            let r = ((next() as u128) << 64 | next() as u128) % b;
            let n = Wide::mul(a, b).add(Wide::from_u128(r));
            assert_eq!(n.div_rem(b), (Wide::from_u128(a), r), "{a} * {b} + {r}");
        }
    }
}
