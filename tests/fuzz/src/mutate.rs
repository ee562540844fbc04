//! Mutations of an input: of its bytes, and of the structure that its brackets, tags and numbers show.

use crate::rng::Rng;
use std::ops::Range;

/// Numbers at the edges of what a parser may hold.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1",
    "00",
    "255",
    "256",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1e308",
    "1e309",
    "-1e-400",
    "1E6144",
    "1e9999999999",
    "0.1",
    ".5",
    "5.",
    "99999999999999999999999999999999999999999999",
    "0.00000000000000000000000000000000000000000001",
];
/// Bytes that begin, end or break something.
const BYTES: &[u8] = b"\0\x01\t\n\r \"'\\<>&{}[]()-+.,:;=/?*#@!%x0\x7f\x80\xbf\xc0\xc3\xe2\xed\xf4\xfe\xff";
/// Brackets, and what stands for one inside of tags and texts.
const PAIRS: &[(&str, &str)] =
    &[("[", "]"), ("{", "}"), ("(", ")"), ("{\"a\":", "}"), ("<a>", "</a>"), ("\"", "\"")];
/// How often a piece may be nested at once: a number of this many bits.
const REPEATS_BITS: usize = 11;

/// What a mutation may use beside the input.
pub struct Material<'a> {
    /// Pieces of the target's grammar.
    pub tokens: &'a [&'a str],
    /// Other inputs.
    pub pool: &'a [Vec<u8>],
    /// Bytes that an input may have.
    pub length_max: usize,
}

/// An input made from another one by a few mutations.
pub fn mutate(rng: &mut Rng, input: &[u8], material: &Material<'_>) -> Vec<u8> {
    let mut bytes = input.to_vec();
    let rounds = 1 + rng.small(3);
    for _ in 0..rounds {
        once(rng, &mut bytes, material);
        bytes.truncate(material.length_max);
    }
    bytes
}

fn once(rng: &mut Rng, bytes: &mut Vec<u8>, material: &Material<'_>) {
    match rng.below(16) {
        0 => {
            if let Some(byte) = some_byte(rng, bytes) {
                *byte ^= 1 << rng.below(8);
            }
        }
        1 => {
            if let Some(byte) = some_byte(rng, bytes) {
                *byte = *rng.pick(BYTES);
            }
        }
        2..=4 if !material.tokens.is_empty() => {
            let token = rng.pick(material.tokens).as_bytes();
            replace(rng, bytes, token);
        }
        5 => {
            let range = some_range(rng, bytes.len());
            bytes.drain(range);
        }
        6 => {
            let piece = bytes[some_range(rng, bytes.len())].to_vec();
            let times = 1 + rng.small(7);
            insert(rng, bytes, &piece.repeat(times.min(1 + material.length_max / (piece.len() + 1))));
        }
        7 => {
            let end = rng.below(bytes.len() + 1);
            bytes.truncate(end);
        }
        8 => nest(rng, bytes),
        9 => number(rng, bytes),
        10 => {
            let other = rng.pick(material.pool);
            let piece = other[some_range(rng, other.len())].to_vec();
            insert(rng, bytes, &piece);
        }
        11 | 12 => {
            let other: &Vec<u8> = rng.pick(material.pool);
            graft(rng, bytes, other);
        }
        13 => little_endian(rng, bytes),
        14 => {
            let character = char::from_u32(rng.below(0x11_0000) as u32).unwrap_or('\u{feff}');
            insert(rng, bytes, character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        _ => {
            let token = [*rng.pick(BYTES)];
            insert(rng, bytes, &token);
        }
    }
}

fn some_byte<'a>(rng: &mut Rng, bytes: &'a mut [u8]) -> Option<&'a mut u8> {
    let at = rng.below(bytes.len());
    bytes.get_mut(at)
}

/// A range, mostly a short one.
fn some_range(rng: &mut Rng, length: usize) -> Range<usize> {
    let start = rng.below(length + 1);
    let longest = if rng.one_in(4) { length - start } else { (length - start).min(16) };
    start..start + rng.below(longest + 1)
}

