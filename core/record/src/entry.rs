//! An entry: a command with all the events it caused, as one unit of the log.
//!
//! Layout (little endian, `docs/formats/record.md`): a fixed header, the caller's claims, then the records,
//! each a 20-byte header and its value. What all records of an entry share (time, key counter, operation
//! references, trace, versions) stands in the entry's header once.
//!
//! Invariants
//! - The builder's bytes are what is logged, replicated and exported; nothing is encoded twice.
//! - Reading never trusts lengths or numbers: damaged bytes give `EntryError`, never a panic.
//! - Checksums are the journal's; this layer checks structure.

mod out;

pub use out::ValueSerializer;

use crate::ids::{Key, Position, TimestampMs};
use crate::values::RecordValue;
use crate::wire_enums::{Intent, RecordType, ValueType};
use out::Scratch;
use rkyv::api::low::{self, LowValidator};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor::Error as RkyvError;
use rkyv::{Archive, Portable, Serialize};

/// Version of the entry layout.
pub const ENTRY_FORMAT_VERSION: u16 = 1;
/// Bytes of the entry's fixed header.
pub const ENTRY_HEADER_BYTES: usize = 72;
/// Bytes of a record's header.
pub const RECORD_HEADER_BYTES: usize = 20;
/// Source index of a record that nothing in its entry caused.
pub const NO_SOURCE: u16 = u16::MAX;
/// Most records that one entry holds: the source index has 16 bits.
pub const ENTRY_RECORDS_MAX: usize = NO_SOURCE as usize;
/// Memory that a builder keeps between entries, bytes: what one large entry took is given back.
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest claims of a caller, bytes.
pub const CLAIMS_BYTES_MAX: usize = 64 * 1024;

/// What all records of an entry share.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EntryMeta {
    /// Fixed when processing began; never before the previous entry's.
    pub timestamp: TimestampMs,
    /// The partition's key counter after the entry.
    pub key_counter: u64,
    /// Position of the entry's first record.
    pub first_position: Position,
    /// The client's own reference of the operation; 0 when it gave none.
    pub operation_reference: u64,
    /// The batch operation that this is part of; 0 when it is of none.
    pub batch_operation_reference: u64,
    /// Trace of the request; 0 when it has none.
    pub trace_id: u128,
    /// The software that wrote it: major, minor, patch.
    pub broker_version: (u8, u8, u16),
    /// Who asked, as the gateway established it; empty while authorization is off.
    pub claims: Vec<u8>,
}

/// A record's fixed part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordHeader {
    /// Asks, tells or refuses.
    pub record_type: RecordType,
    /// What happens to what.
    pub intent: Intent,
    /// To which thing.
    pub key: Key,
    /// Layout version of the value; 0 for a record without a value.
    pub value_version: u16,
    /// Index, within the entry, of the record that caused this one; [`NO_SOURCE`] for none.
    pub source: u16,
}

/// Why bytes are no entry.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EntryError {
    /// They end too early.
    #[error("entry ends after {have} bytes, needs {need}")]
    Truncated {
        /// Bytes there.
        have: usize,
        /// Bytes needed.
        need: usize,
    },
    /// A newer or foreign layout.
    #[error("entry format version {0} is not known to this version of Ringbolt")]
    FormatVersion(u16),
    /// A number that no enum has.
    #[error("record {index}: unknown {what} {number}")]
    UnknownNumber {
        /// Which record of the entry.
        index: usize,
        /// What the number should be.
        what: &'static str,
        /// The number.
        number: u8,
    },
    /// The value's bytes do not have its layout.
    #[error("value of {value_type} v{version}: {why}")]
    Value {
        /// Its value type.
        value_type: ValueType,
        /// The version that was expected.
        version: u16,
        /// What the check says.
        why: String,
    },
    /// Bytes are left after the last record.
    #[error("{0} bytes after the last record")]
    TrailingBytes(usize),
    /// Its records would stand behind the last position that there is.
    #[error("{count} records do not fit behind position {first}")]
    Positions {
        /// Of its first record.
        first: u64,
        /// How many records it says it has.
        count: u32,
    },
}

