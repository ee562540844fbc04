//! A partition's history: the lives of its data directory, each one start, with the position at which it began.
//!
//! Two directories that were one are told apart by it. A sink remembers in which life it was written last and how far; that
//! is this directory's own past only if the directory had that life, and the life got that far here. A copy that was
//! taken earlier and started again has another life in that place.
//!
//! Invariant: lives stand in the order of their beginnings, oldest first. It deliberately knows no clock and no host: a
//! life's number is random.

use std::fmt;

use crate::spill::BadReaderBytes;
use crate::types::{PartitionId, Position};

/// The version of the layout that this code writes.
pub const HISTORY_FORMAT_VERSION: u16 = 1;
/// Lives that are remembered; a sink that was last written before all of them is another history's.
pub const LIVES_MAX: usize = 1000;

const MAGIC: [u8; 8] = *b"RBHISTRY";
const HEADER_BYTES: usize = 32;
const LIFE_BYTES: usize = 24;
/// Where the checksum begins: behind magic and checksum.
const CHECKSUM_FROM: usize = 12;

/// One life of a data directory, a random number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LifeId(pub u128);

impl fmt::Display for LifeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A life of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Which one.
    pub id: LifeId,
    /// The first position that it could write.
    pub begins: Position,
}

/// The lives of one partition, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    lives: Vec<Life>,
}

impl History {
    /// All lives that are remembered, oldest first.
    #[must_use]
    pub fn lives(&self) -> &[Life] {
        &self.lives
    }

    /// A new life begins at a position. The oldest is forgotten when there are too many.
    pub fn begin(&mut self, life: Life) {
        if self.lives.len() >= LIVES_MAX {
            self.lives.drain(..=self.lives.len() - LIVES_MAX);
        }
        self.lives.push(life);
    }

    /// Whether a record at `position`, written in life `id`, is part of this history.
    #[must_use]
    pub fn contains(&self, id: LifeId, position: Position) -> bool {
        let Some(at) = self.lives.iter().position(|life| life.id == id) else { return false };
        self.lives.get(at + 1).is_none_or(|next| position < next.begins)
    }

    /// The bytes that are kept.
    #[must_use]
    pub fn encode(&self, partition: PartitionId) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[12..14].copy_from_slice(&HISTORY_FORMAT_VERSION.to_le_bytes());
        bytes[16..20].copy_from_slice(&partition.0.to_le_bytes());
        bytes[20..24].copy_from_slice(&(self.lives.len() as u32).to_le_bytes());
        for life in &self.lives {
            bytes.extend_from_slice(&life.id.0.to_le_bytes());
            bytes.extend_from_slice(&life.begins.0.to_le_bytes());
        }
        let checksum = crc32c::crc32c(&bytes[CHECKSUM_FROM..]);
        bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads what [`History::encode`] wrote.
    ///
    /// # Errors
    /// When the bytes are damaged, of another version, or another partition's.
    pub fn decode(partition: PartitionId, bytes: &[u8]) -> Result<Self, BadReaderBytes> {
        let Some((header, lives)) = bytes.split_at_checked(HEADER_BYTES) else {
            return Err(BadReaderBytes::Damaged);
        };
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| header[at + i]));
        let is_whole = header[..8] == MAGIC
            && word(8) == crc32c::crc32c(&bytes[CHECKSUM_FROM..])
            && lives.len() == word(20) as usize * LIFE_BYTES;
        if !is_whole {
            return Err(BadReaderBytes::Damaged);
        }
        match u16::from_le_bytes([header[12], header[13]]) {
            HISTORY_FORMAT_VERSION => {}
            version => return Err(BadReaderBytes::Version(version)),
        }
        if PartitionId(word(16)) != partition {
            return Err(BadReaderBytes::Partition(PartitionId(word(16))));
        }
        let life = |bytes: &[u8]| Life {
            id: LifeId(u128::from_le_bytes(std::array::from_fn(|i| bytes[i]))),
            begins: Position(u64::from_le_bytes(std::array::from_fn(|i| bytes[16 + i]))),
        };
        Ok(Self { lives: lives.chunks_exact(LIFE_BYTES).map(life).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::{History, LIVES_MAX, Life, LifeId};
    use crate::spill::BadReaderBytes;
    use crate::types::{PartitionId, Position};

    fn history(lives: &[(u128, u64)]) -> History {
        let mut history = History::default();
        for (id, begins) in lives {
            history.begin(Life { id: LifeId(*id), begins: Position(*begins) });
        }
        history
    }

    #[test]
    fn a_copy_that_went_another_way_is_told_apart() {
        // One directory lived 1 and 2; its copy, taken in life 1 after position 49, went on as 3.
        let (original, copy) = (history(&[(1, 1), (2, 100)]), history(&[(1, 1), (3, 50)]));
        for (life, position, in_original, in_copy) in [
            (1, 49, true, true),
            (1, 50, true, false),
            (1, 100, false, false),
            (2, 100, true, false),
            (3, 50, false, true),
        ] {
            assert_eq!(original.contains(LifeId(life), Position(position)), in_original, "{life} {position}");
            assert_eq!(copy.contains(LifeId(life), Position(position)), in_copy, "{life} {position}");
        }
        assert!(!History::default().contains(LifeId(0), Position(1)));
    }

    #[test]
    fn lives_are_bounded_and_the_newest_stay() {
        let mut long = History::default();
        for id in 0..LIVES_MAX as u64 + 7 {
            long.begin(Life { id: LifeId(u128::from(id)), begins: Position(id) });
        }
        assert_eq!((long.lives().len(), long.lives()[0].begins), (LIVES_MAX, Position(7)));
    }

    #[test]
    fn the_bytes_are_one_partitions_and_no_bit_is_free() {
        let kept = history(&[(7, 1), (u128::MAX, 90)]);
        let bytes = kept.encode(PartitionId(2));
        assert_eq!(History::decode(PartitionId(2), &bytes), Ok(kept));
        let other = History::decode(PartitionId(1), &bytes);
        assert_eq!(other, Err(BadReaderBytes::Partition(PartitionId(2))));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(History::decode(PartitionId(2), &damaged).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(History::decode(PartitionId(2), &bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
