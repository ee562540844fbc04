//! The byte layout of batches and entries; `docs/formats/journal.md` draws it.
//!
//! Invariants: all numbers are little-endian; a header that decodes has a valid header checksum; an entry that
//! decodes has a valid checksum. It deliberately does not know where bytes come from or go to.

use crate::raft_state::{Members, RaftState};
use crate::types::{
    BatchSequence, EntryFrame, EntryKind, Epoch, JournalId, PartitionId, Place, Position, RaftIndex,
    SegmentSequence, Term,
};

/// The version of the batch and entry layout that this code writes.
pub const FORMAT_VERSION: u16 = 1;
/// Batches start and end at multiples of this, in bytes: the largest logical block direct I/O asks for.
pub const BLOCK_BYTES: usize = 4096;
/// The first bytes of every batch.
pub const BATCH_MAGIC: [u8; 8] = *b"RBJBATCH";
/// Bytes of a batch's header; its entries follow at once.
pub const BATCH_HEADER_BYTES: usize = 96;
/// Bytes of an entry's header; its payload follows at once.
pub const ENTRY_HEADER_BYTES: usize = 48;
/// Entries start at multiples of this within their batch, in bytes.
pub const ENTRY_ALIGN: usize = 8;
/// The largest entry, header included, in bytes.
pub const ENTRY_BYTES_MAX: usize = 16 << 20;
/// The largest batch, header and padding included, in bytes. It leaves room for a full entry beside a full one.
pub const BATCH_BYTES_MAX: usize = 32 << 20;

/// Where the checksum over the whole batch begins: behind the magic and the checksum itself.
const BATCH_CHECKSUM_FROM: usize = 12;
/// Where the checksum over the header begins: behind both checksums.
const HEADER_CHECKSUM_FROM: usize = 16;
/// Where an entry's checksum begins: behind itself.
const ENTRY_CHECKSUM_FROM: usize = 4;

/// A batch's header, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Checksum over everything behind it, header fields included. The next batch repeats it.
    pub checksum: u32,
    /// The layout's version.
    pub version: u16,
    /// Entries in the batch; zero in the batches that open and close a run.
    pub entry_count: u32,
    /// The journal the batch belongs to.
    pub journal: JournalId,
    /// Where the batch was meant to be written.
    pub place: Place,
    /// The batch's number.
    pub sequence: BatchSequence,
    /// The start of the data directory that wrote it.
    pub epoch: Epoch,
    /// Bytes of the batch with header and padding, a multiple of [`BLOCK_BYTES`].
    pub length: u32,
    /// Bytes of the entries with their alignment, without header and padding.
    pub entries_bytes: u32,
    /// The checksum of the batch before this one; zero for the journal's first.
    pub previous_checksum: u32,
}

/// Why bytes are not an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Fewer bytes than the entry's header or length say.
    #[error("the entry is cut short")]
    Short,
    /// The length is below the header's size or above [`ENTRY_BYTES_MAX`].
    #[error("the entry's length {0} is out of range")]
    Length(u32),
    /// The bytes do not match their checksum.
    #[error("the entry's checksum does not match")]
    Checksum,
    /// A kind of entry that this version does not know.
    #[error("the entry's kind {0} is unknown to this version")]
    Kind(u8),
    /// Bytes that this version requires to be zero are not.
    #[error("the entry's reserved bytes are not zero")]
    Reserved,
    /// The payload is not what the kind demands.
    #[error("the entry's payload is not what its kind demands")]
    Payload,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().expect("two bytes"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}

impl BatchHeader {
    /// Decodes the header at the start of `bytes`: `None` unless magic and header checksum are right and the
    /// fields are possible. The version is not judged here.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..BATCH_HEADER_BYTES)?;
        if bytes[..8] != BATCH_MAGIC || u32_at(bytes, 12) != crc32c::crc32c(&bytes[HEADER_CHECKSUM_FROM..]) {
            return None;
        }
        let header = Self {
            checksum: u32_at(bytes, 8),
            version: u16_at(bytes, 16),
            entry_count: u32_at(bytes, 20),
            journal: JournalId(u128::from_le_bytes(bytes[24..40].try_into().expect("sixteen bytes"))),
            place: Place { segment: SegmentSequence(u64_at(bytes, 40)), offset: u64_at(bytes, 56) },
            sequence: BatchSequence(u64_at(bytes, 48)),
            epoch: Epoch(u64_at(bytes, 64)),
            length: u32_at(bytes, 72),
            entries_bytes: u32_at(bytes, 76),
            previous_checksum: u32_at(bytes, 80),
        };
        let length = header.length as usize;
        let fits = BATCH_HEADER_BYTES.checked_add(header.entries_bytes as usize)? <= length;
        (length.is_multiple_of(BLOCK_BYTES) && length <= BATCH_BYTES_MAX && fits).then_some(header)
    }

    /// Writes the header into the first bytes of `batch`, a complete padded batch, and seals it with both
    /// checksums. Returns the batch's checksum. `self.checksum` is not read.
    pub fn seal(&self, batch: &mut [u8]) -> u32 {
        assert_eq!(batch.len(), self.length as usize, "a batch is sealed at its full length");
        batch[..BATCH_HEADER_BYTES].fill(0);
        put(batch, 0, BATCH_MAGIC);
        put(batch, 16, self.version.to_le_bytes());
        put(batch, 20, self.entry_count.to_le_bytes());
        put(batch, 24, self.journal.0.to_le_bytes());
        put(batch, 40, self.place.segment.0.to_le_bytes());
        put(batch, 48, self.sequence.0.to_le_bytes());
        put(batch, 56, self.place.offset.to_le_bytes());
        put(batch, 64, self.epoch.0.to_le_bytes());
        put(batch, 72, self.length.to_le_bytes());
        put(batch, 76, self.entries_bytes.to_le_bytes());
        put(batch, 80, self.previous_checksum.to_le_bytes());
        let header_checksum = crc32c::crc32c(&batch[HEADER_CHECKSUM_FROM..BATCH_HEADER_BYTES]);
        put(batch, 12, header_checksum.to_le_bytes());
        let checksum = crc32c::crc32c(&batch[BATCH_CHECKSUM_FROM..]);
        put(batch, 8, checksum.to_le_bytes());
        checksum
    }

    /// Whether `batch`, all of its `length` bytes, matches the header's checksum.
    #[must_use]
    pub fn matches(&self, batch: &[u8]) -> bool {
        batch.len() == self.length as usize && crc32c::crc32c(&batch[BATCH_CHECKSUM_FROM..]) == self.checksum
    }
}