/// Builds an entry, record by record, in one reusable buffer.
#[derive(Debug, Default)]
pub struct EntryBuilder {
    bytes: Vec<u8>,
    record_count: u32,
    current_source: u16,
    scratch: Scratch,
}

impl EntryBuilder {
    /// Starts an entry, forgetting the previous one's bytes but not their memory, unless that was unusually much.
    ///
    /// # Panics
    /// When the claims exceed [`CLAIMS_BYTES_MAX`]; the gateway bounds them.
    pub fn begin(&mut self, meta: &EntryMeta) {
        assert!(meta.claims.len() <= CLAIMS_BYTES_MAX, "claims of {} bytes", meta.claims.len());
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES_MAX);
        self.record_count = 0;
        self.current_source = NO_SOURCE;
        let (major, minor, patch) = meta.broker_version;
        self.bytes.extend_from_slice(&ENTRY_FORMAT_VERSION.to_le_bytes());
        self.bytes.extend_from_slice(&[major, minor]);
        self.bytes.extend_from_slice(&patch.to_le_bytes());
        self.bytes.extend_from_slice(&[0, 0]);
        self.bytes.extend_from_slice(&meta.timestamp.0.to_le_bytes());
        self.bytes.extend_from_slice(&meta.key_counter.to_le_bytes());
        self.bytes.extend_from_slice(&meta.first_position.0.to_le_bytes());
        self.bytes.extend_from_slice(&meta.operation_reference.to_le_bytes());
        self.bytes.extend_from_slice(&meta.batch_operation_reference.to_le_bytes());
        self.bytes.extend_from_slice(&meta.trace_id.to_le_bytes());
        self.bytes.extend_from_slice(&0u32.to_le_bytes());
        self.bytes.extend_from_slice(&(meta.claims.len() as u32).to_le_bytes());
        debug_assert_eq!(self.bytes.len(), ENTRY_HEADER_BYTES);
        self.bytes.extend_from_slice(&meta.claims);
    }

    /// Appends a record without a value: what was asked of which key. Later records name it as their source.
    pub fn push_command(&mut self, intent: Intent, key: Key) {
        let index = self.record_count;
        self.push_header(RecordType::Command, intent, key, 0, 0);
        self.current_source = index as u16;
    }

    /// Appends a record and returns its value as it stands in the entry, for the applier.
    ///
    /// # Panics
    /// When the value is not of the intent's value type, or the entry is full: the engine bounds its batches.
    // The engine has one caller for each value type; left to itself the compiler stops inlining here as types are added.
    #[inline(always)]
    pub fn push<V>(&mut self, record_type: RecordType, intent: Intent, key: Key, value: &V) -> &V::Archived
    where
        V: RecordValue + for<'a> Serialize<ValueSerializer<'a>>,
        V::Archived: Portable,
    {
        assert_eq!(intent.value_type(), V::VALUE_TYPE, "value does not fit its intent");
        self.push_header(record_type, intent, key, V::VERSION, 0);
        let start = self.bytes.len();
        out::append(&mut self.bytes, &mut self.scratch, value);
        let value_bytes =
            u32::try_from(self.bytes.len() - start).expect("the engine bounds an entry far below 4 GiB");
        self.bytes[start - 4..start].copy_from_slice(&value_bytes.to_le_bytes());
        access_just_written::<V>(&self.bytes[start..])
    }

    // Inlined, most of a header is known when the engine is compiled.
    #[inline(always)]
    fn push_header(&mut self, record_type: RecordType, intent: Intent, key: Key, version: u16, len: u32) {
        assert!((self.record_count as usize) < ENTRY_RECORDS_MAX, "entry holds too many records");
        self.record_count += 1;
        let mut header = [0; RECORD_HEADER_BYTES];
        header[0] = record_type.number();
        header[1] = intent.value_type().number();
        header[2] = intent.number();
        header[4..6].copy_from_slice(&version.to_le_bytes());
        header[6..8].copy_from_slice(&self.current_source.to_le_bytes());
        header[8..16].copy_from_slice(&key.0.to_le_bytes());
        header[16..].copy_from_slice(&len.to_le_bytes());
        self.bytes.extend_from_slice(&header);
    }

    /// Records so far.
    pub fn record_count(&self) -> u32 {
        self.record_count
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether no entry was begun.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// A place to come back to with [`EntryBuilder::truncate`].
    pub fn mark(&self) -> (usize, u32, u16) {
        (self.bytes.len(), self.record_count, self.current_source)
    }

    /// Drops the records after a mark, as the undo list drops their rows.
    pub fn truncate(&mut self, (len, record_count, source): (usize, u32, u16)) {
        self.bytes.truncate(len);
        self.record_count = record_count;
        self.current_source = source;
    }

    /// Completes the entry: the key counter after it and the number of its records.
    pub fn finish(&mut self, key_counter: u64) -> &[u8] {
        self.bytes[16..24].copy_from_slice(&key_counter.to_le_bytes());
        self.bytes[64..68].copy_from_slice(&self.record_count.to_le_bytes());
        &self.bytes
    }
}

