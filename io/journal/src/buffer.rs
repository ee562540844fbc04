//! A growable byte buffer whose memory is aligned to a block, as direct I/O demands.
//!
//! Invariants: the address is a multiple of [`BLOCK_BYTES`] for the buffer's whole life, `len` bytes are
//! initialized, capacity is a multiple of the block. It deliberately does not shrink or hand out spare capacity.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::{NonNull, copy_nonoverlapping, write_bytes};

use crate::format::BLOCK_BYTES;

/// A `Vec<u8>` with block-aligned memory.
pub struct AlignedBuf {
    memory: NonNull<u8>,
    len: usize,
    capacity: usize,
}

// SAFETY: the buffer owns its memory alone; sending it moves that ownership.
unsafe impl Send for AlignedBuf {}
// SAFETY: shared references only allow reads of initialized bytes.
unsafe impl Sync for AlignedBuf {}

impl AlignedBuf {
    /// An empty buffer that allocates nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { memory: NonNull::dangling(), len: 0, capacity: 0 }
    }

    /// An empty buffer with room for at least `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        let mut buffer = Self::new();
        buffer.reserve(bytes);
        buffer
    }

    /// A buffer of `bytes` zeros.
    #[must_use]
    pub fn zeroed(bytes: usize) -> Self {
        let mut buffer = Self::with_capacity(bytes);
        buffer.resize(bytes);
        buffer
    }

    /// Bytes that fit without another allocation.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Forgets the content and keeps the memory.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Makes room for `additional` more bytes, at least doubling when it must grow.
    pub fn reserve(&mut self, additional: usize) {
        let wanted = self.len.checked_add(additional).expect("buffer size overflows");
        if wanted <= self.capacity {
            return;
        }
        let capacity = wanted.max(self.capacity * 2).next_multiple_of(BLOCK_BYTES);
        let layout = Self::layout(capacity);
        // SAFETY: the layout's size is not zero, since `wanted` is above the current capacity.
        let memory = unsafe { alloc(layout) };
        let Some(memory) = NonNull::new(memory) else { handle_alloc_error(layout) };
        // SAFETY: both regions hold at least `len` bytes and a new allocation overlaps nothing.
        unsafe { copy_nonoverlapping(self.memory.as_ptr(), memory.as_ptr(), self.len) };
        self.release();
        self.memory = memory;
        self.capacity = capacity;
    }

    /// Appends a copy of `bytes`.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        // SAFETY: `reserve` made room for `bytes.len()` bytes behind `len`; a borrowed slice cannot overlap
        // the spare capacity of a buffer that is borrowed mutably.
        unsafe { copy_nonoverlapping(bytes.as_ptr(), self.memory.as_ptr().add(self.len), bytes.len()) };
        self.len += bytes.len();
    }

    /// Cuts the content to `bytes`, or extends it with zeros.
    pub fn resize(&mut self, bytes: usize) {
        if bytes > self.len {
            self.reserve(bytes - self.len);
            // SAFETY: `reserve` made room up to `bytes`.
            unsafe { write_bytes(self.memory.as_ptr().add(self.len), 0, bytes - self.len) };
        }
        self.len = bytes;
    }

    fn layout(capacity: usize) -> Layout {
        Layout::from_size_align(capacity, BLOCK_BYTES).expect("a block-aligned layout of a buffer's size")
    }

    fn release(&mut self) {
        if self.capacity > 0 {
            // SAFETY: the memory came from `alloc` with this layout and is not used afterwards.
            unsafe { dealloc(self.memory.as_ptr(), Self::layout(self.capacity)) };
        }
    }
}

impl Default for AlignedBuf {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for AlignedBuf {
    fn drop(&mut self) {
        self.release();
    }
}

impl Deref for AlignedBuf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `len` bytes are initialized; with a capacity of zero the pointer dangles but `len` is zero.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr(), self.len) }
    }
}

impl DerefMut for AlignedBuf {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `deref`, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr(), self.len) }
    }
}

impl std::fmt::Debug for AlignedBuf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlignedBuf").field("len", &self.len).field("capacity", &self.capacity).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::AlignedBuf;
    use crate::format::BLOCK_BYTES;

    #[test]
    fn grows_aligned_and_keeps_its_content() {
        let mut buffer = AlignedBuf::new();
        for round in 0..100_u8 {
            buffer.extend_from_slice(&[round; 333]);
            assert_eq!(buffer.as_ptr() as usize % BLOCK_BYTES, 0);
        }
        assert_eq!(buffer.len(), 33_300);
        assert!(
            buffer
                .chunks(333)
                .enumerate()
                .all(|(at, chunk)| chunk.iter().all(|byte| usize::from(*byte) == at))
        );
        buffer.resize(33_400);
        assert!(buffer[33_300..].iter().all(|byte| *byte == 0));
        buffer.resize(10);
        assert_eq!(&buffer[..], &[0; 10]);
    }
}
