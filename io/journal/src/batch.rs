//! Building one batch, and judging the bytes found where a batch is expected.
//!
//! Invariants: a builder never exceeds its bound; what `judge` accepts has passed every checksum and stands where
//! its header says. It deliberately does not look at more than one batch: the chain is `cursor`'s and `scan`'s.

use crate::format::{
    BATCH_HEADER_BYTES, BLOCK_BYTES, BatchHeader, ENTRY_BYTES_MAX, ENTRY_HEADER_BYTES, EntryError, EntryRef,
    FORMAT_VERSION, entry_stride, seal_entry,
};
use crate::raft_state::RaftState;
use crate::types::{BatchSequence, EntryFrame, EntryKind, Epoch, JournalId, PartitionId, Place, Position};
use ringbolt_ring::fs::AlignedBuf;

/// Why an entry was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryRefused {
    /// The entry can never be appended.
    #[error("an entry of {bytes} bytes is above the bound of {bytes_max}")]
    TooLarge {
        /// The entry's size with its header.
        bytes: usize,
        /// The bound.
        bytes_max: usize,
    },
    /// The batch is full until the write in flight is done.
    #[error("the batch that fills has no room for {bytes} more bytes")]
    Full {
        /// The entry's size with its header.
        bytes: usize,
    },
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
}

/// Which positions of a partition's entries lie in a batch or a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionRange {
    /// The partition.
    pub partition: PartitionId,
    /// The lowest position of an entry.
    pub first: Position,
    /// The position after the last record.
    pub end: Position,
}

/// Widens the partition's range in `ranges`. A linear search: a journal carries a handful of partitions.
pub(crate) fn widen(ranges: &mut Vec<PartitionRange>, range: PartitionRange) {
    match ranges.iter_mut().find(|known| known.partition == range.partition) {
        Some(known) => {
            known.first = known.first.min(range.first);
            known.end = known.end.max(range.end);
        }
        None => ranges.push(range),
    }
}

/// Widens the partition's range by one entry. Raft states and cuts keep nothing: the next raft state says what they say.
pub(crate) fn widen_by(ranges: &mut Vec<PartitionRange>, frame: &EntryFrame) {
    if frame.kind.is_of_log() {
        widen(ranges, PartitionRange { partition: frame.partition, first: frame.position, end: frame.end() });
    }
}

/// A batch that fills. Entries are copied once, straight into the memory that is written.
#[derive(Debug)]
pub(crate) struct BatchBuilder {
    buffer: AlignedBuf,
    entry_count: u32,
    /// Raft states at the batch's head; not counted in `entry_count` and `entry_bytes`.
    preamble_count: u32,
    entry_bytes: u64,
    ranges: Vec<PartitionRange>,
    bytes_max: usize,
    /// Room that is kept for raft states at the batch's head.
    reserved: usize,
}

/// What a sealed batch needs to know about its place in the journal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchSeal {
    pub(crate) journal: JournalId,
    pub(crate) place: Place,
    pub(crate) sequence: BatchSequence,
    pub(crate) epoch: Epoch,
    pub(crate) previous_checksum: u32,
}

/// A batch ready to be written.
#[derive(Debug)]
pub(crate) struct SealedBatch {
    pub(crate) buffer: AlignedBuf,
    pub(crate) checksum: u32,
    pub(crate) entry_count: u32,
    /// Bytes of the entries that were appended, without alignment.
    pub(crate) entry_bytes: u64,
    pub(crate) ranges: Vec<PartitionRange>,
}

