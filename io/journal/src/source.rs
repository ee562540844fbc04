//! Where segment bytes are read from, and a window over them.
//!
//! Invariants: reads start and end at block boundaries and go to block-aligned memory, so that a source may read
//! past the page cache. The window deliberately keeps what it read: whoever reads a file that is being written
//! drops the window when more was committed.

use std::io;
use std::sync::Arc;

use crate::error::Error;
use crate::extent::Extent;
use crate::format::BLOCK_BYTES;
use crate::types::{Place, SegmentSequence};
use ringbolt_ring::fs::AlignedBuf;

/// A segment as found on its medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentFile {
    /// Its number.
    pub sequence: SegmentSequence,
    /// Its size in bytes, a multiple of [`BLOCK_BYTES`].
    pub bytes: u64,
}

/// Read-only access to the segments of one journal.
pub trait SegmentSource {
    /// All segments by rising number. Sizes that are no multiple of a block are rounded down.
    fn segments(&mut self) -> io::Result<Vec<SegmentFile>>;
    /// Which segments there must be.
    fn extent(&mut self) -> Result<Extent, Error>;
    /// Fills `into` from a segment. Offset, length and memory are block-aligned; an end of file inside is an error.
    fn read_at(&mut self, segment: SegmentSequence, offset: u64, into: &mut [u8]) -> io::Result<()>;
    /// The batch at a place, where it is in memory because this process wrote it a moment ago.
    fn written(&self, _place: Place) -> Option<Arc<[u8]>> {
        None
    }
    /// All there is has been read for now.
    fn rest(&self) {}
    /// What to call the segment's file in a message.
    fn name(&self, segment: SegmentSequence) -> String;
}

/// How much is read at once, in bytes.
pub const READ_BYTES: usize = 256 << 10;

/// The part of one segment that is in memory.
#[derive(Debug)]
pub(crate) struct Window {
    buffer: AlignedBuf,
    at: Option<Place>,
    /// A batch that need not be read, and where it stands.
    written: Option<(Place, Arc<[u8]>)>,
}

impl Window {
    pub(crate) fn new() -> Self {
        Self { buffer: AlignedBuf::with_capacity(0), at: None, written: None }
    }

    /// Forgets what was read.
    pub(crate) fn forget(&mut self) {
        self.at = None;
    }

    /// The `length` bytes at `place` of a segment of `segment_bytes`; the caller has checked that they lie inside.
    pub(crate) fn bytes<S: SegmentSource>(
        &mut self,
        source: &mut S,
        place: Place,
        length: usize,
        segment_bytes: u64,
    ) -> Result<&[u8], Error> {
        assert!(place.offset + length as u64 <= segment_bytes, "a window stays inside its segment");
        if !self.has_written(place, length) && self.held(place, length).is_none() {
            self.written = source.written(place).map(|batch| (place, batch));
            if !self.has_written(place, length) {
                self.fill(source, place, length, segment_bytes)?;
            }
        }
        match &self.written {
            Some((_, batch)) if self.has_written(place, length) => Ok(&batch[..length]),
            _ => {
                let from = self.held(place, length).expect("the window was just filled");
                Ok(&self.buffer[from..from + length])
            }
        }
    }

    /// Whether the `length` bytes at a place are of the batch that this process wrote there, as it wrote it.
    pub(crate) fn has_written(&self, place: Place, length: usize) -> bool {
        self.written.as_ref().is_some_and(|(at, batch)| *at == place && length <= batch.len())
    }

    /// The batch at a place, if this process wrote it a moment ago and it was looked at last.
    pub(crate) fn written_at(&self, place: Place) -> Option<&Arc<[u8]>> {
        self.written.as_ref().filter(|(at, _)| *at == place).map(|(_, batch)| batch)
    }

    fn held(&self, place: Place, length: usize) -> Option<usize> {
        let at = self.at.filter(|at| at.segment == place.segment && at.offset <= place.offset)?;
        let from = usize::try_from(place.offset - at.offset).ok()?;
        (from + length <= self.buffer.len()).then_some(from)
    }

    fn fill<S: SegmentSource>(
        &mut self,
        source: &mut S,
        place: Place,
        length: usize,
        segment_bytes: u64,
    ) -> Result<(), Error> {
        self.at = None;
        let left = usize::try_from(segment_bytes - place.offset).unwrap_or(usize::MAX);
        let wanted = length.max(READ_BYTES).min(left).next_multiple_of(BLOCK_BYTES);
        if self.buffer.capacity() > READ_BYTES && wanted <= READ_BYTES {
            // One large batch must not keep its memory for the reader's whole life.
            self.buffer = AlignedBuf::with_capacity(wanted);
        }
        self.buffer.resize(wanted, 0);
        source.read_at(place.segment, place.offset, &mut self.buffer).map_err(|cause| {
            let (file, offset) = (source.name(place.segment), place.offset);
            match cause.kind() {
                // Segments are never removed while they are needed, so the reader came too late.
                io::ErrorKind::NotFound => Error::Gap { file, offset },
                _ => Error::Io { action: "read", file, offset, cause },
            }
        })?;
        self.at = Some(place);
        Ok(())
    }
}
