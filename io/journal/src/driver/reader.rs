//! Readers of committed entries beside a running journal, for exporters and followers on side threads.
//!
//! Invariants: a reader never sees what is not committed, even if it is durable; what was reused before it was read is reported as a gap,
//! never skipped. Readers deliberately have no say in reuse: whoever owns one keeps the floor below it.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::files::{Access, DirectorySource};
use super::past::ReadBudget;
use super::recovery::Recovery;
use crate::books::CommitIndex;
use crate::error::Error;
use crate::format::EntryRef;
use crate::gate::Gates;
use crate::partition_reader::LogSource;
use crate::read::{CommitMark, EntryStream, Filter, Step, TailReader};
use crate::scan::SegmentSummary;
use crate::source::{SegmentFile, SegmentSource};
use crate::tail_ring::TailRing;
use crate::types::{BatchSequence, JournalId, PartitionId, Position, SegmentSequence};

/// Which segments a running journal has, for readers to start in the right one. Side threads alone lock it.
#[derive(Debug)]
pub(super) struct SegmentIndex {
    closed: VecDeque<SegmentSummary>,
    active: SegmentFile,
}

impl SegmentIndex {
    pub(super) fn new(active: SegmentFile) -> Self {
        Self { closed: VecDeque::new(), active }
    }

    /// A segment was closed and the next one holds a committed batch.
    pub(super) fn close(&mut self, closed: SegmentSummary, active: SegmentFile) {
        self.closed.push_back(closed);
        self.active = active;
    }

    /// The partition's first position in each of them; of that which is written, behind the others.
    fn starts_of(&self, partition: PartitionId) -> Vec<Position> {
        let ranges = self.closed.iter().flat_map(|segment| &segment.ranges);
        let ranges: Vec<_> = ranges.filter(|range| range.partition == partition).collect();
        let end = ranges.iter().map(|range| range.end).max();
        ranges.iter().map(|range| range.first).chain(end).collect()
    }

    /// A segment was given up.
    pub(super) fn give_up(&mut self, sequence: SegmentSequence) {
        self.closed.retain(|segment| segment.sequence > sequence);
    }

    /// The segments from the first that concerns the filter on.
    fn from(&self, filter: &Filter) -> Vec<SegmentFile> {
        let skipped = self.closed.iter().take_while(|segment| !filter.concerns(&segment.ranges)).count();
        let closed = self.closed.iter().skip(skipped);
        let closed = closed.map(|segment| SegmentFile { sequence: segment.sequence, bytes: segment.bytes });
        closed.chain(std::iter::once(self.active)).collect()
    }
}

/// Where readers of one journal come from. `Send`, cheap to clone.
#[derive(Clone, Debug)]
pub struct ReaderSource {
    pub(super) directory: PathBuf,
    pub(super) access: Access,
    pub(super) journal: JournalId,
    /// The last batch that recovery found: what came before is read through the recovery.
    pub(super) recovered: BatchSequence,
    pub(super) mark: Arc<CommitMark>,
    pub(super) index: Arc<Mutex<SegmentIndex>>,
    pub(super) ring: Arc<TailRing>,
}

impl ReaderSource {
    /// A reader of a partition's committed entries from a position on: first what `recovery` found, in whichever journal,
    /// then what this journal commits. Opens nothing before it is asked for an entry.
    #[must_use]
    pub fn reader(
        &self,
        recovery: &Recovery,
        (partition, from): (PartitionId, Position),
        commit: Arc<CommitIndex>,
    ) -> JournalReader {
        self.reader_within(recovery, (partition, from), commit, None)
    }

    pub(super) fn reader_within(
        &self,
        recovery: &Recovery,
        (partition, from): (PartitionId, Position),
        commit: Arc<CommitIndex>,
        budget: Option<Arc<ReadBudget>>,
    ) -> JournalReader {
        let filter = Filter::partition(partition, from);
        let recovered = recovery.entries_within(filter.clone(), budget.clone());
        let index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let segments = index.from(&filter);
        drop(index);
        let source = DirectorySource::new(self.directory.clone(), self.access);
        let source = match budget {
            Some(budget) => source.within(Some(budget)),
            None => {
                self.ring.begin();
                source.behind(self.ring.clone())
            }
        };
        let tail = TailReader::new(source, self.journal, segments, self.recovered, filter);
        JournalReader::new(Some(recovered), tail, self.mark.clone(), partition, commit)
    }
}

impl ReaderSource {
    /// The partition's first position in each segment of this run.
    pub(super) fn segments_of(&self, partition: PartitionId) -> Vec<Position> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner).starts_of(partition)
    }
}

/// Reads a partition's committed entries in order. Blocks on the disk, so it belongs on a side thread.
#[derive(Debug)]
pub struct JournalReader<S = DirectorySource> {
    recovered: Option<EntryStream<S>>,
    tail: TailReader<S>,
    mark: Arc<CommitMark>,
    gates: Gates,
}

impl<S: SegmentSource> JournalReader<S> {
    /// First what was recovered, then what `tail` finds up to the mark; of both what is committed of the partition.
    #[must_use]
    pub fn new(
        recovered: Option<EntryStream<S>>,
        tail: TailReader<S>,
        mark: Arc<CommitMark>,
        partition: PartitionId,
        commit: Arc<CommitIndex>,
    ) -> Self {
        Self { recovered, tail, mark, gates: Gates::live(partition, commit) }
    }

    /// The next entry; `None` when all that is committed was read, to be asked again later. An error is final.
    pub fn next_entry(&mut self) -> Result<Option<EntryRef<'_>>, Error> {
        if self.advance()? { self.entry().map(Some) } else { Ok(None) }
    }

    /// Moves to the next entry. False when all that is committed was read.
    pub(crate) fn advance(&mut self) -> Result<bool, Error> {
        if let Some(recovered) = &mut self.recovered {
            match recovered.advance(&mut self.gates)? {
                Step::Found(()) => return Ok(true),
                Step::Waits => return Ok(false),
                Step::End => self.recovered = None,
            }
        }
        match self.tail.advance(&self.mark, &mut self.gates)? {
            Step::Found(()) => Ok(true),
            Step::Waits | Step::End => {
                self.tail.rest();
                Ok(false)
            }
        }
    }

    /// The entry that `advance` moved to.
    pub(crate) fn entry(&mut self) -> Result<EntryRef<'_>, Error> {
        match &mut self.recovered {
            Some(recovered) => recovered.entry(),
            None => self.tail.entry(),
        }
    }

    /// The batch that has it, and where it begins there, if this process wrote it a moment ago.
    pub(crate) fn written(&self) -> Option<(&Arc<[u8]>, usize)> {
        if self.recovered.is_some() { None } else { self.tail.written() }
    }
}

/// Where one partition's committed entries come from, on files: what the recovery found, then what the journal commits.
#[derive(Clone, Debug)]
pub struct PartitionSource {
    /// The journal that the partition is written to.
    pub journal: ReaderSource,
    /// What was there at the start.
    pub recovery: Arc<Recovery>,
    /// The partition.
    pub partition: PartitionId,
    /// How far it is committed.
    pub commit: Arc<CommitIndex>,
    /// See [`LogSource::lost`].
    pub lost: Range<Position>,
}

impl LogSource for PartitionSource {
    type Source = DirectorySource;

    fn open(&self, from: Position) -> JournalReader {
        self.journal.reader(&self.recovery, (self.partition, from), self.commit.clone())
    }

    fn lost(&self) -> Range<Position> {
        self.lost.clone()
    }
}
