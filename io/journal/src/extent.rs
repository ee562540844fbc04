//! Which segments a journal must have, kept in a file of its own, so that one that is missing is noticed wherever it stood:
//! at the beginning, where reuse would explain it, or at the end, where a crash would.
//!
//! Invariants: a segment is in the extent only while it has its name: it enters behind the renaming that gives it the name,
//! and leaves before the one that takes it. So after a crash there may be a segment too many, never one too few. Two copies are written in turn, so that one is whole at any instant; nothing
//! but these two blocks is ever written, so that a full disk is no obstacle.

use crate::format::{BLOCK_BYTES, FORMAT_VERSION};
use crate::segment_job::SegmentJob;
use crate::types::{JournalId, SegmentSequence};

/// The first bytes of each copy.
const MAGIC: [u8; 8] = *b"RBJSEGS\0";
/// Where a copy's checksum begins: behind magic and checksum.
const CHECKSUM_FROM: usize = 12;
/// Bytes of the file: two copies.
pub(crate) const EXTENT_BYTES: usize = 2 * BLOCK_BYTES;

/// The segments that a journal must have: from the oldest to the last, both included. None if the last is lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The oldest that was not given up.
    pub oldest: SegmentSequence,
    /// The last that was installed.
    pub last: SegmentSequence,
}

impl Default for Extent {
    fn default() -> Self {
        Self { oldest: SegmentSequence(1), last: SegmentSequence(0) }
    }
}

impl Extent {
    /// What is to be kept before a file job changes names.
    #[must_use]
    pub fn before(self, job: SegmentJob) -> Self {
        match job {
            SegmentJob::Create { .. } | SegmentJob::Install { .. } => self,
            SegmentJob::Recycle { sequence, .. } | SegmentJob::Remove { sequence } => self.without(sequence),
        }
    }

    /// What is to be kept once it has.
    #[must_use]
    pub fn after(self, job: SegmentJob) -> Self {
        match job {
            SegmentJob::Install { sequence, .. } => Self { last: sequence.max(self.last), ..self },
            SegmentJob::Create { .. } | SegmentJob::Recycle { .. } | SegmentJob::Remove { .. } => self,
        }
    }

    /// Segments go from either end: the oldest is given up, the last that was prepared is not wanted any more.
    fn without(self, sequence: SegmentSequence) -> Self {
        if sequence <= self.oldest {
            Self { oldest: self.oldest.max(sequence.next()), ..self }
        } else {
            Self { last: self.last.min(SegmentSequence(sequence.0 - 1)), ..self }
        }
    }

