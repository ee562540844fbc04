//! Integers with a prefix (RFC 7541, section 5.1).

/// Larger numbers are nobody's: sizes and lengths are far below.
const MAX: usize = 1 << 28;

/// Reads an integer whose first byte has a prefix of so many bits. `None` when it does not end, or is larger than anybody needs.
pub(crate) fn read(bytes: &mut &[u8], prefix_bits: u32) -> Option<usize> {
    let mask = (1usize << prefix_bits) - 1;
    let (first, mut rest) = bytes.split_first()?;
    let mut value = usize::from(*first) & mask;
    if value == mask {
        let mut shift = 0;
        loop {
            let (next, after) = rest.split_first()?;
            rest = after;
            value += (usize::from(*next) & 0x7f) << shift;
            shift += 7;
            if value > MAX || shift > 28 {
                return None;
            }
            if next & 0x80 == 0 {
                break;
            }
        }
    }
    *bytes = rest;
    Some(value)
}

/// Writes an integer behind the bits that `first` has set already.
pub(crate) fn write(first: u8, prefix_bits: u32, value: usize, out: &mut Vec<u8>) {
    let mask = (1usize << prefix_bits) - 1;
    if value < mask {
        out.push(first | value as u8);
        return;
    }
    out.push(first | mask as u8);
    let mut left = value - mask;
    while left >= 0x80 {
        out.push(left as u8 | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
}

#[cfg(test)]
mod tests {
    use super::{MAX, read, write};

    #[test]
    fn numbers_go_there_and_back_as_in_the_appendix() {
        // Appendix C.1.
        let examples: [(u32, usize, &[u8]); 3] = [(5, 10, &[10]), (5, 1337, &[31, 0x9a, 10]), (8, 42, &[42])];
        for (bits, value, bytes) in examples {
            let mut out = Vec::new();
            write(0, bits, value, &mut out);
            assert_eq!(out, bytes);
        }
        for value in (0..300).chain([16_383, 16_384, 1_000_000, MAX]) {
            for bits in 4..=7 {
                let mut out = Vec::new();
                write(0x80, bits, value, &mut out);
                let mut rest = &out[..];
                assert_eq!((read(&mut rest, bits), rest.len()), (Some(value), 0));
                assert_eq!(read(&mut &out[..out.len() - 1], bits), None, "cut off");
            }
        }
    }

    #[test]
    fn what_is_too_large_or_has_no_end_is_refused() {
        for bytes in [
            &[0xff; 3][..],
            &[0xff; 12],
            &[0xff, 0xff, 0xff, 0xff, 0x7f],
            &[0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
        ] {
            assert_eq!(read(&mut &bytes[..], 7), None, "{bytes:?}");
        }
    }
}
