//! Which texts are numbers, and their whole part, as Java's `BigDecimal` reads them: static text of a model that is a
//! number counts as a number, and as no text.
//!
//! A sign, digits of any script with a point somewhere, an exponent; nothing around them and nothing between them.

/// Where the decimal digits of a script begin that has them within the first 65,536 characters; ten in a row each.
const ZEROS: [u32; 37] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50,
    0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
    0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

/// Powers of ten from this one on have no bit among the lowest 64.
const SCALE_WITHOUT_BITS: i64 = 64;

/// Digits that an exponent may have, without zeros in front.
const EXPONENT_DIGITS_MAX: usize = 10;

/// The part of a number before its point: the lowest 64 bits of it, as a cast in Java leaves them. `None` when `text`
/// is no number.
pub fn whole_part(text: &str) -> Option<i64> {
    let (is_negative, unsigned) = signed(text);
    let (significand, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], exponent_of(&unsigned[at + 1..])?),
        None => (unsigned, 0),
    };
    let mut digits = Vec::with_capacity(significand.len());
    let mut point = None;
    for character in significand.chars() {
        match digit_of(character) {
            Some(digit) => digits.push(digit),
            None if character == '.' && point.is_none() => point = Some(digits.len()),
            None => return None,
        }
    }
    if digits.is_empty() {
        return None;
    }
    let behind_the_point = point.map_or(0, |point| (digits.len() - point) as i64);
    let scale = i32::try_from(behind_the_point - exponent).ok()?;
    let whole = lowest_bits(&digits, i64::from(scale));
    Some(if is_negative { whole.wrapping_neg() } else { whole } as i64)
}

/// The lowest 64 bits of digits without the last `scale` of them, or with zeros behind them where it is negative.
fn lowest_bits(digits: &[u64], scale: i64) -> u64 {
    if scale <= -SCALE_WITHOUT_BITS {
        return 0;
    }
    let kept = usize::try_from(digits.len() as i64 - scale.max(0)).unwrap_or(0);
    let with = |whole: u64, digit: u64| whole.wrapping_mul(10).wrapping_add(digit);
    let whole = digits[..kept].iter().fold(0, |whole, digit| with(whole, *digit));
    (0..-scale).fold(whole, |whole, _| with(whole, 0))
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn exponent_of(text: &str) -> Option<i64> {
    let (is_negative, unsigned) = signed(text);
    let digits: Option<Vec<u64>> = unsigned.chars().map(digit_of).collect();
    let digits = digits.filter(|digits| !digits.is_empty())?;
    let from = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len());
    if digits.len() - from > EXPONENT_DIGITS_MAX {
        return None;
    }
    let exponent = digits[from..].iter().fold(0, |exponent, digit| exponent * 10 + *digit as i64);
    Some(if is_negative { -exponent } else { exponent })
}

fn digit_of(character: char) -> Option<u64> {
    let number = u32::from(character);
    let at = ZEROS.partition_point(|zero| *zero <= number).checked_sub(1)?;
    Some(u64::from(number - ZEROS[at])).filter(|digit| *digit < 10)
}

#[cfg(test)]
mod tests {
    use super::whole_part;

    #[test]
    fn numbers_lose_what_is_behind_the_point_and_above_64_bits() {
        let cases = [
            ("4.0", 4),
            ("-2.9", -2),
            ("0.5", 0),
            ("-.5", 0),
            ("5.", 5),
            ("5.e1", 50),
            ("1E+1", 10),
            ("+7", 7),
            ("12.345e2", 1234),
            ("1234e-2", 12),
            ("9223372036854775808", i64::MIN),
            ("99999999999999999999", 7_766_279_631_452_241_919),
            ("-99999999999999999999", -7_766_279_631_452_241_919),
            ("1e63", (0..63).fold(1_i64, |power, _| power.wrapping_mul(10))),
            ("1e64", 0),
            ("1e2147483648", 0),
            ("1e-2147483647", 0),
            ("1e00000000000000000001", 10),
            ("\u{664}\u{FF12}", 42),
        ];
        for (text, whole) in cases {
            assert_eq!(whole_part(text), Some(whole), "{text}");
        }
    }

    #[test]
    fn everything_else_is_no_number() {
        let texts = [
            "",
            " ",
            " 4",
            "4 ",
            "+",
            "-",
            ".",
            "e1",
            "1e",
            "1e+",
            "--1",
            "+-1",
            "1.2.3",
            "1e1.5",
            "0x10",
            "4_000",
            "1,0",
            "4d",
            "NaN",
            "1e2147483649",
            "1e99999999999",
            "\u{2212}1",
            "\u{1D7CE}",
        ];
        for text in texts {
            assert_eq!(whole_part(text), None, "{text}");
        }
    }
}