/// Writes an entry's header into the first bytes of `entry`, whose payload already stands behind it.
pub fn seal_entry(frame: &EntryFrame, entry: &mut [u8]) {
    let length = u32::try_from(entry.len()).expect("an entry is below its bound");
    put(entry, 4, length.to_le_bytes());
    put(entry, 8, frame.partition.0.to_le_bytes());
    put(entry, 12, [frame.kind as u8, 0, 0, 0]);
    put(entry, 16, frame.index.0.to_le_bytes());
    put(entry, 24, frame.term.0.to_le_bytes());
    put(entry, 32, frame.position.0.to_le_bytes());
    put(entry, 40, frame.record_count.to_le_bytes());
    put(entry, 44, [0; 4]);
    let checksum = crc32c::crc32c(&entry[ENTRY_CHECKSUM_FROM..]);
    put(entry, 0, checksum.to_le_bytes());
}

/// An entry in someone else's bytes, its checksum verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRef<'a> {
    /// What the entry says about itself.
    pub frame: EntryFrame,
    bytes: &'a [u8],
}

impl<'a> EntryRef<'a> {
    /// Reads and verifies the entry at the start of `bytes`; bytes behind it are left alone.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EntryError> {
        let entry = Self::extent(bytes)?;
        if crc32c::crc32c(&entry[ENTRY_CHECKSUM_FROM..]) != u32_at(entry, 0) {
            return Err(EntryError::Checksum);
        }
        Self::decode_verified(entry)
    }

    /// Reads an entry whose checksum, or its batch's, was verified before.
    pub(crate) fn decode_verified(bytes: &'a [u8]) -> Result<Self, EntryError> {
        let entry = Self::extent(bytes)?;
        let kind = EntryKind::from_byte(entry[12]).ok_or(EntryError::Kind(entry[12]))?;
        if entry[13..16] != [0; 3] || entry[44..48] != [0; 4] {
            return Err(EntryError::Reserved);
        }
        let frame = EntryFrame {
            kind,
            partition: PartitionId(u32_at(entry, 8)),
            index: RaftIndex(u64_at(entry, 16)),
            term: Term(u64_at(entry, 24)),
            position: Position(u64_at(entry, 32)),
            record_count: u32_at(entry, 40),
        };
        let entry = Self { frame, bytes: entry };
        if entry.has_payload_of_kind() { Ok(entry) } else { Err(EntryError::Payload) }
    }

    fn has_payload_of_kind(&self) -> bool {
        match self.frame.kind {
            EntryKind::Records => true,
            _ if self.frame.record_count > 0 => false,
            EntryKind::RaftState => RaftState::decode(&self.frame, self.payload()).is_some(),
            EntryKind::SuffixCut | EntryKind::Noop => self.payload().is_empty(),
            EntryKind::ConfChange => Members::decode(self.payload()).is_some(),
        }
    }

    fn extent(bytes: &'a [u8]) -> Result<&'a [u8], EntryError> {
        let header = bytes.get(..ENTRY_HEADER_BYTES).ok_or(EntryError::Short)?;
        let length = u32_at(header, 4);
        if (length as usize) < ENTRY_HEADER_BYTES || length as usize > ENTRY_BYTES_MAX {
            return Err(EntryError::Length(length));
        }
        bytes.get(..length as usize).ok_or(EntryError::Short)
    }

    /// The whole entry as it stands in the journal: what is shipped to a follower.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes that the appender gave.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[ENTRY_HEADER_BYTES..]
    }
}

/// Bytes an entry with this payload takes in a batch, alignment included.
#[must_use]
pub(crate) fn entry_stride(entry_bytes: usize) -> usize {
    entry_bytes.next_multiple_of(ENTRY_ALIGN)
}
