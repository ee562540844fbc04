//! Reading entries back: chosen partitions, from a position on, in the order of their raft indexes.
//!
//! Journals are walked in the order in which their batches were written, which epochs give over several of them. Of several
//! entries under one index the last written counts, and what was cut away does not (`gate`); so what is left of one
//! partition comes by rising index, whichever journals hold it.
//!
//! Invariants: only verified entries are given out, memory is one window per journal whatever the log's size. What is
//! beyond the given bounds, in batches or in commit indexes, is never shown.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::batch::{Entries, PartitionRange};
use crate::cursor::{Cursor, Found};
use crate::error::{Corruption, CorruptionKind, Error};
use crate::format::{BATCH_HEADER_BYTES, BatchHeader, EntryRef};
use crate::gate::{Gates, Judgement};
use crate::raft_state::RaftState;
use crate::scan::{Scan, SegmentSummary, raft_states};
use crate::source::{SegmentFile, SegmentSource};
use crate::types::{BatchSequence, Epoch, JournalId, PartitionId, Position};

/// Which entries to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those of these partitions, each from a position on.
    Partitions(Vec<(PartitionId, Position)>),
}

impl Filter {
    /// One partition's entries from a position on.
    #[must_use]
    pub fn partition(partition: PartitionId, from: Position) -> Self {
        Self::Partitions(vec![(partition, from)])
    }

    fn admits(&self, entry: &EntryRef<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Partitions(wanted) => wanted
                .iter()
                .any(|(partition, from)| *partition == entry.frame.partition && entry.frame.reaches(*from)),
        }
    }

    /// Whether a segment with these ranges holds records that are wanted.
    fn needs(&self, ranges: &[PartitionRange]) -> bool {
        match self {
            Self::All => true,
            Self::Partitions(wanted) => ranges.iter().any(|range| {
                wanted.iter().any(|(partition, from)| *partition == range.partition && range.end > *from)
            }),
        }
    }

    /// Whether a segment or journal with these ranges can hold something wanted.
    #[must_use]
    pub fn concerns(&self, ranges: &[PartitionRange]) -> bool {
        match self {
            Self::All => true,
            Self::Partitions(wanted) => ranges.iter().any(|range| {
                // `>=`, since an entry without records may stand at the range's end.
                wanted.iter().any(|(partition, from)| *partition == range.partition && range.end >= *from)
            }),
        }
    }
}

/// Where a reader is after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<T = ()> {
    /// At an entry that is given out.
    Found(T),
    /// At an entry that is not committed yet.
    Waits,
    /// At the end of what there is.
    End,
}

/// Batches of one journal up to a bound, from the first segment that concerns the filter.
#[derive(Debug)]
struct Batches<S> {
    source: S,
    cursor: Cursor,
    /// The batch whose entries are next, with the offset of the next entry among them.
    current: Option<(BatchHeader, usize)>,
    last: BatchSequence,
}

/// The segments to read: from the first that concerns the filter on. The chain must be walked without holes. Segments
/// that only touch the filter are left out if they were given up since they were scanned.
fn relevant<S: SegmentSource>(
    source: &mut S,
    segments: &[SegmentSummary],
    filter: &Filter,
) -> Vec<SegmentFile> {
    let touched = segments.iter().position(|segment| filter.concerns(&segment.ranges));
    let needed = segments.iter().position(|segment| filter.needs(&segment.ranges)).unwrap_or(segments.len());
    let there = match source.segments() {
        Ok(files) => files
            .first()
            .and_then(|oldest| segments.iter().position(|segment| segment.sequence >= oldest.sequence))
            .unwrap_or(segments.len()),
        // The whole journal was given up.
        Err(error) if error.kind() == io::ErrorKind::NotFound => segments.len(),
        Err(_) => 0,
    };
    let first = touched.unwrap_or(segments.len()).max(there.min(needed));
    segments[first..]
        .iter()
        .map(|segment| SegmentFile { sequence: segment.sequence, bytes: segment.bytes })
        .collect()
}

impl<S: SegmentSource> Batches<S> {
    /// Makes the next batch current, if the bound admits one.
    fn load(&mut self) -> Result<bool, Error> {
        if let Some((header, _)) = self.current {
            return Ok(header.sequence <= self.last);
        }
        if self.cursor.link().is_some_and(|link| link.sequence >= self.last) {
            return Ok(false);
        }
        match self.cursor.advance(&mut self.source)? {
            Found::Next(header) => {
                self.current = Some((header, 0));
                Ok(header.sequence <= self.last)
            }
            Found::Bad(bad) => {
                let place = self.cursor.place();
                Err(Error::Corrupt(Corruption {
                    file: self.source.name(place.segment),
                    segment: place.segment,
                    offset: place.offset,
                    kind: CorruptionKind::Content(bad),
                }))
            }
        }
    }

    fn epoch(&self) -> Option<Epoch> {
        self.current.map(|(header, _)| header.epoch)
    }

