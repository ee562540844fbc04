//! The mark: what a base contains, recorded in the same transaction as the rows.
//!
//! Layout (`docs/formats/store.md`): checksum u64, position u64, key counter u64, then the journal information
//! to the end, little endian. The journal information is opaque here: the journal's owner wrote it and reads it.

use xxhash_rust::xxh3::xxh3_64;

const CHECKSUM_BYTES: usize = 8;
const FIXED_BYTES: usize = CHECKSUM_BYTES + 16;

/// The most bytes of journal information a mark carries.
pub const JOURNAL_INFO_BYTES_MAX: usize = 4096;

/// Which part of the log a base contains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// The position of the last record whose effects are in the base; 0 in an empty base.
    pub position: u64,
    /// The last key generated at that position, complete (partition in the top bits); 0 in an empty base.
    pub key_counter: u64,
    /// Opaque bytes of the journal's owner, at most [`JOURNAL_INFO_BYTES_MAX`].
    pub journal_info: Vec<u8>,
}

impl Mark {
    pub(crate) fn encode(&self) -> Vec<u8> {
        assert!(self.journal_info.len() <= JOURNAL_INFO_BYTES_MAX, "the journal information is too long");
        let mut bytes = vec![0; CHECKSUM_BYTES];
        bytes.extend_from_slice(&self.position.to_le_bytes());
        bytes.extend_from_slice(&self.key_counter.to_le_bytes());
        bytes.extend_from_slice(&self.journal_info);
        let checksum = xxh3_64(&bytes[CHECKSUM_BYTES..]);
        bytes[..CHECKSUM_BYTES].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Mark, String> {
        let Some((fixed, journal_info)) = bytes.split_at_checked(FIXED_BYTES) else {
            return Err(format!("it has {} bytes, at least {FIXED_BYTES} are needed", bytes.len()));
        };
        let field = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| fixed[at + i]));
        let (stored, computed) = (field(0), xxh3_64(&bytes[CHECKSUM_BYTES..]));
        if stored != computed {
            return Err(format!("checksum mismatch: stored {stored:016x}, computed {computed:016x}"));
        }
        Ok(Mark { position: field(8), key_counter: field(16), journal_info: journal_info.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::Mark;

    #[test]
    fn a_mark_survives_encoding_and_every_flipped_bit_is_seen() {
        let mark = Mark { position: 7, key_counter: 1 << 51 | 9, journal_info: b"segment 3".to_vec() };
        let bytes = mark.encode();
        assert_eq!(Mark::decode(&bytes), Ok(mark));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Mark::decode(&damaged).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(Mark::decode(&bytes[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn the_stored_bytes_are_those_of_the_format_document() {
        let mark = Mark { position: 7, key_counter: 1 << 51 | 9, journal_info: b"info".to_vec() };
        let checksum = b"\xba\x86\xd4\x05\x90\x69\xf3\x35";
        assert_eq!(
            mark.encode(),
            [&checksum[..], &[7, 0, 0, 0, 0, 0, 0, 0], &[9, 0, 0, 0, 0, 0, 8, 0], b"info"].concat()
        );
    }
}