/// The root of a value whose bytes this builder has just written.
fn access_just_written<V: Archive>(bytes: &[u8]) -> &V::Archived
where
    V::Archived: Portable,
{
    // SAFETY: `bytes` is exactly what rkyv wrote for a `V` an instant ago, root last; alignment is 1.
    #[allow(unsafe_code)]
    unsafe {
        rkyv::access_unchecked::<V::Archived>(bytes)
    }
}

/// An entry read from bytes.
#[derive(Clone, Copy, Debug)]
pub struct EntryRef<'a> {
    bytes: &'a [u8],
    records_offset: usize,
    record_count: u32,
}

/// A record read from an entry.
#[derive(Clone, Copy, Debug)]
pub struct RecordRef<'a> {
    /// Its fixed part.
    pub header: RecordHeader,
    /// Its position in the partition's stream.
    pub position: Position,
    value: &'a [u8],
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

impl<'a> EntryRef<'a> {
    /// Reads an entry's header.
    ///
    /// # Errors
    /// When the bytes end too early or have another format.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EntryError> {
        if bytes.len() < ENTRY_HEADER_BYTES {
            return Err(EntryError::Truncated { have: bytes.len(), need: ENTRY_HEADER_BYTES });
        }
        let version = u16::from_le_bytes(array(bytes, 0));
        if version != ENTRY_FORMAT_VERSION {
            return Err(EntryError::FormatVersion(version));
        }
        let claims_len = u32::from_le_bytes(array(bytes, 68)) as usize;
        let records_offset = ENTRY_HEADER_BYTES.saturating_add(claims_len);
        if records_offset > bytes.len() {
            return Err(EntryError::Truncated { have: bytes.len(), need: records_offset });
        }
        let entry = Self { bytes, records_offset, record_count: u32::from_le_bytes(array(bytes, 64)) };
        let (Position(first), count) = (entry.first_position(), entry.record_count);
        if first.checked_add(u64::from(count)).is_none() {
            return Err(EntryError::Positions { first, count });
        }
        Ok(entry)
    }

    /// What all its records share.
    pub fn meta(&self) -> EntryMeta {
        let b = self.bytes;
        EntryMeta {
            timestamp: self.timestamp(),
            key_counter: self.key_counter(),
            first_position: self.first_position(),
            operation_reference: u64::from_le_bytes(array(b, 32)),
            batch_operation_reference: u64::from_le_bytes(array(b, 40)),
            trace_id: u128::from_le_bytes(array(b, 48)),
            broker_version: (b[2], b[3], u16::from_le_bytes(array(b, 4))),
            claims: b[ENTRY_HEADER_BYTES..self.records_offset].to_vec(),
        }
    }

    /// When processing began.
    pub fn timestamp(&self) -> TimestampMs {
        TimestampMs(i64::from_le_bytes(array(self.bytes, 8)))
    }

    /// The partition's key counter after the entry.
    pub fn key_counter(&self) -> u64 {
        u64::from_le_bytes(array(self.bytes, 16))
    }

    /// Position of its first record.
    pub fn first_position(&self) -> Position {
        Position(u64::from_le_bytes(array(self.bytes, 24)))
    }

    /// How many records it says it has.
    pub fn record_count(&self) -> u32 {
        self.record_count
    }

    /// Its records in order; the first error ends the walk.
    pub fn records(&self) -> impl Iterator<Item = Result<RecordRef<'a>, EntryError>> + use<'a> {
        Records { entry: *self, offset: self.records_offset, index: 0, failed: false }
    }
}

