//! Heads of requests by the bytes of their blocks: clients ask the same again and again, and a block whose fields are all in the table
//! says the same for as long as that does not change.

use std::rc::Rc;

use rustc_hash::FxHasher;
use std::hash::Hasher;

use crate::request::RequestHead;

/// Heads that are kept.
const HEADS_MAX: usize = 8;
/// Blocks that were seen once and may come again.
const SEEN_MAX: usize = 16;
/// Longer blocks are not kept.
const BLOCK_BYTES_MAX: usize = 1024;

#[derive(Debug, Default)]
pub(crate) struct Memo {
    /// How often the table had changed when these were read.
    changes: u64,
    heads: Vec<Known>,
    /// The place that is looked at next for one that may go.
    hand: usize,
    seen: [u64; SEEN_MAX],
    seen_next: usize,
}

#[derive(Debug)]
struct Known {
    hash: u64,
    block: Box<[u8]>,
    head: Rc<RequestHead>,
    /// It was asked for since the hand passed.
    is_used: bool,
}

impl Memo {
    /// What such a block said before.
    pub(crate) fn get(&mut self, block: &[u8], changes: u64) -> Option<Rc<RequestHead>> {
        if self.changes != changes {
            self.heads.clear();
            self.seen = [0; SEEN_MAX];
            self.changes = changes;
            return None;
        }
        if self.heads.is_empty() {
            return None;
        }
        let hash = hash(block);
        let known = self.heads.iter_mut().find(|known| known.hash == hash && *known.block == *block)?;
        known.is_used = true;
        Some(known.head.clone())
    }

    /// A block that left the table as it was said this. It is kept when it comes for the second time.
    pub(crate) fn note(&mut self, block: &[u8], head: &Rc<RequestHead>) {
        if block.len() > BLOCK_BYTES_MAX {
            return;
        }
        let hash = hash(block);
        if !self.seen.contains(&hash) {
            self.seen[self.seen_next] = hash;
            self.seen_next = (self.seen_next + 1) % SEEN_MAX;
            return;
        }
        let known = Known { hash, block: block.into(), head: head.clone(), is_used: false };
        if self.heads.len() < HEADS_MAX {
            self.heads.push(known);
            return;
        }
        while std::mem::take(&mut self.heads[self.hand].is_used) {
            self.hand = (self.hand + 1) % HEADS_MAX;
        }
        self.heads[self.hand] = known;
        self.hand = (self.hand + 1) % HEADS_MAX;
    }
}

fn hash(block: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(block);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{HEADS_MAX, Memo};
    use crate::request::RequestHead;
    use http::Request;
    use std::rc::Rc;

    fn head(path: &str) -> Rc<RequestHead> {
        let request = Request::get(path).body(()).expect("valid");
        Rc::new(RequestHead { request, content_length: None })
    }

    fn known(memo: &mut Memo, block: &str, changes: u64) -> Option<String> {
        memo.get(block.as_bytes(), changes).map(|head| head.request.uri().path().to_owned())
    }

    #[test]
    fn a_block_is_kept_from_the_second_time_on_and_until_the_table_changes() {
        let mut memo = Memo::default();
        assert_eq!(known(&mut memo, "a", 1), None);
        memo.note(b"a", &head("/a"));
        assert_eq!(known(&mut memo, "a", 1), None);
        memo.note(b"a", &head("/a"));
        assert_eq!(known(&mut memo, "a", 1).as_deref(), Some("/a"));
        assert_eq!(known(&mut memo, "b", 1), None);
        assert_eq!(known(&mut memo, "a", 2), None);
        assert_eq!(known(&mut memo, "a", 2), None);
    }

    #[test]
    fn those_that_are_asked_for_outlive_the_others() {
        let mut memo = Memo::default();
        for _ in 0..2 {
            memo.note(b"often", &head("/often"));
        }
        for number in 0..5 * HEADS_MAX {
            assert!(known(&mut memo, "often", 0).is_some(), "after {number}");
            let other = number.to_string();
            for _ in 0..2 {
                memo.note(other.as_bytes(), &head("/other"));
            }
        }
        assert_eq!(memo.heads.len(), HEADS_MAX);
    }
}
