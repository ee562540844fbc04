//! Walking the batches of one journal in order: the one reader under recovery, replay and exporters.
//!
//! Invariants: a batch is delivered only if it is intact, stands at its place and continues the one before it. What the end of the walk means (a clean end, a torn
//! tail, corruption, a gap) is deliberately left to the caller.

use std::sync::Arc;

use crate::batch::{BadBatch, entries_of, judge_body, judge_header};
use crate::error::Error;
use crate::format::{BATCH_HEADER_BYTES, BLOCK_BYTES, BatchHeader};
use crate::source::{SegmentFile, SegmentSource, Window};
use crate::types::{BatchSequence, Epoch, JournalId, Place, SegmentSequence};

/// What the last delivered batch says about the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// The last batch's number; zero before the journal's first.
    pub sequence: BatchSequence,
    /// Its checksum; zero before the journal's first.
    pub checksum: u32,
    /// The start that wrote it; zero before the journal's first.
    pub epoch: Epoch,
}

impl ChainLink {
    /// What the first batch of a new journal continues.
    pub const FIRST: Self = Self { sequence: BatchSequence(0), checksum: 0, epoch: Epoch(0) };

    fn admits(&self, header: &BatchHeader) -> bool {
        header.sequence == self.sequence.next()
            && header.previous_checksum == self.checksum
            && header.epoch >= self.epoch
    }
}

/// What stands at a place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    /// The batch that continues the chain.
    Next(BatchHeader),
    /// Nothing that does.
    Bad(BadBatch),
}

/// A position between two batches.
#[derive(Debug)]
pub(crate) struct Cursor {
    journal: JournalId,
    segments: Vec<SegmentFile>,
    /// Index into `segments`.
    at: usize,
    offset: u64,
    /// `None` before the first batch of a journal whose beginning was reused.
    link: Option<ChainLink>,
    window: Window,
}

impl Cursor {
    /// A cursor before the first batch of `segments`, which are consecutive and not empty.
    pub(crate) fn new(journal: JournalId, segments: Vec<SegmentFile>) -> Self {
        let first = segments.first().expect("a cursor has a segment").sequence;
        let link = (first == SegmentSequence(1)).then_some(ChainLink::FIRST);
        Self { journal, segments, at: 0, offset: 0, link, window: Window::new() }
    }

    pub(crate) fn link(&self) -> Option<ChainLink> {
        self.link
    }

    pub(crate) fn place(&self) -> Place {
        Place { segment: self.segment().sequence, offset: self.offset }
    }

    pub(crate) fn segment(&self) -> SegmentFile {
        self.segments[self.at]
    }

    /// The segments after the current one.
    pub(crate) fn later_segments(&self) -> &[SegmentFile] {
        &self.segments[self.at + 1..]
    }

    pub(crate) fn journal(&self) -> JournalId {
        self.journal
    }

    pub(crate) fn forget_window(&mut self) {
        self.window.forget();
    }

    /// Makes more segments known; they follow the last one.
    pub(crate) fn extend(&mut self, segments: impl IntoIterator<Item = SegmentFile>) {
        for segment in segments {
            let last = self.segments.last().expect("a cursor has a segment").sequence;
            if segment.sequence == last.next() {
                self.segments.push(segment);
            }
        }
    }

    /// The bytes at a place of a known segment.
    pub(crate) fn read<S: SegmentSource>(
        &mut self,
        source: &mut S,
        file: SegmentFile,
        offset: u64,
        length: usize,
    ) -> Result<&[u8], Error> {
        self.window.bytes(source, Place { segment: file.sequence, offset }, length, file.bytes)
    }

