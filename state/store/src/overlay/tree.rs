//! One table's rows in key order: a sorted index over sorted leaves of block addresses.
//!
//! A lookup compares 8-byte heads of keys that lie side by side and touches a row's block only at the end or where
//! heads are equal. A head is the key's first 8 bytes as a number, or, in a leaf whose keys all begin alike, the 8
//! bytes after what they share (`skip`). There is no third level: an index of some thousand leaves costs less to
//! shift at a split than another level costs at every lookup.
//!
//! Invariants: leaves are never empty; the index holds every leaf's first key; heads order as their keys do.

use std::cmp::Ordering;

use super::arena::{Arena, BlockRef};

const LEAF_ROWS_MAX: usize = 128;
/// A leaf with fewer rows looks for a neighbor to join...
const LEAF_ROWS_LOW: usize = 32;
/// ...that leaves the joint leaf room to grow.
const LEAF_ROWS_JOINED_MAX: usize = 96;
const HEAD_BYTES: usize = 8;

/// A leaf, its index entries, and its allocation's bookkeeping.
pub(super) const LEAF_COST_BYTES: usize = size_of::<Leaf>() + 8 + 4 + 8 + 16;

struct Leaf {
    rows: usize,
    /// Bytes that all keys of this leaf share and that their heads leave out.
    skip: usize,
    heads: [u64; LEAF_ROWS_MAX],
    blocks: [BlockRef; LEAF_ROWS_MAX],
}

/// A row's place: leaf and slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    leaf: usize,
    slot: usize,
}

#[derive(Default)]
pub(super) struct Tree {
    rows: usize,
    /// Bytes that all leaves' first keys share and that `first_heads` leave out.
    skip: usize,
    /// Per leaf: the head and the block of its first key.
    first_heads: Vec<u64>,
    first_blocks: Vec<BlockRef>,
    #[allow(clippy::vec_box, reason = "leaves are large: the index is shifted at a split, they are not")]
    leaves: Vec<Box<Leaf>>,
    /// The last leaf of a table that became empty, kept for its next row: a table of short-lived rows empties and fills
    /// all the time.
    spare: Option<Box<Leaf>>,
}

/// Up to 8 bytes of a key after `skip`, as a number that orders as the bytes do (missing bytes count as zeros).
fn head(key: &[u8], skip: usize) -> u64 {
    let rest = key.get(skip..).unwrap_or(&[]);
    if let Some(bytes) = rest.first_chunk::<HEAD_BYTES>() {
        return u64::from_be_bytes(*bytes);
    }
    let mut bytes = [0; HEAD_BYTES];
    bytes[..rest.len()].copy_from_slice(rest);
    u64::from_be_bytes(bytes)
}

fn common_prefix_bytes(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// How `key` relates to the `skip` bytes that the keys of `blocks` share: equal if it begins with them.
fn compare_shared(arena: &Arena, blocks: &[BlockRef], skip: usize, key: &[u8]) -> Ordering {
    let Some(first) = blocks.first().filter(|_| skip > 0) else { return Ordering::Equal };
    let shared = &arena.key(*first)[..skip];
    match key.get(..skip) {
        Some(start) => start.cmp(shared),
        // Shorter than what is shared: at most a proper prefix of it, which orders before.
        None => key.cmp(shared),
    }
}

/// The place of `key` among sorted `blocks`, or the place where it belongs.
fn search(
    arena: &Arena,
    heads: &[u64],
    blocks: &[BlockRef],
    skip: usize,
    key: &[u8],
) -> Result<usize, usize> {
    match compare_shared(arena, blocks, skip, key) {
        Ordering::Less => return Err(0),
        Ordering::Greater => return Err(blocks.len()),
        Ordering::Equal => {}
    }
    let wanted = head(key, skip);
    let start = heads.partition_point(|head| *head < wanted);
    // Keys are mostly told apart by their heads alone: none or one of them is looked at.
    let is_tie = |at: usize| heads.get(at) == Some(&wanted);
    if !is_tie(start) {
        return Err(start);
    }
    let ties = if is_tie(start + 1) { heads[start..].partition_point(|head| *head == wanted) } else { 1 };
    let found = blocks[start..start + ties].binary_search_by(|block| arena.key(*block).cmp(key));
    found.map(|at| start + at).map_err(|at| start + at)
}

/// Rewrites the heads of sorted `blocks` and returns the skip they were made with.
fn rehead(arena: &Arena, heads: &mut [u64], blocks: &[BlockRef]) -> usize {
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return 0 };
    let (first, last) = (arena.key(*first), arena.key(*last));
    // Without a skip a lookup need not touch a block to compare what is shared.
    let skips = blocks.len() > 1 && head(first, 0) == head(last, 0);
    let skip = if skips { common_prefix_bytes(first, last) } else { 0 };
    for (slot, block) in heads.iter_mut().zip(blocks) {
        *slot = head(arena.key(*block), skip);
    }
    skip
}

