//! A journal's settings, and which contradict each other.

use crate::error::Error;
use crate::format::{BATCH_BYTES_MAX, BLOCK_BYTES};

/// A journal's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Size of a segment's file. At least `batch_bytes_max`.
    pub segment_bytes: u64,
    /// Size of a new journal's first segment, which is filled with zeros before the journal opens.
    pub first_segment_bytes: u64,
    /// The largest batch. At most [`BATCH_BYTES_MAX`].
    pub batch_bytes_max: usize,
    /// How many released segments are kept for use again, instead of being removed.
    pub spare_segments_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            first_segment_bytes: 8 << 20,
            batch_bytes_max: BATCH_BYTES_MAX,
            spare_segments_max: 8,
        }
    }
}

impl Settings {
    /// Refuses settings that contradict each other.
    pub fn check(&self) -> Result<(), Error> {
        let block = BLOCK_BYTES as u64;
        if !self.segment_bytes.is_multiple_of(block) || !self.first_segment_bytes.is_multiple_of(block) {
            return Err(Error::Setting("segment sizes must be multiples of 4096 bytes"));
        }
        if self.first_segment_bytes < block {
            return Err(Error::Setting("first_segment_bytes must be at least 4096"));
        }
        if !self.batch_bytes_max.is_multiple_of(BLOCK_BYTES) || self.batch_bytes_max < BLOCK_BYTES {
            return Err(Error::Setting("batch_bytes_max must be a multiple of 4096 bytes"));
        }
        if self.batch_bytes_max > BATCH_BYTES_MAX {
            return Err(Error::Setting("batch_bytes_max must be at most 32 MiB"));
        }
        if self.segment_bytes < self.batch_bytes_max as u64 {
            return Err(Error::Setting("segment_bytes must be at least batch_bytes_max"));
        }
        Ok(())
    }
}
