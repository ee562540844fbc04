//! The byte layout of what a reader keeps beside the log: its position, and entries copied out of the log for it.
//! `docs/formats/readers.md` draws both.
//!
//! Invariants: a spill holds whole entries of one partition, sealed as they stood in the log, and is read only if all of it
//! matches its checksums. It deliberately does not know where the bytes are kept.

use crate::batch::Entries;
use crate::format::{EntryRef, entry_stride};
use crate::types::{PartitionId, Position};

/// The version of both layouts that this code writes.
pub const READER_FORMAT_VERSION: u16 = 1;
/// Entries of one spill before it is closed, in bytes; its last entry may reach beyond.
pub const SPILL_BYTES: u64 = 16 << 20;
/// Bytes of a spill before its entries.
pub const SPILL_HEADER_BYTES: usize = 64;
/// Bytes of a position's record.
pub const POSITION_BYTES: usize = 64;

const SPILL_MAGIC: [u8; 8] = *b"RBSPILL\0";
const POSITION_MAGIC: [u8; 8] = *b"RBREADER";
/// Where the checksum over a header begins: behind magic and checksum.
const CHECKSUM_FROM: usize = 12;

/// Which positions a spill holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpillSummary {
    /// Its first record.
    pub first: Position,
    /// The position after its last record.
    pub end: Position,
    /// Bytes of all of it.
    pub bytes: u64,
}

/// Why bytes are no spill or no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReaderBytes {
    /// The first bytes, the length or a checksum are wrong.
    #[error("the bytes do not match their checksum")]
    Damaged,
    /// A newer program wrote it.
    #[error("format version {0} is newer than this program")]
    Version(u16),
    /// It belongs to another partition.
    #[error("it belongs to partition {0}")]
    Partition(PartitionId),
}

fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// The header that both layouts share: magic, checksum, version, partition.
fn seal_header(header: &mut [u8], magic: [u8; 8], partition: PartitionId) {
    put(header, 0, magic);
    put(header, 12, READER_FORMAT_VERSION.to_le_bytes());
    put(header, 16, partition.0.to_le_bytes());
    let checksum = crc32c::crc32c(&header[CHECKSUM_FROM..]);
    put(header, 8, checksum.to_le_bytes());
}

fn check_header(header: &[u8], magic: [u8; 8], partition: PartitionId) -> Result<(), BadReaderBytes> {
    if header[..8] != magic || u32_at(header, 8) != crc32c::crc32c(&header[CHECKSUM_FROM..]) {
        return Err(BadReaderBytes::Damaged);
    }
    let version = u16::from_le_bytes(header[12..14].try_into().expect("two bytes"));
    if version != READER_FORMAT_VERSION {
        return Err(BadReaderBytes::Version(version));
    }
    match PartitionId(u32_at(header, 16)) {
        found if found == partition => Ok(()),
        found => Err(BadReaderBytes::Partition(found)),
    }
}

/// The record of a position: the first one that the reader has not acknowledged.
#[must_use]
pub fn encode_position(partition: PartitionId, next: Position) -> [u8; POSITION_BYTES] {
    let mut bytes = [0; POSITION_BYTES];
    put(&mut bytes, 24, next.0.to_le_bytes());
    seal_header(&mut bytes, POSITION_MAGIC, partition);
    bytes
}

/// Reads what [`encode_position`] wrote.
pub fn decode_position(partition: PartitionId, bytes: &[u8]) -> Result<Position, BadReaderBytes> {
    if bytes.len() != POSITION_BYTES {
        return Err(BadReaderBytes::Damaged);
    }
    check_header(bytes, POSITION_MAGIC, partition)?;
    Ok(Position(u64_at(bytes, 24)))
}

/// Gathers entries into a spill.
#[derive(Debug)]
pub(crate) struct SpillBuilder {
    bytes: Vec<u8>,
    entry_count: u32,
    first: Position,
    end: Position,
}

impl SpillBuilder {
    pub(crate) fn new() -> Self {
        let bytes = vec![0; SPILL_HEADER_BYTES];
        Self { bytes, entry_count: 0, first: Position(0), end: Position(0) }
    }

    pub(crate) fn push(&mut self, entry: &EntryRef<'_>) {
        if self.entry_count == 0 {
            self.first = entry.frame.position;
        }
        self.bytes.extend_from_slice(entry.bytes());
        self.bytes.resize(SPILL_HEADER_BYTES + self.body_stride(), 0);
        self.entry_count += 1;
        self.end = entry.frame.end();
    }

    fn body_stride(&self) -> usize {
        entry_stride(self.bytes.len() - SPILL_HEADER_BYTES)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entry_count == 0
    }