impl BatchBuilder {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            buffer: AlignedBuf::with_capacity(0),
            entry_count: 0,
            preamble_count: 0,
            entry_bytes: 0,
            ranges: Vec::new(),
            bytes_max,
            reserved: 0,
        }
    }

    /// Keeps so much room for [`BatchBuilder::prepend`].
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.reserved = bytes;
    }

    /// Whether raft states stand at its head.
    pub(crate) fn has_preamble(&self) -> bool {
        self.preamble_count > 0
    }

    /// Puts raft states before everything that was gathered.
    pub(crate) fn prepend<'a>(&mut self, states: impl Iterator<Item = &'a RaftState>) {
        let mut buffer = AlignedBuf::with_capacity(self.used() + self.reserved);
        buffer.resize(BATCH_HEADER_BYTES, 0);
        for state in states {
            let start = buffer.len();
            buffer.resize(start + ENTRY_HEADER_BYTES, 0);
            buffer.extend_from_slice(&state.encode());
            seal_entry(&state.frame(), &mut buffer[start..]);
            buffer.resize(buffer.len().next_multiple_of(crate::format::ENTRY_ALIGN), 0);
            self.preamble_count += 1;
        }
        if self.buffer.len() > BATCH_HEADER_BYTES {
            buffer.extend_from_slice(&self.buffer[BATCH_HEADER_BYTES..]);
        }
        self.buffer = buffer;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entry_count == 0
    }

    /// Bytes of the entries in it, headers included.
    pub(crate) fn entry_bytes(&self) -> u64 {
        self.entry_bytes
    }

    /// Bytes that the batch would take if it were written now.
    pub(crate) fn sealed_bytes(&self) -> usize {
        self.used().next_multiple_of(BLOCK_BYTES)
    }

    /// Bytes that it would take with raft states at its head.
    pub(crate) fn sealed_bytes_with_preamble(&self) -> usize {
        let preamble = if self.has_preamble() { 0 } else { self.reserved };
        (self.used() + preamble).next_multiple_of(BLOCK_BYTES)
    }

    /// The largest entry that could ever be taken, header included.
    pub(crate) fn entry_bytes_max(&self) -> usize {
        ENTRY_BYTES_MAX.min((self.bytes_max - BATCH_HEADER_BYTES).saturating_sub(self.reserved))
    }

    /// Whether an entry of this size, header included, fits now.
    pub(crate) fn has_room(&self, entry_bytes: usize) -> bool {
        self.used() + entry_stride(entry_bytes) + self.reserved <= self.bytes_max
    }

    fn used(&self) -> usize {
        self.buffer.len().max(BATCH_HEADER_BYTES)
    }

    fn admit(&mut self, bytes: usize) -> Result<(), EntryRefused> {
        let bytes_max = self.entry_bytes_max();
        if bytes > bytes_max {
            return Err(EntryRefused::TooLarge { bytes, bytes_max });
        }
        if !self.has_room(bytes) {
            return Err(EntryRefused::Full { bytes });
        }
        if self.buffer.is_empty() {
            self.buffer.resize(BATCH_HEADER_BYTES, 0);
        }
        Ok(())
    }

    fn admitted(&mut self, frame: &EntryFrame, bytes: usize) {
        self.buffer.resize(self.buffer.len().next_multiple_of(crate::format::ENTRY_ALIGN), 0);
        self.entry_count += 1;
        self.entry_bytes += bytes as u64;
        widen_by(&mut self.ranges, frame);
    }

    /// Adds an entry whose payload is the concatenation of `parts`.
    pub(crate) fn push(&mut self, frame: &EntryFrame, parts: &[&[u8]]) -> Result<(), EntryRefused> {
        let payload = parts.iter().fold(0_usize, |sum, part| sum.saturating_add(part.len()));
        let bytes = ENTRY_HEADER_BYTES.saturating_add(payload);
        self.admit(bytes)?;
        self.buffer.reserve(entry_stride(bytes));
        let start = self.buffer.len();
        self.buffer.resize(start + ENTRY_HEADER_BYTES, 0);
        for part in parts {
            self.buffer.extend_from_slice(part);
        }
        seal_entry(frame, &mut self.buffer[start..]);
        let is_sound =
            frame.kind == EntryKind::Records || EntryRef::decode_verified(&self.buffer[start..]).is_ok();
        assert!(is_sound, "the payload of {frame:?} is not its kind's");
        self.admitted(frame, bytes);
        Ok(())
    }

    /// Adds an entry that was sealed before, byte for byte.
    pub(crate) fn push_sealed(&mut self, entry: &EntryRef<'_>) -> Result<(), EntryRefused> {
        let bytes = entry.bytes().len();
        self.admit(bytes)?;
        self.buffer.extend_from_slice(entry.bytes());
        self.admitted(&entry.frame, bytes);
        Ok(())
    }

    /// Pads and seals what was gathered, and starts the next batch in `spare`'s memory.
    pub(crate) fn seal(&mut self, seal: &BatchSeal, spare: AlignedBuf) -> SealedBatch {
        let mut buffer = std::mem::replace(&mut self.buffer, spare);
        self.buffer.clear();
        let used = buffer.len().max(BATCH_HEADER_BYTES);
        let length = used.next_multiple_of(BLOCK_BYTES);
        buffer.resize(length, 0);
        let header = BatchHeader {
            checksum: 0,
            version: FORMAT_VERSION,
            entry_count: self.entry_count + std::mem::take(&mut self.preamble_count),
            journal: seal.journal,
            place: seal.place,
            sequence: seal.sequence,
            epoch: seal.epoch,
            length: u32::try_from(length).expect("a batch is below its bound"),
            entries_bytes: u32::try_from(used - BATCH_HEADER_BYTES).expect("a batch is below its bound"),
            previous_checksum: seal.previous_checksum,
        };
        let checksum = header.seal(&mut buffer);
        SealedBatch {
            buffer,
            checksum,
            entry_count: std::mem::take(&mut self.entry_count),
            entry_bytes: std::mem::take(&mut self.entry_bytes),
            ranges: std::mem::take(&mut self.ranges),
        }
    }
}

