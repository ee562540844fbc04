//! Recovery of one journal: find the end of what was written, and tell a torn tail from corruption.
//!
//! Invariants: since one write is in flight at a time, a crash can spoil the last batch only. So a bad batch is a torn
//! tail only if no header of a later batch of this journal is intact anywhere behind it; otherwise the scan refuses.
//! The scan only reads: a torn tail is overwritten by the batch that opens the next run, before that run answers
//! anything. What it deliberately cannot know is whether a device dropped the very last batch whole.

use crate::batch::{BadBatch, Entries, PartitionRange, widen_by};
use crate::cursor::{ChainLink, Cursor, Found, any_header};
use crate::error::{Corruption, CorruptionKind, Error};
use crate::format::{BLOCK_BYTES, BatchHeader};
use crate::raft_state::RaftState;
use crate::source::{READ_BYTES, SegmentFile, SegmentSource};
use crate::types::{BatchSequence, Epoch, JournalId, PartitionId, Place, SegmentSequence};

/// A segment that holds batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentSummary {
    /// Its number.
    pub sequence: SegmentSequence,
    /// Its file's size.
    pub bytes: u64,
    /// The start that wrote its first batch.
    pub first_epoch: Epoch,
    /// Which entries it holds.
    pub ranges: Vec<PartitionRange>,
}

/// Where the next batch goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The place behind the last batch, at most the segment's size.
    pub place: Place,
    /// The size of that segment's file.
    pub segment_bytes: u64,
    /// What the next batch continues.
    pub link: ChainLink,
}

/// A batch that a crash interrupted. It was never acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The segment's file.
    pub file: String,
    /// Where the batch starts.
    pub place: Place,
    /// Its size by its header.
    pub bytes: u64,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The segments that hold batches, and the tail's segment even if it holds none.
    pub segments: Vec<SegmentSummary>,
    /// Where to go on.
    pub tail: Tail,
    /// The last intact batch: its place and length.
    pub last_batch: Option<(Place, u32)>,
    /// Prepared segments behind the tail's, empty.
    pub prepared: Vec<SegmentFile>,
    /// A batch that was cut.
    pub torn: Option<TornTail>,
    /// Intact batches.
    pub batches: u64,
    /// Bytes of intact batches.
    pub batch_bytes: u64,
    /// What this journal says last of each partition that it holds something of, with the epoch in which it says it.
    pub partitions: Vec<(Epoch, RaftState)>,
}

/// What several journals say of each partition together: of each the one that wrote it last.
#[must_use]
pub fn raft_states<'a>(scans: impl IntoIterator<Item = &'a Scan>) -> Vec<RaftState> {
    let mut newest: Vec<&(Epoch, RaftState)> = Vec::new();
    for found in scans.into_iter().flat_map(|scan| &scan.partitions) {
        match newest.iter_mut().find(|known| known.1.partition == found.1.partition) {
            Some(known) if known.0 >= found.0 => {}
            Some(known) => *known = found,
            None => newest.push(found),
        }
    }
    newest.into_iter().map(|(_, state)| state.clone()).collect()
}

/// Scans a journal. `None` if it has no segment yet.
pub fn scan<S: SegmentSource>(source: &mut S, journal: JournalId) -> Result<Option<Scan>, Error> {
    let files = list(source)?;
    if files.is_empty() {
        return Ok(None);
    }
    let mut cursor = Cursor::new(journal, files);
    let mut scan = Scan {
        segments: Vec::new(),
        tail: Tail { place: cursor.place(), segment_bytes: cursor.segment().bytes, link: ChainLink::FIRST },
        last_batch: None,
        prepared: Vec::new(),
        torn: None,
        batches: 0,
        batch_bytes: 0,
        partitions: Vec::new(),
    };
    let bad = loop {
        let (file, offset, link) = (cursor.segment(), cursor.place().offset, cursor.link());
        match cursor.advance(source)? {
            Found::Next(header) => {
                if let Some(link) = link.filter(|_| header.place.segment != file.sequence) {
                    check_abandoned(source, &mut cursor, file, offset, link.sequence)?;
                }
                note_batch(&mut scan, &mut cursor, source, &header)?;
            }
            Found::Bad(bad) => break bad,
        }
    };
    scan.torn = judge_tail(source, &mut cursor, bad)?;
    let segment = cursor.segment();
    let link = cursor.link().expect("a tail was judged, so the chain is known");
    scan.tail = Tail { place: cursor.place(), segment_bytes: segment.bytes, link };
    if scan.segments.last().is_none_or(|last| last.sequence != segment.sequence) {
        scan.segments.push(SegmentSummary {
            sequence: segment.sequence,
            bytes: segment.bytes,
            first_epoch: link.epoch,
            ranges: Vec::new(),
        });
    }
    scan.prepared = cursor.later_segments().to_vec();
    Ok(Some(scan))
}