impl Leaf {
    fn new() -> Box<Leaf> {
        Box::new(Leaf {
            rows: 0,
            skip: 0,
            heads: [0; LEAF_ROWS_MAX],
            blocks: [BlockRef::UNUSED; LEAF_ROWS_MAX],
        })
    }

    /// The slot of `key`, or the slot where it belongs.
    fn search(&self, arena: &Arena, key: &[u8]) -> Result<usize, usize> {
        search(arena, &self.heads[..self.rows], &self.blocks[..self.rows], self.skip, key)
    }

    fn insert(&mut self, arena: &Arena, slot: usize, key: &[u8], block: BlockRef) {
        let fits = compare_shared(arena, &self.blocks[..self.rows], self.skip, key) == Ordering::Equal;
        self.heads.copy_within(slot..self.rows, slot + 1);
        self.blocks.copy_within(slot..self.rows, slot + 1);
        self.heads[slot] = head(key, self.skip);
        self.blocks[slot] = block;
        self.rows += 1;
        if !fits {
            self.rehead(arena);
        }
    }

    fn remove(&mut self, slot: usize) -> BlockRef {
        let block = self.blocks[slot];
        self.heads.copy_within(slot + 1..self.rows, slot);
        self.blocks.copy_within(slot + 1..self.rows, slot);
        self.rows -= 1;
        block
    }

    /// Chooses `skip` anew and rewrites all heads.
    fn rehead(&mut self, arena: &Arena) {
        self.skip = rehead(arena, &mut self.heads[..self.rows], &self.blocks[..self.rows]);
    }

    /// Moves the rows from `at` on into a new leaf.
    fn split_off(&mut self, arena: &Arena, at: usize) -> Box<Leaf> {
        let mut right = Leaf::new();
        right.rows = self.rows - at;
        right.blocks[..right.rows].copy_from_slice(&self.blocks[at..self.rows]);
        self.rows = at;
        self.rehead(arena);
        right.rehead(arena);
        right
    }

    fn append(&mut self, arena: &Arena, right: &Leaf) {
        self.blocks[self.rows..self.rows + right.rows].copy_from_slice(&right.blocks[..right.rows]);
        self.rows += right.rows;
        self.rehead(arena);
    }
}

impl Tree {
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    pub(super) fn get(&self, arena: &Arena, key: &[u8]) -> Option<BlockRef> {
        let place = self.search(arena, key).ok()?;
        Some(self.leaves[place.leaf].blocks[place.slot])
    }

    /// Where `key` is, or where it belongs. An empty tree has no leaf for it.
    fn search(&self, arena: &Arena, key: &[u8]) -> Result<Place, Place> {
        // The last leaf that begins at or before the key, or the first leaf for a key before all.
        let leaf = match self.leaves.len() {
            0 | 1 => 0,
            _ => match search(arena, &self.first_heads, &self.first_blocks, self.skip, key) {
                Ok(leaf) => leaf,
                Err(after) => after.saturating_sub(1),
            },
        };
        match self.leaves.get(leaf).map_or(Err(0), |leaf| leaf.search(arena, key)) {
            Ok(slot) => Ok(Place { leaf, slot }),
            Err(slot) => Err(Place { leaf, slot }),
        }
    }

    /// Puts `block` under its own key and returns the block that was there.
    pub(super) fn insert(&mut self, arena: &Arena, block: BlockRef) -> Option<BlockRef> {
        let key = arena.key(block);
        match self.search(arena, key) {
            Ok(Place { leaf, slot }) => {
                let before = std::mem::replace(&mut self.leaves[leaf].blocks[slot], block);
                if slot == 0 {
                    self.first_blocks[leaf] = block;
                }
                Some(before)
            }
            Err(place) => {
                self.insert_new(arena, key, place, block);
                None
            }
        }
    }

