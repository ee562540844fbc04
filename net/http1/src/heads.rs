//! Headers by their bytes: clients send the same lines again and again, behind first lines that differ.
//!
//! Invariant: what is remembered of a header is what reading it gave; one that differs in a byte is read. What says who asks is not kept.

use std::{cell::RefCell, hash::Hasher as _, rc::Rc};

use rustc_hash::FxHasher;

use crate::fields::Fields;

/// Headers that are kept.
const HEADS_MAX: usize = 16;
/// Headers that were seen once and may come again.
const SEEN_MAX: usize = 32;
/// Longer ones are not kept, in bytes.
const BLOCK_BYTES_MAX: usize = 1024;
/// So many of the last bytes are looked at first: they tell the length of a header.
const END_BYTES: usize = 4;

/// Headers that are known. Cloned, it is the same.
#[derive(Clone, Debug, Default)]
pub struct Heads {
    memo: Rc<RefCell<Memo>>,
}

#[derive(Debug, Default)]
struct Memo {
    known: Vec<Known>,
    /// The place that is looked at next for one that may go.
    hand: usize,
    seen: [u64; SEEN_MAX],
    seen_next: usize,
}

#[derive(Debug)]
struct Known {
    block: Box<[u8]>,
    fields: Rc<Fields>,
    /// It was asked for since the hand passed.
    is_used: bool,
}

impl Heads {
    /// The known header that these bytes begin with, and its length.
    pub(crate) fn get(&self, bytes: &[u8]) -> Option<(Rc<Fields>, usize)> {
        let mut memo = self.memo.borrow_mut();
        let known = memo.known.iter_mut().find(|known| known.begins(bytes))?;
        known.is_used = true;
        Some((known.fields.clone(), known.block.len()))
    }

    /// A header was read. It is kept when it comes for the second time.
    pub(crate) fn note(&self, block: &[u8], fields: &Rc<Fields>) {
        if block.len() > BLOCK_BYTES_MAX || block.len() < END_BYTES || fields.is_secret {
            return;
        }
        self.memo.borrow_mut().note(block, fields);
    }
}

impl Known {
    fn begins(&self, bytes: &[u8]) -> bool {
        let (length, end) = (self.block.len(), self.block.len() - END_BYTES);
        bytes.len() >= length && bytes[end..length] == self.block[end..] && bytes[..end] == self.block[..end]
    }
}

impl Memo {
    fn note(&mut self, block: &[u8], fields: &Rc<Fields>) {
        let mut hasher = FxHasher::default();
        hasher.write(block);
        let hash = hasher.finish();
        if !self.seen.contains(&hash) {
            self.seen[self.seen_next] = hash;
            self.seen_next = (self.seen_next + 1) % SEEN_MAX;
            return;
        }
        let known = Known { block: block.into(), fields: fields.clone(), is_used: false };
        if self.known.len() < HEADS_MAX {
            self.known.push(known);
            return;
        }
        while std::mem::take(&mut self.known[self.hand].is_used) {
            self.hand = (self.hand + 1) % HEADS_MAX;
        }
        self.known[self.hand] = known;
        self.hand = (self.hand + 1) % HEADS_MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_BYTES_MAX, HEADS_MAX, Heads};
    use crate::fields::Fields;
    use std::rc::Rc;

    fn fields(head: &str) -> Rc<Fields> {
        let mut headers = [httparse::EMPTY_HEADER; 9];
        let (_, parsed) = httparse::parse_headers(head.as_bytes(), &mut headers).expect("good").unwrap();
        Rc::new(Fields::of(head.as_bytes(), parsed).expect("good"))
    }

    fn note(heads: &Heads, head: &str, times: usize) {
        (0..times).for_each(|_| heads.note(head.as_bytes(), &fields(head)));
    }

    fn length(heads: &Heads, bytes: &str) -> Option<usize> {
        heads.get(bytes.as_bytes()).map(|(_, length)| length)
    }

    #[test]
    fn a_header_is_known_from_the_second_time_on_by_each_of_its_bytes() {
        let heads = Heads::default();
        let head = "a: 1\r\nb: 2\r\n\r\n";
        note(&heads, head, 1);
        assert_eq!(length(&heads, head), None);
        note(&heads, head, 1);
        assert_eq!(length(&heads, head), Some(head.len()));
        assert_eq!(length(&heads, &format!("{head}body")), Some(head.len()));
        for at in 0..head.len() {
            let mut other = head.as_bytes().to_vec();
            other[at] ^= 1;
            assert!(heads.get(&other).is_none(), "another byte at {at}");
            assert_eq!(length(&heads, &head[..at]), None, "{at} bytes of it");
        }
    }

    #[test]
    fn secrets_and_long_ones_are_not_kept_and_what_is_used_outlives_the_rest() {
        let heads = Heads::default();
        let long = format!("a: {}\r\n\r\n", "x".repeat(BLOCK_BYTES_MAX));
        for head in ["authorization: x\r\n\r\n", "Cookie: x\r\n\r\n", &long] {
            note(&heads, head, 3);
            assert_eq!(length(&heads, head), None, "{head}");
        }
        note(&heads, "often: 1\r\n\r\n", 2);
        for number in 0..5 * HEADS_MAX {
            assert!(length(&heads, "often: 1\r\n\r\n").is_some(), "after {number}");
            note(&heads, &format!("a: {number}\r\n\r\n"), 2);
        }
        assert_eq!(heads.memo.borrow().known.len(), HEADS_MAX);
    }
}
