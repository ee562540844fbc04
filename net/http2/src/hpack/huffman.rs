//! The Huffman code of header strings (RFC 7541, appendix B). Only decoding: what this side sends is short, and sent as it is.
//!
//! The code is canonical: codes of one length follow each other in the order of their symbols, and the codes of a longer length follow those
//! of all shorter ones. So the lengths alone are the code.

/// The bits of each byte's code, and of the end of the string.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6,
    6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
    23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22,
    21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20,
    22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22,
    22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];
const END: u16 = 256;
/// Codes up to this length are found by one look.
const SHORT_BITS: usize = 8;
const BITS_MAX: usize = 30;

static CODE: Code = Code::new();

struct Code {
    /// By the next eight bits: a byte and the bits of its code; 0 where the code is longer.
    short: [(u8, u8); 1 << SHORT_BITS],
    /// The symbols in the order of their codes.
    symbols: [u16; 257],
    /// By length: the first code, the place of its symbol, how many there are.
    long: [(u32, u16, u16); BITS_MAX + 1],
}

impl Code {
    const fn new() -> Code {
        let mut code = Code { short: [(0, 0); 256], symbols: [0; 257], long: [(0, 0, 0); BITS_MAX + 1] };
        let (mut next, mut place, mut bits) = (0u32, 0usize, 1usize);
        while bits <= BITS_MAX {
            next <<= 1;
            code.long[bits] = (next, place as u16, 0);
            let mut symbol = 0;
            while symbol < LENGTHS.len() {
                if LENGTHS[symbol] as usize == bits {
                    code.symbols[place] = symbol as u16;
                    if bits <= SHORT_BITS {
                        let free = SHORT_BITS - bits;
                        let mut at = (next as usize) << free;
                        let end = ((next + 1) as usize) << free;
                        while at < end {
                            code.short[at] = (symbol as u8, bits as u8);
                            at += 1;
                        }
                    }
                    next += 1;
                    place += 1;
                    code.long[bits].2 += 1;
                }
                symbol += 1;
            }
            bits += 1;
        }
        code
    }

    /// The symbol that these bits (the first is the highest) begin with, and how many it has, if it ends within `bits` of them.
    fn symbol(&self, from: u64, bits: usize) -> Option<(u16, usize)> {
        let (byte, length) = self.short[(from >> (64 - SHORT_BITS)) as usize];
        if length != 0 {
            let length = usize::from(length);
            return (length <= bits).then_some((u16::from(byte), length));
        }
        (SHORT_BITS + 1..=BITS_MAX.min(bits)).find_map(|length| {
            let (first, place, count) = self.long[length];
            let behind = (from >> (64 - length)).checked_sub(u64::from(first))?;
            let is_one = behind < u64::from(count);
            is_one.then(|| (self.symbols[usize::from(place) + behind as usize], length))
        })
    }
}

/// Appends what `coded` says. `None` when it is no string: the end within it, a padding of more than seven bits or not of ones.
pub(crate) fn decode(coded: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (mut rest, mut held, mut bits) = (coded.iter(), 0u64, 0usize);
    loop {
        while bits <= 56
            && let Some(byte) = rest.next()
        {
            held |= u64::from(*byte) << (56 - bits);
            bits += 8;
        }
        match CODE.symbol(held, bits) {
            Some((END, _)) => return None,
            Some((symbol, length)) => {
                out.push(symbol as u8);
                held <<= length;
                bits -= length;
            }
            None => {
                let is_padding = bits < 8 && held.leading_ones() as usize == bits;
                return is_padding.then_some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CODE, LENGTHS, decode};

    fn text(coded: &[u8]) -> Option<String> {
        let mut out = Vec::new();
        decode(coded, &mut out)?;
        Some(String::from_utf8_lossy(&out).into_owned())
    }

    /// The code of each symbol, from the table of lengths.
    fn encode(bytes: &[u8]) -> Vec<u8> {
        let (mut out, mut held, mut bits) = (Vec::new(), 0u64, 0);
        for byte in bytes {
            let length = usize::from(LENGTHS[usize::from(*byte)]);
            let (first, place, count) = CODE.long[length];
            let symbols = &CODE.symbols[usize::from(place)..usize::from(place + count)];
            let behind = symbols.iter().position(|symbol| *symbol == u16::from(*byte)).expect("a symbol");
            held = held << length | (u64::from(first) + behind as u64);
            bits += length;
            while bits >= 8 {
                bits -= 8;
                out.push((held >> bits) as u8);
            }
        }
        if bits > 0 {
            out.push((held << (8 - bits)) as u8 | (0xff >> bits));
        }
        out
    }

    #[test]
    fn the_examples_of_the_appendix() {
        // Appendix C.4.1 and C.6.1.
        let coded = [0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff];
        assert_eq!(text(&coded).as_deref(), Some("www.example.com"));
        assert_eq!(text(&[0xae, 0xc3, 0x77, 0x1a, 0x4b]).as_deref(), Some("private"));
        assert_eq!(encode(b"www.example.com"), coded);
    }

    #[test]
    fn every_byte_goes_there_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        for from in 0..8 {
            let bytes = [&b"aaaaaaaa"[..from], &all, &all].concat();
            let mut out = Vec::new();
            decode(&encode(&bytes), &mut out).expect("a string");
            assert_eq!(out, bytes);
        }
    }

    #[test]
    fn the_end_and_wrong_paddings_are_refused() {
        // Section 5.2: the end itself, more than seven bits of padding, a padding that is not of ones.
        for coded in [&[0xff, 0xff, 0xff, 0xfc][..], &[0xff], &[0x1f, 0xff], &[0x00], &[0x18]] {
            assert_eq!(text(coded), None, "{coded:x?}");
        }
        assert_eq!(text(&[]).as_deref(), Some(""));
        assert_eq!(text(&[0x1f]).as_deref(), Some("a"), "0b00011 and three ones");
    }
}