    /// The first of these that is not there, given what is: consecutive segments, from and to, or none at all.
    pub(crate) fn missing(
        self,
        found: Option<(SegmentSequence, SegmentSequence)>,
    ) -> Option<SegmentSequence> {
        if self.last < self.oldest {
            return None;
        }
        match found {
            Some((first, _)) if first > self.oldest => Some(self.oldest),
            Some((_, last)) if last < self.last => Some(self.oldest.max(last.next())),
            Some(_) => None,
            None => Some(self.oldest),
        }
    }
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

/// One copy's bytes. The one with the higher number counts.
pub(crate) fn encode_extent(journal: JournalId, number: u64, extent: Extent) -> Vec<u8> {
    let mut bytes = vec![0; BLOCK_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[12..14].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes[16..32].copy_from_slice(&journal.0.to_le_bytes());
    for (at, word) in [(32, number), (40, extent.oldest.0), (48, extent.last.0)] {
        bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
    }
    let checksum = crc32c::crc32c(&bytes[CHECKSUM_FROM..]);
    bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

fn decode_copy(journal: JournalId, bytes: &[u8]) -> Option<(u64, Extent)> {
    let checksum = crc32c::crc32c(&bytes[CHECKSUM_FROM..]);
    let is_copy = bytes[..8] == MAGIC
        && bytes[8..12] == checksum.to_le_bytes()
        && bytes[12..14] == FORMAT_VERSION.to_le_bytes()
        && bytes[16..32] == journal.0.to_le_bytes();
    let (oldest, last) = (SegmentSequence(word(bytes, 40)), SegmentSequence(word(bytes, 48)));
    is_copy.then(|| (word(bytes, 32), Extent { oldest, last }))
}

/// The bytes of a new journal's file.
pub(crate) fn first_extent(journal: JournalId) -> Vec<u8> {
    [0, 1].map(|number| encode_extent(journal, number, Extent::default())).concat()
}

/// Reads the file: the newest copy's number, and what it says. `None` when neither copy is whole. If only one is, the other
/// may have been newer by one file job, so that a segment at either end may be there or not.
pub(crate) fn decode_extent(journal: JournalId, bytes: &[u8]) -> Option<(u64, Extent)> {
    if bytes.len() != EXTENT_BYTES {
        return None;
    }
    let (one, other) = bytes.split_at(BLOCK_BYTES);
    match (decode_copy(journal, one), decode_copy(journal, other)) {
        (Some(one), Some(other)) => Some(if one.0 > other.0 { one } else { other }),
        (Some((number, extent)), None) | (None, Some((number, extent))) => {
            let last = SegmentSequence(extent.last.0.saturating_sub(1));
            Some((number, Extent { oldest: extent.oldest.next(), last }))
        }
        (None, None) => None,
    }
}

/// Where the copies that are not whole begin in the file. All that tells one from another stands in one sector, so no crash
/// leaves a copy half-written.
pub(crate) fn damaged_copies(journal: JournalId, bytes: &[u8]) -> Vec<u64> {
    let copies = (0_u64..).step_by(BLOCK_BYTES).zip(bytes.chunks(BLOCK_BYTES));
    let is_damaged = |copy: &[u8]| copy.len() < BLOCK_BYTES || decode_copy(journal, copy).is_none();
    copies.filter(|(_, copy)| is_damaged(copy)).map(|(offset, _)| offset).collect()
}

#[cfg(test)]
mod tests {
    use super::{Extent, damaged_copies, decode_extent, encode_extent, first_extent};
    use crate::segment_job::SegmentJob;
    use crate::types::{JournalId, SegmentSequence, SpareNumber};

    fn extent(oldest: u64, last: u64) -> Extent {
        Extent { oldest: SegmentSequence(oldest), last: SegmentSequence(last) }
    }

    fn found(first: u64, last: u64) -> Option<(SegmentSequence, SegmentSequence)> {
        Some((SegmentSequence(first), SegmentSequence(last)))
    }

    #[test]
    fn it_follows_the_file_jobs_and_is_never_ahead_of_the_names() {
        let (spare, mut now) = (SpareNumber(1), Extent::default());
        let mut run = |job: SegmentJob| {
            let before = now.before(job);
            now = before.after(job);
            (before, now)
        };
        let sequence = SegmentSequence;
        assert_eq!(run(SegmentJob::Install { spare, sequence: sequence(1) }), (extent(1, 0), extent(1, 1)));
        run(SegmentJob::Install { spare, sequence: sequence(2) });
        run(SegmentJob::Install { spare, sequence: sequence(3) });
        let given_up = SegmentJob::Recycle { sequence: sequence(1), spare };
        assert_eq!(run(given_up), (extent(2, 3), extent(2, 3)));
        assert_eq!(run(SegmentJob::Remove { sequence: sequence(3) }), (extent(2, 2), extent(2, 2)));
        // What a crash left behind is given up again.
        assert_eq!(run(SegmentJob::Remove { sequence: sequence(1) }).1, extent(2, 2));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (must, is, missing) in [
            (extent(1, 0), None, None),
            (extent(3, 5), found(3, 5), None),
            (extent(3, 5), found(2, 6), None),
            (extent(3, 5), found(4, 5), Some(3)),
            (extent(3, 5), found(3, 4), Some(5)),
            (extent(3, 5), found(1, 1), Some(3)),
            (extent(3, 5), None, Some(3)),
        ] {
            assert_eq!(must.missing(is), missing.map(SegmentSequence), "{must:?} {is:?}");
        }
    }

    #[test]
    fn the_newest_whole_copy_counts() {
        let journal = JournalId(7);
        let copies = [encode_extent(journal, 4, extent(1, 2)), encode_extent(journal, 5, extent(1, 3))];
        let both = copies.concat();
        assert_eq!(decode_extent(journal, &first_extent(journal)), Some((1, Extent::default())));
        assert_eq!(decode_extent(journal, &both), Some((5, extent(1, 3))));
        assert_eq!(decode_extent(JournalId(8), &both), None);
        assert_eq!(decode_extent(journal, &both[1..]), None);
        let mut torn = both.clone();
        torn[4096 + 512..].fill(1);
        assert_eq!(decode_extent(journal, &torn), Some((4, extent(2, 1))), "nothing is certain at the ends");
        torn[40] ^= 1;
        assert_eq!(decode_extent(journal, &torn), None);
        assert_eq!(damaged_copies(journal, &torn), [0, 4096]);
        torn[40] ^= 1;
        assert_eq!(damaged_copies(journal, &torn), [4096]);
        assert!(damaged_copies(journal, &both).is_empty());
    }
}