struct Records<'a> {
    entry: EntryRef<'a>,
    offset: usize,
    index: usize,
    failed: bool,
}

impl<'a> Records<'a> {
    // A header that was put together out of line is loaded again in other widths than it was stored in, for which the processor waits: a
    // thirtieth of what secondary storage takes.
    #[inline(always)]
    fn read(&mut self) -> Result<RecordRef<'a>, EntryError> {
        let bytes = self.entry.bytes;
        let have = bytes.len() - self.offset;
        if have < RECORD_HEADER_BYTES {
            return Err(EntryError::Truncated { have, need: RECORD_HEADER_BYTES });
        }
        let at = self.offset;
        let unknown = |what, number| EntryError::UnknownNumber { index: self.index, what, number };
        let record_type =
            RecordType::from_number(bytes[at]).ok_or_else(|| unknown("record type", bytes[at]))?;
        let value_type =
            ValueType::from_number(bytes[at + 1]).ok_or_else(|| unknown("value type", bytes[at + 1]))?;
        let intent = Intent::from_numbers(value_type, bytes[at + 2])
            .ok_or_else(|| unknown("intent", bytes[at + 2]))?;
        let value_len = u32::from_le_bytes(array(bytes, at + 16)) as usize;
        let need = RECORD_HEADER_BYTES.saturating_add(value_len);
        if have < need {
            return Err(EntryError::Truncated { have, need });
        }
        let header = RecordHeader {
            record_type,
            intent,
            key: Key(u64::from_le_bytes(array(bytes, at + 8))),
            value_version: u16::from_le_bytes(array(bytes, at + 4)),
            source: u16::from_le_bytes(array(bytes, at + 6)),
        };
        let position = self.entry.first_position().plus(self.index as u64);
        self.offset += need;
        self.index += 1;
        Ok(RecordRef { header, position, value: &bytes[at + RECORD_HEADER_BYTES..at + need] })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<RecordRef<'a>, EntryError>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        if self.index == self.entry.record_count as usize {
            let left = self.entry.bytes.len() - self.offset;
            self.failed = true;
            return (left > 0).then_some(Err(EntryError::TrailingBytes(left)));
        }
        let record = self.read();
        self.failed = record.is_err();
        Some(record)
    }
}

impl<'a> RecordRef<'a> {
    /// The value, checked against its layout.
    ///
    /// # Errors
    /// When the record is of another value type or version, or its bytes are not that layout.
    pub fn value<V>(&self) -> Result<&'a V::Archived, EntryError>
    where
        V: RecordValue,
        V::Archived: Portable + for<'b> CheckBytes<LowValidator<'b, RkyvError>>,
    {
        let error = |why: String| EntryError::Value { value_type: V::VALUE_TYPE, version: V::VERSION, why };
        if self.header.intent.value_type() != V::VALUE_TYPE || self.header.value_version != V::VERSION {
            return Err(error(format!(
                "the record holds {} v{}",
                self.header.intent.value_type(),
                self.header.value_version
            )));
        }
        // No layout has anything that is pointed to twice: nothing has to be noted of what was checked.
        low::access::<V::Archived, RkyvError>(self.value).map_err(|e| error(e.to_string()))
    }

    /// The value's bytes as they stand in the entry.
    pub fn value_bytes(&self) -> &'a [u8] {
        self.value
    }
}

#[cfg(test)]
mod tests;