    /// Finds the next wanted entry of the current batch: its offset among the batch's entries.
    fn find(&mut self, filter: &Filter, gates: &mut Gates) -> Result<Step<(BatchHeader, usize)>, Error> {
        let Some((header, from)) = self.current else { return Ok(Step::End) };
        let entries = self.cursor.entries(&mut self.source, &header)?;
        let mut at = from;
        for entry in Entries::new(&entries[from..]) {
            let stride = crate::format::entry_stride(entry.bytes().len());
            if filter.admits(&entry) {
                match gates.judge(&entry.frame) {
                    Judgement::Give => {
                        gates.note_given(&entry.frame);
                        self.current = Some((header, at + stride));
                        return Ok(Step::Found((header, at)));
                    }
                    Judgement::Wait => {
                        self.current = Some((header, at));
                        return Ok(Step::Waits);
                    }
                    Judgement::Skip => {}
                }
            }
            at += stride;
        }
        self.current = None;
        Ok(Step::End)
    }

    fn entry(&mut self, header: &BatchHeader, at: usize) -> Result<EntryRef<'_>, Error> {
        let entries = self.cursor.entries(&mut self.source, header)?;
        Ok(EntryRef::decode_verified(&entries[at..]).expect("the batch was verified"))
    }
}

/// The recovered entries of one or several journals, up to where their scans ended.
#[derive(Debug)]
pub struct EntryStream<S> {
    filter: Filter,
    gates: Gates,
    journals: Vec<Batches<S>>,
    found: Option<(usize, BatchHeader, usize)>,
}

impl<S: SegmentSource> EntryStream<S> {
    /// A stream of the committed entries in journals that were scanned.
    pub fn new(journals: impl IntoIterator<Item = (S, JournalId, Scan)>, filter: Filter) -> Self {
        let journals: Vec<_> = journals.into_iter().collect();
        let gates = Gates::committed(raft_states(journals.iter().map(|(_, _, scan)| scan)));
        Self::gated(journals, filter, gates)
    }

    /// A stream of the entries of one partition that are durable here and not known to be committed.
    pub fn uncommitted(
        journals: impl IntoIterator<Item = (S, JournalId, Scan)>,
        partition: PartitionId,
    ) -> Self {
        let journals: Vec<_> = journals.into_iter().collect();
        let states = raft_states(journals.iter().map(|(_, _, scan)| scan));
        let state = states.into_iter().find(|state| state.partition == partition);
        let state = state.unwrap_or_else(|| RaftState::new(partition));
        Self::gated(journals, Filter::partition(partition, Position(0)), Gates::beyond(state))
    }

    fn gated(journals: impl IntoIterator<Item = (S, JournalId, Scan)>, filter: Filter, gates: Gates) -> Self {
        let batches = |(mut source, journal, scan): (S, JournalId, Scan)| {
            let segments = relevant(&mut source, &scan.segments, &filter);
            (!segments.is_empty() && scan.batches > 0).then(|| Batches {
                source,
                cursor: Cursor::new(journal, segments),
                current: None,
                last: scan.tail.link.sequence,
            })
        };
        let journals = journals.into_iter().filter_map(batches).collect();
        Self { filter, gates, journals, found: None }
    }

    /// The next entry; `None` at the end. An error is final.
    pub fn next_entry(&mut self) -> Result<Option<EntryRef<'_>>, Error> {
        let mut gates = std::mem::take(&mut self.gates);
        let step = self.advance(&mut gates);
        self.gates = gates;
        match step? {
            Step::Found(()) => self.entry().map(Some),
            Step::Waits | Step::End => Ok(None),
        }
    }

    /// Moves to the next entry that these gates let through.
    pub(crate) fn advance(&mut self, gates: &mut Gates) -> Result<Step, Error> {
        loop {
            let mut earliest: Option<(Epoch, usize)> = None;
            for (number, batches) in self.journals.iter_mut().enumerate() {
                batches.load()?;
                if let Some(epoch) = batches.epoch()
                    && earliest.is_none_or(|(known, _)| epoch < known)
                {
                    earliest = Some((epoch, number));
                }
            }
            let Some((_, number)) = earliest else { return Ok(Step::End) };
            match self.journals[number].find(&self.filter, gates)? {
                Step::Found((header, at)) => {
                    self.found = Some((number, header, at));
                    return Ok(Step::Found(()));
                }
                Step::Waits => return Ok(Step::Waits),
                Step::End => {}
            }
        }
    }

    /// The entry that `advance` moved to.
    pub(crate) fn entry(&mut self) -> Result<EntryRef<'_>, Error> {
        let (number, header, at) = self.found.expect("the stream was advanced");
        self.journals[number].entry(&header, at)
    }
}

/// How far a running journal is durable, shown to readers on other threads. What of it is committed each partition's
/// [`crate::CommitIndex`] says.
#[derive(Debug, Default)]
pub struct CommitMark(AtomicU64);

