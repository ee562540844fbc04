//! The rows' memory: blocks of one key and one value each, cut from large chunks and reused by size.
//!
//! Invariants: a block is addressed by a [`BlockRef`] that stays valid until it is freed; blocks never move; freed
//! blocks are kept for the next block of their size, so memory in use never shrinks before the arena is dropped
//! (rows above [`SMALL_BYTES_MAX`] are the exception: they are allocations of their own and returned at once).

use std::array;

/// Blocks are multiples of this many bytes.
const UNIT_BYTES: usize = 16;
const CHUNK_BYTES: usize = 256 << 10;
const CHUNK_UNITS: u32 = (CHUNK_BYTES / UNIT_BYTES) as u32;

/// Rows larger than this are allocations of their own.
const SMALL_BYTES_MAX: usize = 16 << 10;

/// Key length u16 and value length u32, little endian.
const HEADER_BYTES: usize = 6;
/// In place of a value's length.
const TOMBSTONE: u32 = u32::MAX;

/// Sizes of 1 to this many units are exact; above, there are four sizes to each doubling.
const EXACT_CLASSES: usize = 32;
const COARSE_CLASSES: usize = 20;

/// An allocation's bookkeeping, roughly, for the byte count of large rows.
const ALLOCATION_OVERHEAD_BYTES: usize = 32;

/// Ends a list of free blocks.
const NO_BLOCK: u32 = u32::MAX;
const LARGE_BIT: u32 = 1 << 31;

/// The address of a block in its arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockRef(u32);

impl BlockRef {
    /// Fills unused places of arrays; addresses nothing.
    pub(super) const UNUSED: BlockRef = BlockRef(NO_BLOCK);
}

pub(super) struct Arena {
    chunks: Vec<Box<[u8]>>,
    /// Units handed out from the chunks so far, ends of chunks that were too short included.
    units_used: u32,
    /// The first free block of each class; a free block's first bytes are the next one's address.
    free: [u32; EXACT_CLASSES + COARSE_CLASSES],
    large: Vec<Box<[u8]>>,
    large_free: Vec<u32>,
    large_bytes: usize,
}

/// The class of a block of `units`, and the units that blocks of this class have.
fn class_of(units: usize) -> (usize, usize) {
    if units <= EXACT_CLASSES {
        return (units - 1, units);
    }
    // 33..=40 is the first coarse class, then 41..=48, 49..=56, 57..=64, and the same doubled, and so on.
    let doubling = (units - 1).ilog2() as usize - EXACT_CLASSES.ilog2() as usize;
    let step = (EXACT_CLASSES / 4) << doubling;
    let base = EXACT_CLASSES << doubling;
    let quarter = (units - base).div_ceil(step);
    (EXACT_CLASSES + doubling * 4 + quarter - 1, base + quarter * step)
}

impl Arena {
    pub(super) fn new() -> Arena {
        Arena {
            chunks: Vec::new(),
            units_used: 0,
            free: [NO_BLOCK; EXACT_CLASSES + COARSE_CLASSES],
            large: Vec::new(),
            large_free: Vec::new(),
            large_bytes: 0,
        }
    }

    /// Memory taken so far, free blocks included.
    pub(super) fn bytes(&self) -> usize {
        self.units_used as usize * UNIT_BYTES + self.large_bytes
    }

    /// Stores a row, its value given in two parts; no value is a tombstone.
    pub(super) fn insert(&mut self, key: &[u8], value: Option<[&[u8]; 2]>) -> BlockRef {
        let value_bytes = value.map(|[head, tail]| head.len() + tail.len());
        let bytes = HEADER_BYTES + key.len() + value_bytes.unwrap_or(0);
        let block = if bytes <= SMALL_BYTES_MAX { self.take_small(bytes) } else { self.take_large(bytes) };
        let (key_length, value_length) =
            (key.len() as u16, value_bytes.map_or(TOMBSTONE, |bytes| bytes as u32));
        let (header, rest) = self.block_mut(block)[..bytes].split_at_mut(HEADER_BYTES);
        header[..2].copy_from_slice(&key_length.to_le_bytes());
        header[2..].copy_from_slice(&value_length.to_le_bytes());
        let (key_target, rest) = rest.split_at_mut(key.len());
        key_target.copy_from_slice(key);
        if let Some([head, tail]) = value {
            let (head_target, tail_target) = rest.split_at_mut(head.len());
            head_target.copy_from_slice(head);
            tail_target.copy_from_slice(tail);
        }
        block
    }

    pub(super) fn key(&self, block: BlockRef) -> &[u8] {
        let bytes = self.block(block);
        let key_length = usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
        &bytes[HEADER_BYTES..HEADER_BYTES + key_length]
    }

    pub(super) fn is_tombstone(&self, block: BlockRef) -> bool {
        self.block(block)[2..HEADER_BYTES] == TOMBSTONE.to_le_bytes()
    }

