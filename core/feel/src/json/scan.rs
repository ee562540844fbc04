//! Skipping over arrays and objects, 64 bytes at a time. Quotes, backslashes and brackets become bit masks; brackets
//! inside strings are masked out, and a block in which the container cannot end is counted, not walked.

use super::JSON_DEPTH_MAX;
use wide::u8x16;

const BLOCK: usize = 64;

/// What is special in one block, a bit per byte.
struct Masks {
    quotes: u64,
    backslashes: u64,
    open: u64,
    close: u64,
}

fn masks(block: &[u8; BLOCK]) -> Masks {
    let mut masks = Masks { quotes: 0, backslashes: 0, open: 0, close: 0 };
    for (i, part) in block.as_chunks::<16>().0.iter().enumerate() {
        let bytes = u8x16::new(*part);
        // Setting one bit turns `[` into `{` and `]` into `}`.
        let brackets = bytes | u8x16::splat(0x20);
        let bits = |found: u8x16| (found.to_bitmask() as u64) << (16 * i);
        masks.quotes |= bits(bytes.simd_eq(u8x16::splat(b'"')));
        masks.backslashes |= bits(bytes.simd_eq(u8x16::splat(b'\\')));
        masks.open |= bits(brackets.simd_eq(u8x16::splat(b'{')));
        masks.close |= bits(brackets.simd_eq(u8x16::splat(b'}')));
    }
    masks
}

/// Each bit becomes the parity of the bits up to it: set between an opening and a closing quote.
fn prefix_parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The bits after backslashes that are not escaped themselves; `carry` says whether the first byte is escaped.
fn escaped(backslashes: u64, carry: &mut bool) -> u64 {
    let mut escaped = *carry as u64;
    *carry = false;
    let mut left = backslashes;
    while left != 0 {
        let at = left.trailing_zeros();
        left &= left - 1;
        if escaped >> at & 1 == 1 {
            continue;
        }
        if at == 63 {
            *carry = true;
        } else {
            escaped |= 1 << (at + 1);
        }
    }
    escaped
}

/// The position after the array or object that starts at `at`.
pub(super) fn skip_container(text: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0u32;
    let mut in_string = 0u64;
    let mut escape = false;
    let mut at = at;
    loop {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let found = match rest.first_chunk::<BLOCK>() {
            Some(block) => masks(block),
            None => {
                // The tail is padded with blanks.
                let mut block = [b' '; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                masks(&block)
            }
        };
        let mut quotes = found.quotes;
        if found.backslashes != 0 || escape {
            quotes &= !escaped(found.backslashes, &mut escape);
        }
        let strings = prefix_parity(quotes) ^ in_string;
        in_string = ((strings as i64) >> 63) as u64;
        let open = found.open & !strings;
        let close = found.close & !strings;
        if close.count_ones() < depth {
            depth = depth + open.count_ones() - close.count_ones();
        } else {
            let mut both = open | close;
            while both != 0 {
                let bit = both.trailing_zeros();
                both &= both - 1;
                if open >> bit & 1 == 1 {
                    depth += 1;
                } else {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at + bit as usize + 1);
                    }
                }
            }
        }
        if depth > JSON_DEPTH_MAX {
            return None;
        }
        at += BLOCK;
    }
}

#[cfg(test)]
mod tests {
    use super::skip_container;

    /// The same, a byte at a time.
    fn plain(text: &[u8]) -> Option<usize> {
        let (mut depth, mut string, mut i) = (0u32, false, 0);
        while i < text.len() {
            match text[i] {
                b'\\' if string => i += 1,
                b'"' => string = !string,
                b'{' | b'[' if !string => depth += 1,
                b'}' | b']' if !string => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(i + 1);
                    }
                }
                _ => {}
            }
            i += 1;
        }
        None
    }

    #[test]
    fn finds_the_same_end_as_a_plain_scan() {
        let mut seed = 0x1234_5678_9abc_def1_u64;
        for round in 0..20_000 {
            let mut text = vec![b'['];
            let mut string = false;
            for _ in 0..round % 300 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                let c = b"[]{}\"\\ax,:  \"\\"[(seed % 14) as usize];
                // Outside of strings a backslash is no JSON.
                if c == b'\\' && !string {
                    continue;
                }
                if c == b'\\' {
                    text.extend_from_slice(b"\\\"");
                    continue;
                }
                string ^= c == b'"';
                text.push(c);
            }
            assert_eq!(skip_container(&text, 0), plain(&text), "{}", String::from_utf8_lossy(&text));
        }
    }
}
