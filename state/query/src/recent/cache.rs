//! Blocks in memory, which all who read a partition's `hot.db` share.

use crate::blocks::{Block, Keys};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of keys that a partition keeps.
const KEYS_MAX: usize = 8 << 20;
/// Bytes of other parts of blocks.
const BODIES_MAX: usize = 4 << 20;

/// What is kept.
pub(super) trait Kept {
    /// What memory it takes.
    fn bytes(&self) -> usize;
}

impl Kept for Keys {
    fn bytes(&self) -> usize {
        Self::bytes(self)
    }
}

impl Kept for Block {
    fn bytes(&self) -> usize {
        Self::bytes(self)
    }
}

/// What makes room for something that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// What was not used for longest.
    OfOthers,
    /// What was not used while many others were: who goes through more than there is room for would find nothing of it the next time.
    OfForgotten,
}

/// Uses after which what was not among them is forgotten.
const FORGOTTEN: u64 = 20_000;

#[derive(Debug)]
struct Held<T> {
    /// By number, with when it was used last.
    parts: FxHashMap<i64, (u64, Arc<T>)>,
    /// Numbers by when they were used last.
    by_use: BTreeMap<u64, i64>,
    uses: u64,
    bytes: usize,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self { parts: FxHashMap::default(), by_use: BTreeMap::new(), uses: 0, bytes: 0 }
    }
}

/// Parts of blocks by their numbers, up to so many bytes.
pub(super) struct Parts<T> {
    held: Mutex<Held<T>>,
    bytes_max: usize,
}

impl<T: Kept> Parts<T> {
    fn keeping(bytes_max: usize) -> Self {
        Self { held: Mutex::default(), bytes_max }
    }

    /// What is kept of a block.
    pub(super) fn get(&self, number: i64) -> Option<Arc<T>> {
        let mut held = self.held.lock();
        held.uses += 1;
        let now = held.uses;
        let (used, part) = held.parts.get_mut(&number)?;
        let before = std::mem::replace(used, now);
        let part = part.clone();
        held.by_use.remove(&before);
        held.by_use.insert(now, number);
        Some(part)
    }

    /// Keeps something of a block, if it is not too large and there is room.
    pub(super) fn put(&self, number: i64, part: &Arc<T>, room: Room) {
        let bytes = part.bytes();
        let mut held = self.held.lock();
        if bytes > self.bytes_max || held.parts.contains_key(&number) {
            return;
        }
        while held.bytes + bytes > self.bytes_max {
            let Some((used, oldest)) = held.by_use.first_key_value().map(|(used, number)| (*used, *number))
            else {
                return;
            };
            if room == Room::OfForgotten && held.uses - used < FORGOTTEN {
                return;
            }
            held.remove(oldest);
        }
        held.uses += 1;
        let now = held.uses;
        held.parts.insert(number, (now, part.clone()));
        held.by_use.insert(now, number);
        held.bytes += bytes;
    }

    /// Forgets what is kept of a block.
    pub(super) fn forget(&self, number: i64) {
        self.held.lock().remove(number);
    }
}

impl<T: Kept> Held<T> {
    fn remove(&mut self, number: i64) {
        if let Some((used, part)) = self.parts.remove(&number) {
            self.by_use.remove(&used);
            self.bytes -= part.bytes();
        }
    }
}

/// Blocks by their numbers, those that were used last: their keys, which are looked at to find one, and the rest.
///
/// Invariant: a number is never that of another block, whichever file of the partition that stood in, as long as the process runs.
pub(crate) struct BlockCache {
    pub(super) keys: Parts<Keys>,
    pub(super) blocks: Parts<Block>,
}

impl Default for BlockCache {
    fn default() -> Self {
        Self { keys: Parts::keeping(KEYS_MAX), blocks: Parts::keeping(BODIES_MAX) }
    }
}

impl std::fmt::Debug for BlockCache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("BlockCache").finish_non_exhaustive()
    }
}

impl BlockCache {
    /// Forgets all blocks.
    pub(crate) fn clear(&self) {
        *self.keys.held.lock() = Held::default();
        *self.blocks.held.lock() = Held::default();
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Parts, Room};
    use std::sync::Arc;

    impl Kept for usize {
        fn bytes(&self) -> usize {
            *self
        }
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let cache = Parts::<usize>::keeping(1_000);
        let put = |number, bytes: usize, room| cache.put(number, &Arc::new(bytes), room);
        let has = |number| cache.held.lock().parts.contains_key(&number);
        let bytes = || cache.held.lock().bytes;
        (0..3).for_each(|number| put(number, 300, Room::OfOthers));
        assert_eq!((bytes(), has(0)), (900, true));
        assert!(cache.get(0).is_some() && cache.get(9).is_none());
        put(3, 300, Room::OfOthers);
        assert_eq!([0, 1, 2, 3].map(has), [true, false, true, true]);
        // There is no room without what is used, and never any for what is larger than all.
        put(4, 300, Room::OfForgotten);
        put(5, 1_001, Room::OfOthers);
        assert_eq!([0, 2, 3, 4, 5].map(has), [true, true, true, false, false]);
        for _ in 0..super::FORGOTTEN {
            cache.get(0);
            cache.get(3);
        }
        put(4, 300, Room::OfForgotten);
        assert_eq!([0, 2, 3, 4].map(has), [true, false, true, true]);
        put(6, 1_000, Room::OfOthers);
        assert_eq!(([0, 2, 3, 6].map(has), bytes()), ([false, false, false, true], 1_000));
        cache.forget(6);
        assert_eq!((bytes(), cache.held.lock().by_use.len()), (0, 0));
    }
}