fn list<S: SegmentSource>(source: &mut S) -> Result<Vec<SegmentFile>, Error> {
    let files = source.segments().map_err(|cause| Error::Io {
        action: "list the segments beside",
        file: source.name(SegmentSequence(1)),
        offset: 0,
        cause,
    })?;
    let found = files.first().zip(files.last()).map(|(first, last)| (first.sequence, last.sequence));
    if let Some(segment) = source.extent()?.missing(found) {
        return Err(corrupt(source, Place { segment, offset: 0 }, CorruptionKind::MissingSegment));
    }
    for pair in files.windows(2) {
        let expected = pair[0].sequence.next();
        if pair[1].sequence != expected {
            return Err(corrupt(
                source,
                Place { segment: expected, offset: 0 },
                CorruptionKind::MissingSegment,
            ));
        }
    }
    Ok(files)
}

/// The rest of a segment that the walk left at `offset` holds nothing newer: otherwise a write went astray. A torn
/// batch at `offset` itself is what a crash leaves when the next run's first batch did not fit there.
fn check_abandoned<S: SegmentSource>(
    source: &mut S,
    cursor: &mut Cursor,
    file: SegmentFile,
    offset: u64,
    last: BatchSequence,
) -> Result<(), Error> {
    let mut headers = HeadersFrom { file, offset };
    while let Some((at, header)) = headers.next(source, cursor, last)? {
        if header.place != at {
            let kind = CorruptionKind::Misdirected { sequence: header.sequence, meant: header.place };
            return Err(corrupt(source, at, kind));
        }
        if at.offset != offset || header.sequence != last.next() {
            let kind = CorruptionKind::Followed { bad: BadBatch::NoHeader, later: header.sequence, at };
            return Err(corrupt(source, Place { offset, ..at }, kind));
        }
    }
    Ok(())
}

fn note_batch<S: SegmentSource>(
    scan: &mut Scan,
    cursor: &mut Cursor,
    source: &mut S,
    header: &BatchHeader,
) -> Result<(), Error> {
    let file = cursor.segment();
    // A batch larger than a segment's rest skips ahead, so a segment in between may stay without entries.
    let first = scan.segments.last().map_or(file.sequence, |last| last.sequence.next());
    if scan.segments.last().is_none_or(|last| last.sequence < file.sequence) {
        assert_eq!(first, file.sequence, "a cursor moves by one segment at a time");
        scan.segments.push(SegmentSummary {
            sequence: file.sequence,
            bytes: file.bytes,
            first_epoch: header.epoch,
            ranges: Vec::new(),
        });
    }
    scan.batches += 1;
    scan.batch_bytes += u64::from(header.length);
    scan.last_batch = Some((header.place, header.length));
    let ranges = &mut scan.segments.last_mut().expect("just ensured").ranges;
    for entry in Entries::new(cursor.entries(source, header)?) {
        widen_by(ranges, &entry.frame);
        let (epoch, state) = state_mut(&mut scan.partitions, entry.frame.partition);
        *epoch = header.epoch;
        state.note(&entry.frame, entry.payload());
    }
    Ok(())
}

/// A linear search: a journal carries a handful of partitions.
fn state_mut(partitions: &mut Vec<(Epoch, RaftState)>, id: PartitionId) -> &mut (Epoch, RaftState) {
    let at = partitions.iter().position(|(_, state)| state.partition == id).unwrap_or_else(|| {
        partitions.push((Epoch(0), RaftState::new(id)));
        partitions.len() - 1
    });
    &mut partitions[at]
}

