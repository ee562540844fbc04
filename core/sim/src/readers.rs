//! Readers of the log: each partition has one, the production code over virtual files, with a client that reads, stops
//! reading and acknowledges as the scheduler says.

use std::sync::Arc;

use ringbolt_journal::{
    BatchSequence, Chunk, CommitIndex, CommitMark, EntryStream, Filter, JournalReader, LogSource,
    PartitionReader, Position, Scan, SegmentSequence, SegmentSource, Spiller, TailReader,
};
use ringbolt_record::PartitionId;

use crate::disk::{Disks, SharedSource};
use crate::host::journal_partition;
use crate::reader_files::SimFiles;
use crate::recovery::JOURNAL;

/// Bytes of one spill.
pub(crate) const SPILL_BYTES: u64 = 8 << 10;
/// Bytes that a reader takes at once.
pub(crate) const READ_BYTES: usize = 3 << 10;

/// The journal as one partition's readers see it: what the last start recovered, then what was committed since.
#[derive(Clone, Debug)]
pub(crate) struct SimSource {
    disk: SharedSource,
    scan: Option<Scan>,
    mark: Arc<CommitMark>,
    partition: PartitionId,
    commit: Arc<CommitIndex>,
}

impl LogSource for SimSource {
    type Source = SharedSource;

    fn open(&self, from: Position) -> JournalReader<SharedSource> {
        let filter = Filter::partition(journal_partition(self.partition), from);
        let tail = self.scan.as_ref().map(|scan| scan.tail);
        let first = tail.map_or(SegmentSequence(1), |tail| tail.place.segment);
        let after = tail.map_or(BatchSequence(0), |tail| tail.link.sequence);
        let mut segments = self.disk.clone().segments().expect("the virtual disk can be listed");
        segments.retain(|segment| segment.sequence >= first);
        let tail = TailReader::new(self.disk.clone(), JOURNAL, segments, after, filter.clone());
        let stream = |scan: Scan| EntryStream::new([(self.disk.clone(), JOURNAL, scan)], filter);
        let (partition, commit) = (journal_partition(self.partition), self.commit.clone());
        JournalReader::new(self.scan.clone().map(stream), tail, self.mark.clone(), partition, commit)
    }
}

/// A partition's reader, the copier beside it, and what its client has seen.
pub(crate) struct SimReader {
    pub(crate) reader: PartitionReader<SimFiles, SimSource>,
    pub(crate) spiller: Spiller<SimFiles, SimSource>,
    pub(crate) chunk: Chunk,
    /// The position after what was seen in this run.
    pub(crate) seen: Position,
}

impl SimReader {
    /// Opens a partition's reader after a start that found `scan`.
    pub(crate) fn open(
        disks: &Disks,
        partition: PartitionId,
        scan: Option<&Scan>,
        mark: &Arc<CommitMark>,
        commit: Arc<CommitIndex>,
    ) -> Self {
        let (disk, scan, mark) = (disks.source(), scan.cloned(), mark.clone());
        let source = SimSource { disk, scan, mark, partition, commit };
        let (files, id) = (disks.reader(partition), journal_partition(partition));
        let reader = PartitionReader::open(id, files.clone(), source.clone());
        let spiller = Spiller::new(id, files, reader.hold(), source, SPILL_BYTES);
        let seen = reader.acknowledged();
        Self { reader, spiller, chunk: Chunk::default(), seen }
    }
}