    fn insert_new(&mut self, arena: &Arena, key: &[u8], place: Place, block: BlockRef) {
        self.rows += 1;
        let Place { mut leaf, mut slot } = place;
        if self.leaves.is_empty() {
            let empty = self.spare.take().unwrap_or_else(Leaf::new);
            self.insert_leaf(arena, 0, empty, block);
        } else if self.leaves[leaf].rows == LEAF_ROWS_MAX {
            if slot == LEAF_ROWS_MAX && leaf + 1 == self.leaves.len() {
                // Ascending keys fill their leaves.
                self.leaves[leaf].rehead(arena);
                (leaf, slot) = (leaf + 1, 0);
                self.insert_leaf(arena, leaf, Leaf::new(), block);
            } else {
                let right = self.leaves[leaf].split_off(arena, LEAF_ROWS_MAX / 2);
                let first = right.blocks[0];
                self.insert_leaf(arena, leaf + 1, right, first);
                if slot > LEAF_ROWS_MAX / 2 {
                    (leaf, slot) = (leaf + 1, slot - LEAF_ROWS_MAX / 2);
                }
            }
        }
        self.leaves[leaf].insert(arena, slot, key, block);
        if slot == 0 {
            self.refresh_first(arena, leaf);
        }
    }

    pub(super) fn remove(&mut self, arena: &Arena, key: &[u8]) -> Option<BlockRef> {
        let Place { leaf, slot } = self.search(arena, key).ok()?;
        self.rows -= 1;
        let block = self.leaves[leaf].remove(slot);
        let rows = self.leaves[leaf].rows;
        if rows == 0 {
            let mut empty = self.remove_leaf(leaf);
            empty.skip = 0;
            self.spare = self.leaves.is_empty().then_some(empty);
            return Some(block);
        }
        if slot == 0 {
            self.refresh_first(arena, leaf);
        }
        if rows < LEAF_ROWS_LOW {
            self.join(arena, leaf);
        }
        Some(block)
    }

    /// Joins a small leaf with a neighbor if both fit with room to spare.
    fn join(&mut self, arena: &Arena, leaf: usize) {
        let left = if leaf + 1 < self.leaves.len() { leaf } else { leaf.saturating_sub(1) };
        let Some(right) = self.leaves.get(left + 1) else { return };
        if self.leaves[left].rows + right.rows > LEAF_ROWS_JOINED_MAX {
            return;
        }
        let right = self.remove_leaf(left + 1);
        self.leaves[left].append(arena, &right);
    }

    fn insert_leaf(&mut self, arena: &Arena, at: usize, leaf: Box<Leaf>, first: BlockRef) {
        self.first_heads.insert(at, 0);
        self.first_blocks.insert(at, first);
        self.leaves.insert(at, leaf);
        self.refresh_head(arena, at);
        // First keys that begin alike get a skip when their number has doubled.
        if self.skip == 0 && self.leaves.len().is_power_of_two() {
            self.skip = rehead(arena, &mut self.first_heads, &self.first_blocks);
        }
    }

    fn remove_leaf(&mut self, at: usize) -> Box<Leaf> {
        self.first_heads.remove(at);
        self.first_blocks.remove(at);
        self.leaves.remove(at)
    }

    fn refresh_first(&mut self, arena: &Arena, leaf: usize) {
        self.first_blocks[leaf] = self.leaves[leaf].blocks[0];
        self.refresh_head(arena, leaf);
    }

    /// Makes the index's head of a leaf anew; a first key that does not share the others' start costs them all.
    fn refresh_head(&mut self, arena: &Arena, leaf: usize) {
        let key = arena.key(self.first_blocks[leaf]);
        let other = if leaf == 0 { self.first_blocks.last() } else { self.first_blocks.first() };
        let shares = self.skip == 0
            || other.is_some_and(|other| common_prefix_bytes(arena.key(*other), key) >= self.skip);
        if shares {
            self.first_heads[leaf] = head(key, self.skip);
        } else {
            self.skip = rehead(arena, &mut self.first_heads, &self.first_blocks);
        }
    }

    /// The place of the first row at or above `lower`.
    pub(super) fn seek(&self, arena: &Arena, lower: &[u8]) -> Place {
        self.search(arena, lower).unwrap_or_else(|place| place)
    }

    /// The block at `place`, or at the start of the next leaf; moves `place` past it.
    pub(super) fn next(&self, place: &mut Place) -> Option<BlockRef> {
        let mut leaf = self.leaves.get(place.leaf)?;
        if place.slot >= leaf.rows {
            *place = Place { leaf: place.leaf + 1, slot: 0 };
            leaf = self.leaves.get(place.leaf)?;
        }
        place.slot += 1;
        Some(leaf.blocks[place.slot - 1])
    }
}