    /// Whether it has as much as one spill takes.
    pub(crate) fn is_full(&self, spill_bytes: u64) -> bool {
        self.bytes.len() as u64 >= spill_bytes
    }

    /// Seals it.
    pub(crate) fn finish(mut self, partition: PartitionId) -> (SpillSummary, Vec<u8>) {
        let (header, body) = self.bytes.split_at_mut(SPILL_HEADER_BYTES);
        put(header, 20, self.entry_count.to_le_bytes());
        put(header, 24, self.first.0.to_le_bytes());
        put(header, 32, self.end.0.to_le_bytes());
        put(header, 40, (body.len() as u64).to_le_bytes());
        put(header, 48, crc32c::crc32c(body).to_le_bytes());
        seal_header(header, SPILL_MAGIC, partition);
        let summary = SpillSummary { first: self.first, end: self.end, bytes: self.bytes.len() as u64 };
        (summary, self.bytes)
    }
}

/// A spill whose checksums match.
#[derive(Debug)]
pub(crate) struct Spill {
    bytes: Vec<u8>,
    /// Where the next entry begins.
    at: usize,
}

impl Spill {
    pub(crate) fn verify(partition: PartitionId, bytes: Vec<u8>) -> Result<Self, BadReaderBytes> {
        if bytes.len() < SPILL_HEADER_BYTES {
            return Err(BadReaderBytes::Damaged);
        }
        let (header, body) = bytes.split_at(SPILL_HEADER_BYTES);
        check_header(header, SPILL_MAGIC, partition)?;
        if u64_at(header, 40) != body.len() as u64 || u32_at(header, 48) != crc32c::crc32c(body) {
            return Err(BadReaderBytes::Damaged);
        }
        Ok(Self { bytes, at: SPILL_HEADER_BYTES })
    }

    /// What its header says that it holds.
    pub(crate) fn summary(&self) -> SpillSummary {
        let (first, end) = (Position(u64_at(&self.bytes, 24)), Position(u64_at(&self.bytes, 32)));
        SpillSummary { first, end, bytes: self.bytes.len() as u64 }
    }

    /// The next entry; `None` at the end.
    pub(crate) fn next_entry(&mut self) -> Option<EntryRef<'_>> {
        let entry = Entries::new(&self.bytes[self.at..]).next()?;
        self.at += entry_stride(entry.bytes().len());
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::{BadReaderBytes, Spill, SpillBuilder, decode_position, encode_position};
    use crate::format::{ENTRY_HEADER_BYTES, EntryRef, seal_entry};
    use crate::types::{EntryFrame, EntryKind, PartitionId, Position, RaftIndex, Term};

    fn entry(position: u64, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; ENTRY_HEADER_BYTES];
        bytes.extend_from_slice(payload);
        let frame = EntryFrame {
            kind: EntryKind::Records,
            partition: PartitionId(3),
            index: RaftIndex(position),
            term: Term(1),
            position: Position(position),
            record_count: 2,
        };
        seal_entry(&frame, &mut bytes);
        bytes
    }

    #[test]
    fn a_spill_gives_back_its_entries_and_no_damaged_byte() {
        let mut builder = SpillBuilder::new();
        for position in [5, 7, 9] {
            builder.push(&EntryRef::decode(&entry(position, &vec![7; position as usize])).expect("sealed"));
        }
        let (summary, bytes) = builder.finish(PartitionId(3));
        assert_eq!((summary.first, summary.end), (Position(5), Position(11)));
        assert_eq!(summary.bytes, bytes.len() as u64);
        let mut spill = Spill::verify(PartitionId(3), bytes.clone()).expect("intact");
        for position in [5, 7, 9] {
            let entry = spill.next_entry().expect("an entry");
            assert_eq!((entry.frame.position.0, entry.payload().len() as u64), (position, position));
        }
        assert!(spill.next_entry().is_none());
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            assert!(Spill::verify(PartitionId(3), damaged).is_err(), "byte {at}");
        }
        assert!(Spill::verify(PartitionId(3), bytes[..bytes.len() - 1].to_vec()).is_err());
    }

    #[test]
    fn a_position_is_one_partitions_and_whole() {
        let bytes = encode_position(PartitionId(2), Position(77));
        assert_eq!(decode_position(PartitionId(2), &bytes), Ok(Position(77)));
        assert_eq!(decode_position(PartitionId(1), &bytes), Err(BadReaderBytes::Partition(PartitionId(2))));
        for at in 0..bytes.len() {
            let mut damaged = bytes;
            damaged[at] ^= 1;
            assert!(decode_position(PartitionId(2), &damaged).is_err(), "byte {at}");
        }
    }
}