fn corrupt<S: SegmentSource>(source: &S, place: Place, kind: CorruptionKind) -> Error {
    Error::Corrupt(Corruption {
        file: source.name(place.segment),
        segment: place.segment,
        offset: place.offset,
        kind,
    })
}

/// Decides what the end of the walk is: clean, torn (and where), or corrupt. Moves the cursor to the place where
/// the next batch goes.
fn judge_tail<S: SegmentSource>(
    source: &mut S,
    cursor: &mut Cursor,
    bad: BadBatch,
) -> Result<Option<TornTail>, Error> {
    let here = cursor.place();
    match bad {
        BadBatch::Entry(..) | BadBatch::Chain { .. } | BadBatch::Beyond => {
            return Err(corrupt(source, here, CorruptionKind::Content(bad)));
        }
        BadBatch::NoHeader | BadBatch::Misdirected(_) | BadBatch::Body | BadBatch::Version(_) => {}
    }
    let Some(link) = cursor.link() else {
        return Err(corrupt(source, here, CorruptionKind::First(bad)));
    };
    let torn_here = (bad == BadBatch::Body).then_some(here);
    let next_start = cursor.later_segments().first().map(|file| Place { segment: file.sequence, offset: 0 });
    let mut torn = None;
    let files: Vec<SegmentFile> =
        std::iter::once(cursor.segment()).chain(cursor.later_segments().iter().copied()).collect();
    for file in files {
        let from = if file.sequence == here.segment { here.offset } else { 0 };
        let mut headers = HeadersFrom { file, offset: from };
        while let Some((at, header)) = headers.next(source, cursor, link.sequence)? {
            let is_next = header.sequence == link.sequence.next() && header.place == at;
            if is_next && (Some(at) == torn_here || (torn_here.is_none() && Some(at) == next_start)) {
                torn = Some((at, header));
                continue;
            }
            return Err(contradiction(source, cursor, bad, at, &header)?);
        }
    }
    let Some((at, header)) = torn else { return Ok(None) };
    if at.segment != here.segment {
        cursor.skip_to_next_segment();
    }
    Ok(Some(TornTail { file: source.name(at.segment), place: at, bytes: u64::from(header.length) }))
}

/// Names what an intact header at `at` proves about the end of the walk, where `bad` was found.
fn contradiction<S: SegmentSource>(
    source: &mut S,
    cursor: &mut Cursor,
    bad: BadBatch,
    at: Place,
    header: &BatchHeader,
) -> Result<Error, Error> {
    if header.place != at {
        let kind = CorruptionKind::Misdirected { sequence: header.sequence, meant: header.place };
        return Ok(corrupt(source, at, kind));
    }
    // Nothing is left in the walk's segment, and the next one was in use: it is that one's beginning that is bad.
    let here = cursor.place();
    let next = cursor.later_segments().first().copied();
    let next = next.filter(|next| {
        let start = Place { segment: next.sequence, offset: 0 };
        bad == BadBatch::NoHeader && at > start
    });
    let (place, bad) = match next {
        Some(next) => {
            (Place { segment: next.sequence, offset: 0 }, cursor.judge_start(source, next)?.unwrap_or(bad))
        }
        None => (here, bad),
    };
    Ok(corrupt(source, place, CorruptionKind::Followed { bad, later: header.sequence, at }))
}

/// Looks through the blocks of one segment for intact headers of batches above a number.
struct HeadersFrom {
    file: SegmentFile,
    offset: u64,
}

impl HeadersFrom {
    fn next<S: SegmentSource>(
        &mut self,
        source: &mut S,
        cursor: &mut Cursor,
        last: BatchSequence,
    ) -> Result<Option<(Place, BatchHeader)>, Error> {
        let journal = cursor.journal();
        while self.offset + BLOCK_BYTES as u64 <= self.file.bytes {
            let left = usize::try_from(self.file.bytes - self.offset).unwrap_or(usize::MAX);
            let chunk = cursor.read(source, self.file, self.offset, left.min(READ_BYTES))?;
            for block in chunk.chunks_exact(BLOCK_BYTES) {
                let at = Place { segment: self.file.sequence, offset: self.offset };
                self.offset += BLOCK_BYTES as u64;
                if let Some(header) = any_header(block, journal).filter(|header| header.sequence > last) {
                    return Ok(Some((at, header)));
                }
            }
        }
        Ok(None)
    }
}
