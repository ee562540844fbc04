//! Writing JSON strings, 16 bytes at a time where nothing has to be escaped.

use wide::u8x16;

/// The bytes of a block that must be escaped, a bit each: quotes, backslashes, control characters.
fn special(block: &[u8; 16]) -> u32 {
    let bytes = u8x16::new(*block);
    let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let quotes = bytes.simd_eq(u8x16::splat(b'"'));
    (controls | quotes | bytes.simd_eq(u8x16::splat(b'\\'))).to_bitmask()
}

/// Runs `each` for every block of a text that holds something to escape: where it begins, its length, and which of its
/// bytes.
fn for_special(text: &[u8], mut each: impl FnMut(usize, u32)) {
    let (blocks, rest) = text.as_chunks::<16>();
    for (at, block) in blocks.iter().enumerate() {
        let found = special(block);
        if found != 0 {
            each(16 * at, found);
        }
    }
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    let found = special(&last);
    if found != 0 {
        each(16 * blocks.len(), found);
    }
}

/// How many bytes of a text must be escaped.
pub(crate) fn escapes(text: &str) -> usize {
    let mut count = 0;
    for_special(text.as_bytes(), |_, found| count += found.count_ones() as usize);
    count
}

/// Writes a string as a JSON string.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    let text = text.as_bytes();
    out.push(b'"');
    let mut from = 0;
    for_special(text, |block, mut found| {
        while found != 0 {
            let at = block + found.trailing_zeros() as usize;
            found &= found - 1;
            out.extend_from_slice(&text[from..at]);
            write_escape(out, text[at]);
            from = at + 1;
        }
    });
    out.extend_from_slice(&text[from..]);
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x8 => b'b',
        0xc => b'f',
        other => {
            let digits = [DIGITS[other as usize >> 4], DIGITS[other as usize & 15]];
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&digits);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::{escapes, write_string};

    #[test]
    fn escapes_what_must_be_escaped_wherever_it_stands() {
        let special: Vec<char> = (0..0x20).map(char::from).chain(['"', '\\']).collect();
        for (n, c) in special.iter().enumerate() {
            for length in 0..40 {
                let text: String =
                    (0..length).map(|at| if at % 7 == n % 7 { *c } else { '\u{e4}' }).collect();
                let mut out = Vec::new();
                write_string(&mut out, &text);
                let read: String = serde_json::from_slice(&out).expect("JSON");
                assert_eq!(read, text);
                assert_eq!(escapes(&text), text.chars().filter(|found| found == c).count());
            }
        }
    }
}