impl CommitMark {
    /// Publishes a durable batch. Batches are published in order.
    pub fn publish(&self, batch: BatchSequence) {
        self.0.store(batch.0, Ordering::Release);
    }

    /// The last durable batch.
    #[must_use]
    pub fn get(&self) -> BatchSequence {
        BatchSequence(self.0.load(Ordering::Acquire))
    }
}

/// Reads a journal while it is written, up to what is committed.
#[derive(Debug)]
pub struct TailReader<S> {
    filter: Filter,
    batches: Batches<S>,
    /// Batches up to this one were there before this reader's part began.
    after: BatchSequence,
    found: Option<(BatchHeader, usize)>,
    /// All that the window has was read when batches up to this one were there.
    fresh_to: BatchSequence,
}

impl<S: SegmentSource> TailReader<S> {
    /// A reader of the batches after `after`, starting in the first of `segments`.
    pub fn new(
        source: S,
        journal: JournalId,
        segments: Vec<SegmentFile>,
        after: BatchSequence,
        filter: Filter,
    ) -> Self {
        let cursor = Cursor::new(journal, segments);
        let batches = Batches { source, cursor, current: None, last: after };
        Self { filter, batches, after, found: None, fresh_to: BatchSequence(0) }
    }

    /// The next durable entry, committed or not; `None` when all that is durable was read, to be asked again later. An
    /// error is final; `Error::Gap` means that entries were reused before they were read.
    pub fn next_entry(&mut self, mark: &CommitMark) -> Result<Option<EntryRef<'_>>, Error> {
        match self.advance(mark, &mut Gates::default())? {
            Step::Found(()) => self.entry().map(Some),
            Step::Waits | Step::End => Ok(None),
        }
    }

    /// Moves to the next entry that is durable and that these gates let through.
    pub(crate) fn advance(&mut self, mark: &CommitMark, gates: &mut Gates) -> Result<Step, Error> {
        loop {
            if !self.load(mark)? {
                return Ok(Step::End);
            }
            match self.batches.find(&self.filter, gates)? {
                Step::Found(found) => {
                    self.found = Some(found);
                    return Ok(Step::Found(()));
                }
                Step::Waits => return Ok(Step::Waits),
                Step::End => {}
            }
        }
    }

    /// All there is has been read for now.
    pub(crate) fn rest(&self) {
        self.batches.source.rest();
    }

    /// The entry that `advance` moved to.
    pub(crate) fn entry(&mut self) -> Result<EntryRef<'_>, Error> {
        let (header, at) = self.found.expect("the reader was advanced");
        self.batches.entry(&header, at)
    }

    /// The batch that has the entry that `advance` moved to, and where it begins there, if this process wrote it a moment ago.
    pub(crate) fn written(&self) -> Option<(&Arc<[u8]>, usize)> {
        let (header, at) = self.found.as_ref()?;
        Some((self.batches.cursor.written(header)?, BATCH_HEADER_BYTES + at))
    }

    fn load(&mut self, mark: &CommitMark) -> Result<bool, Error> {
        loop {
            let committed = mark.get();
            self.batches.last = self.batches.last.max(committed);
            if self.batches.last <= self.after {
                // Nothing is committed behind where this reader's part begins; what stands there may be torn.
                return Ok(false);
            }
            let next = self.batches.cursor.link().map_or(self.batches.last, |link| link.sequence.next());
            if next > self.fresh_to && self.batches.current.is_none() {
                // What was read ahead may be older than what was committed since. A batch that was begun is verified
                // in memory and may be gone from the disk: it is finished first.
                self.batches.cursor.forget_window();
                self.fresh_to = self.batches.last;
            }
            match self.batches.load() {
                Ok(true) if self.batches.current.is_some_and(|(header, _)| header.sequence <= self.after) => {
                    self.batches.current = None;
                }
                Ok(loaded) => return Ok(loaded),
                Err(Error::Corrupt(_)) if self.learn_segments()? => {}
                Err(error) => return Err(self.explain(error)),
            }
        }
    }

    /// The next batch may stand in a segment that did not exist when the reader last looked.
    fn learn_segments(&mut self) -> Result<bool, Error> {
        let known = self.batches.cursor.later_segments().len();
        let files = self.batches.source.segments().map_err(|cause| Error::Io {
            action: "list the segments beside",
            file: self.batches.source.name(self.batches.cursor.place().segment),
            offset: 0,
            cause,
        })?;
        self.batches.cursor.extend(files);
        Ok(self.batches.cursor.later_segments().len() > known)
    }

    /// A committed batch that is not there was reused if its segment no longer has its name.
    fn explain(&mut self, error: Error) -> Error {
        let place = self.batches.cursor.place();
        let listed = self.batches.source.segments();
        let gone = listed.is_ok_and(|files| files.iter().all(|file| file.sequence != place.segment));
        if gone {
            Error::Gap { file: self.batches.source.name(place.segment), offset: place.offset }
        } else {
            error
        }
    }
}