    /// Key and value; no value is a tombstone.
    pub(super) fn row(&self, block: BlockRef) -> (&[u8], Option<&[u8]>) {
        let bytes = self.block(block);
        let (header, rest) = bytes.split_at(HEADER_BYTES);
        let key_length = usize::from(u16::from_le_bytes([header[0], header[1]]));
        let value_length = u32::from_le_bytes(array::from_fn(|i| header[2 + i]));
        let (key, rest) = rest.split_at(key_length);
        (key, (value_length != TOMBSTONE).then(|| &rest[..value_length as usize]))
    }

    pub(super) fn free(&mut self, block: BlockRef) {
        if block.0 & LARGE_BIT != 0 {
            let index = block.0 & !LARGE_BIT;
            let freed = std::mem::take(&mut self.large[index as usize]);
            self.large_bytes -= freed.len() + ALLOCATION_OVERHEAD_BYTES;
            self.large_free.push(index);
            return;
        }
        let (key, value) = self.row(block);
        let bytes = HEADER_BYTES + key.len() + value.map_or(0, <[u8]>::len);
        let (class, _) = class_of(bytes.div_ceil(UNIT_BYTES));
        let next = self.free[class];
        self.block_mut(block)[..4].copy_from_slice(&next.to_le_bytes());
        self.free[class] = block.0;
    }

    fn take_small(&mut self, bytes: usize) -> BlockRef {
        let (class, units) = class_of(bytes.div_ceil(UNIT_BYTES));
        let reused = self.free[class];
        if reused != NO_BLOCK {
            let bytes = self.block(BlockRef(reused));
            self.free[class] = u32::from_le_bytes(array::from_fn(|i| bytes[i]));
            return BlockRef(reused);
        }
        let units = units as u32;
        // A block never crosses a chunk's end: what is left there is given up.
        let left = CHUNK_UNITS - self.units_used % CHUNK_UNITS;
        if left < units {
            self.units_used += left;
        }
        let start = self.units_used;
        self.units_used += units;
        assert!(self.units_used < LARGE_BIT, "the overlay holds more than a block address can express");
        if (start / CHUNK_UNITS) as usize == self.chunks.len() {
            self.chunks.push(vec![0; CHUNK_BYTES].into());
        }
        BlockRef(start)
    }

    fn take_large(&mut self, bytes: usize) -> BlockRef {
        let block: Box<[u8]> = vec![0; bytes].into();
        self.large_bytes += bytes + ALLOCATION_OVERHEAD_BYTES;
        let index = self.large_free.pop().unwrap_or_else(|| {
            self.large.push(Box::default());
            self.large.len() as u32 - 1
        });
        self.large[index as usize] = block;
        BlockRef(LARGE_BIT | index)
    }

    /// A block's bytes and whatever follows it in its chunk.
    fn block(&self, block: BlockRef) -> &[u8] {
        if block.0 & LARGE_BIT != 0 {
            return &self.large[(block.0 & !LARGE_BIT) as usize];
        }
        &self.chunks[(block.0 / CHUNK_UNITS) as usize][(block.0 % CHUNK_UNITS) as usize * UNIT_BYTES..]
    }

    fn block_mut(&mut self, block: BlockRef) -> &mut [u8] {
        if block.0 & LARGE_BIT != 0 {
            return &mut self.large[(block.0 & !LARGE_BIT) as usize];
        }
        &mut self.chunks[(block.0 / CHUNK_UNITS) as usize][(block.0 % CHUNK_UNITS) as usize * UNIT_BYTES..]
    }
}

#[cfg(test)]
mod tests {
    use super::{Arena, SMALL_BYTES_MAX, UNIT_BYTES, class_of};

    #[test]
    fn every_size_fits_its_class_and_classes_ascend() {
        let mut before = (0, 0);
        for units in 1..=SMALL_BYTES_MAX / UNIT_BYTES {
            let (class, class_units) = class_of(units);
            assert!(
                class_units >= units && class_units <= units + units / 4,
                "{units} units get {class_units}"
            );
            assert!(
                (class, class_units) == before
                    || (class == before.0 + 1 || units == 1) && class_units > before.1
            );
            before = (class, class_units);
        }
        assert_eq!(before.0 + 1, super::EXACT_CLASSES + super::COARSE_CLASSES);
    }

    #[test]
    fn freed_blocks_are_used_again_and_no_block_touches_another() {
        let mut arena = Arena::new();
        let value = |number: usize| vec![number as u8; number * 37 % (SMALL_BYTES_MAX + 500)];
        let insert = |arena: &mut Arena, number: usize| {
            let value = value(number);
            let parts = value.split_at(number % (value.len() + 1));
            arena.insert(&number.to_be_bytes(), Some([parts.0, parts.1]))
        };
        let mut blocks: Vec<_> = (0..2000).map(|number: usize| insert(&mut arena, number)).collect();
        let bytes = arena.bytes();
        for round in 0..3 {
            for number in (round..2000).step_by(3) {
                arena.free(blocks[number]);
                blocks[number] = insert(&mut arena, number);
            }
        }
        assert_eq!(arena.bytes(), bytes);
        for (number, block) in blocks.iter().enumerate() {
            assert_eq!(arena.row(*block), (&number.to_be_bytes()[..], Some(&value(number)[..])));
        }
        let tombstone = arena.insert(b"gone", None);
        assert_eq!(arena.row(tombstone), (&b"gone"[..], None));
    }
}