fn insert(rng: &mut Rng, bytes: &mut Vec<u8>, piece: &[u8]) {
    let at = rng.below(bytes.len() + 1);
    bytes.splice(at..at, piece.iter().copied());
}

/// Inserts a token, between blanks or not, or puts it in a word's place.
fn replace(rng: &mut Rng, bytes: &mut Vec<u8>, token: &[u8]) {
    let at = rng.below(bytes.len() + 1);
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let end = match rng.below(3) {
        0 => bytes[at..].iter().position(|byte| !word(byte)).map_or(bytes.len(), |length| at + length),
        _ => at,
    };
    let blank: &[u8] = if rng.one_in(2) { b" " } else { b"" };
    bytes.splice(at..end, [blank, token, blank].concat());
}

/// Puts a range into many brackets, or opens many that nobody closes.
fn nest(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let (open, close) = *rng.pick(PAIRS);
    let times = 1 + rng.small(REPEATS_BITS);
    let range = structure(rng, bytes).unwrap_or_else(|| some_range(rng, bytes.len()));
    let closings = if rng.one_in(4) { rng.below(times) } else { times };
    bytes.splice(range.end..range.end, close.repeat(closings).into_bytes());
    bytes.splice(range.start..range.start, open.repeat(times).into_bytes());
}

/// Puts another number in a number's place.
fn number(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let from = rng.below(bytes.len());
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
    let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = if rng.one_in(3) { rng.next().to_string() } else { (*rng.pick(NUMBERS)).to_owned() };
    bytes.splice(start..start + digits, number.into_bytes());
}

/// Puts a part of another input in the place of a part of this one: brackets and what is in them, where there are some.
fn graft(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let from = structure(rng, other).unwrap_or_else(|| some_range(rng, other.len()));
    let to = structure(rng, bytes).unwrap_or_else(|| some_range(rng, bytes.len()));
    bytes.splice(to, other[from].iter().copied());
}

/// An edge of a binary number, over the bytes that are there.
fn little_endian(rng: &mut Rng, bytes: &mut [u8]) {
    let value = match rng.below(4) {
        0 => u64::MAX >> rng.below(64),
        1 => 1 << rng.below(64),
        2 => (bytes.len() as u64).wrapping_add(rng.next() % 9).wrapping_sub(4),
        _ => rng.next(),
    };
    let at = rng.below(bytes.len());
    let width = 1 << rng.below(4);
    for (byte, new) in bytes[at..].iter_mut().take(width).zip(value.to_le_bytes()) {
        *byte = new;
    }
}

/// From some opening bracket, quote or tag to what closes it.
fn structure(rng: &mut Rng, bytes: &[u8]) -> Option<Range<usize>> {
    let from = rng.below(bytes.len());
    let start = from + bytes[from..].iter().position(|byte| b"[{(<\"".contains(byte))?;
    let open = bytes[start];
    let close = match open {
        b'[' => b']',
        b'{' => b'}',
        b'(' => b')',
        b'<' => b'>',
        quote => quote,
    };
    let mut depth = 0usize;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        if byte == close && (open != close || at > start) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(start..at + 1);
            }
        } else if byte == open {
            depth += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Material, mutate, structure};
    use crate::rng::Rng;

    #[test]
    fn mutations_keep_their_bounds_and_depend_on_the_seed_alone() {
        let pool = [b"{\"a\":[1,2]}".to_vec(), b"<a><b/></a>".to_vec(), Vec::new()];
        let material = Material { tokens: &["null"], pool: &pool, length_max: 5_000 };
        let run = |seed| {
            let mut rng = Rng(seed);
            let mut input = pool[0].clone();
            let mut trace = Vec::new();
            for _ in 0..2_000 {
                input = mutate(&mut rng, &input, &material);
                assert!(input.len() <= 5_000);
                trace.push(input.clone());
            }
            trace
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn structures_are_balanced() {
        let text = b"{a}";
        assert_eq!((0..9).filter_map(|seed| structure(&mut Rng(seed), text)).next(), Some(0..3));
        assert_eq!(structure(&mut Rng(0), b"(("), None);
    }
}