    fn examine<S: SegmentSource>(
        &mut self,
        source: &mut S,
        file: SegmentFile,
        offset: u64,
    ) -> Result<Found, Error> {
        if offset + BLOCK_BYTES as u64 > file.bytes {
            return Ok(Found::Bad(BadBatch::NoHeader));
        }
        let (journal, link) = (self.journal, self.link);
        let place = Place { segment: file.sequence, offset };
        let block = self.read(source, file, offset, BLOCK_BYTES)?;
        let header = match judge_header(block, journal, place, file.bytes, link.map(|link| link.sequence)) {
            Ok(header) => header,
            Err(BadBatch::Version(version)) => {
                return Err(Error::Version { file: source.name(file.sequence), offset, version });
            }
            Err(bad) => return Ok(Found::Bad(bad)),
        };
        // What did not come from a disk is what it was when it was sealed.
        if !self.window.has_written(place, header.length as usize) {
            let body = self.read(source, file, offset, header.length as usize)?;
            match judge_body(&header, body) {
                Ok(()) => {}
                Err(bad) => return Ok(Found::Bad(bad)),
            }
        }
        match link {
            Some(link) if !link.admits(&header) => {
                Ok(Found::Bad(BadBatch::Chain { previous: link.sequence, found: header.sequence }))
            }
            Some(_) | None => Ok(Found::Next(header)),
        }
    }

    /// What is wrong with the first batch of a later segment, if something is.
    pub(crate) fn judge_start<S: SegmentSource>(
        &mut self,
        source: &mut S,
        file: SegmentFile,
    ) -> Result<Option<BadBatch>, Error> {
        match self.examine(source, file, 0)? {
            Found::Next(_) => Ok(None),
            Found::Bad(bad) => Ok(Some(bad)),
        }
    }

    /// Leaves the rest of the current segment for the start of the next one.
    pub(crate) fn skip_to_next_segment(&mut self) {
        assert!(self.at + 1 < self.segments.len(), "there is a next segment");
        self.at += 1;
        self.offset = 0;
    }

    /// Moves to the next batch and returns its header; its bytes are at `batch` until the next move. At the end it
    /// says why the place it stands at holds no batch.
    pub(crate) fn advance<S: SegmentSource>(&mut self, source: &mut S) -> Result<Found, Error> {
        let here = self.segments[self.at];
        let bad = match self.examine(source, here, self.offset)? {
            Found::Next(header) => return Ok(self.step(header, self.at)),
            Found::Bad(bad) => bad,
        };
        let Some(next) = self.segments.get(self.at + 1).copied() else { return Ok(Found::Bad(bad)) };
        if self.link.is_none() {
            // The oldest segment must speak for itself.
            return Ok(Found::Bad(bad));
        }
        match self.examine(source, next, 0)? {
            Found::Next(header) => Ok(self.step(header, self.at + 1)),
            Found::Bad(_) => Ok(Found::Bad(bad)),
        }
    }

    fn step(&mut self, header: BatchHeader, at: usize) -> Found {
        self.at = at;
        self.offset = header.place.offset + u64::from(header.length);
        self.link =
            Some(ChainLink { sequence: header.sequence, checksum: header.checksum, epoch: header.epoch });
        Found::Next(header)
    }

    /// The whole batch that `advance` just delivered, if this process wrote it a moment ago.
    pub(crate) fn written(&self, header: &BatchHeader) -> Option<&Arc<[u8]>> {
        self.window.written_at(header.place)
    }

    /// The bytes of the batch that `advance` just delivered, entries only.
    pub(crate) fn entries<S: SegmentSource>(
        &mut self,
        source: &mut S,
        header: &BatchHeader,
    ) -> Result<&[u8], Error> {
        let file = self.segment();
        let batch = self.read(source, file, header.place.offset, header.length as usize)?;
        Ok(entries_of(header, batch))
    }
}

/// The header of this journal in the first bytes of `block`, wherever it was meant to stand.
pub(crate) fn any_header(block: &[u8], journal: JournalId) -> Option<BatchHeader> {
    BatchHeader::decode(&block[..BATCH_HEADER_BYTES]).filter(|header| header.journal == journal)
}
