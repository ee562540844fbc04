//! A row as the base stores it: an xxh3 checksum over table, key and value, then the value.
//!
//! LMDB has no page checksums, so this is what notices rot and misdirected pages. It is verified at every read;
//! the overlay, which is memory of this run, carries none.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::error::FaultCause;
use crate::{KEY_BYTES_MAX, TableId};

pub(crate) const CHECKSUM_BYTES: usize = 8;

/// The checksum of a row. The key's hash (seeded with the table) seeds the value's, so that a value found under
/// another key or in another table is as wrong as a changed one.
pub(crate) fn checksum(table: TableId, key: &[u8], value: &[u8]) -> u64 {
    debug_assert!(key.len() <= KEY_BYTES_MAX);
    xxh3_64_with_seed(value, xxh3_64_with_seed(key, u64::from(table.0)))
}

/// Replaces `buffer` with the stored form of a row.
pub(crate) fn encode(table: TableId, key: &[u8], value: &[u8], buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.extend_from_slice(&checksum(table, key, value).to_le_bytes());
    buffer.extend_from_slice(value);
}

/// The value of a stored row, verified.
pub(crate) fn decode<'a>(table: TableId, key: &[u8], stored: &'a [u8]) -> Result<&'a [u8], FaultCause> {
    let Some((checksum_bytes, value)) = stored.split_first_chunk::<CHECKSUM_BYTES>() else {
        return Err(FaultCause::Truncated { length: stored.len() });
    };
    let stored = u64::from_le_bytes(*checksum_bytes);
    let computed = checksum(table, key, value);
    if stored == computed { Ok(value) } else { Err(FaultCause::Checksum { stored, computed }) }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::TableId;

    #[test]
    fn a_row_is_only_readable_under_its_own_table_and_key_and_unchanged() {
        let mut row = Vec::new();
        encode(TableId(3), b"key", b"value", &mut row);
        assert_eq!(decode(TableId(3), b"key", &row), Ok(&b"value"[..]));
        assert!(decode(TableId(4), b"key", &row).is_err());
        assert!(decode(TableId(3), b"kez", &row).is_err());
        assert!(decode(TableId(3), b"key", &row[..4]).is_err());
        for bit in 0..row.len() * 8 {
            let mut damaged = row.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(TableId(3), b"key", &damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn the_stored_bytes_are_those_of_the_format_document() {
        let mut row = Vec::new();
        encode(TableId(3), b"key", b"value", &mut row);
        assert_eq!(row, b"\xe5\xc4\x46\xd4\xd5\x10\x79\x9evalue");
    }
}