/// Why the bytes at a place are not the batch that belongs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBatch {
    /// No batch header of this journal: zeros, or what an earlier use of the file left.
    #[error("there is no batch header")]
    NoHeader,
    /// An intact header of this journal that was meant for another place.
    #[error("the batch there belongs to segment {}, offset {}: a misdirected write", .0.segment, .0.offset)]
    Misdirected(Place),
    /// An intact header with a body that does not match its checksum.
    #[error("the batch's body does not match its checksum")]
    Body,
    /// The batch would reach beyond the end of its segment.
    #[error("the batch reaches beyond its segment")]
    Beyond,
    /// The batch is intact, but its entries are not what the header says.
    #[error("the batch's checksum is right, but entry {0} is not: {1}")]
    Entry(u32, EntryError),
    /// An intact batch that does not continue the one before it.
    #[error("batch {found} does not continue batch {previous}")]
    Chain {
        /// The last batch that was read before.
        previous: BatchSequence,
        /// The batch found.
        found: BatchSequence,
    },
    /// A layout that this version cannot read.
    #[error("the batch has format version {0}, this program reads up to {FORMAT_VERSION}")]
    Version(u16),
}

/// Judges the header at the start of `block`, found at `place` in a segment of `segment_bytes`. A header for another
/// place with a number not above `last` is what an earlier use of the file left, and counts as no header.
pub(crate) fn judge_header(
    block: &[u8],
    journal: JournalId,
    place: Place,
    segment_bytes: u64,
    last: Option<BatchSequence>,
) -> Result<BatchHeader, BadBatch> {
    let header =
        BatchHeader::decode(block).filter(|header| header.journal == journal).ok_or(BadBatch::NoHeader)?;
    if header.version != FORMAT_VERSION {
        return Err(BadBatch::Version(header.version));
    }
    if header.place != place {
        let newer = last.is_some_and(|last| header.sequence > last);
        return Err(if newer { BadBatch::Misdirected(header.place) } else { BadBatch::NoHeader });
    }
    if place.offset + u64::from(header.length) > segment_bytes {
        return Err(BadBatch::Beyond);
    }
    Ok(header)
}

/// Judges a whole batch against its header, and each entry in it.
pub(crate) fn judge_body(header: &BatchHeader, batch: &[u8]) -> Result<(), BadBatch> {
    if !header.matches(batch) {
        return Err(BadBatch::Body);
    }
    let mut rest = entries_of(header, batch);
    for number in 0..header.entry_count {
        let entry = EntryRef::decode(rest).map_err(|cause| BadBatch::Entry(number, cause))?;
        rest = rest
            .get(entry_stride(entry.bytes().len())..)
            .ok_or(BadBatch::Entry(number, EntryError::Short))?;
    }
    if rest.is_empty() { Ok(()) } else { Err(BadBatch::Entry(header.entry_count, EntryError::Short)) }
}

/// The entries' bytes in a batch whose header was decoded.
pub(crate) fn entries_of<'a>(header: &BatchHeader, batch: &'a [u8]) -> &'a [u8] {
    &batch[BATCH_HEADER_BYTES..BATCH_HEADER_BYTES + header.entries_bytes as usize]
}

/// The entries of a verified batch, without looking at their checksums again.
pub(crate) struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Entries<'a> {
    /// `bytes` are what `entries_of` gave for a batch that `judge_body` accepted, or a rest of them.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = EntryRef<'a>;

    fn next(&mut self) -> Option<EntryRef<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = EntryRef::decode_verified(self.rest).expect("the batch was verified");
        self.rest = &self.rest[entry_stride(entry.bytes().len())..];
        Some(entry)
    }
}
