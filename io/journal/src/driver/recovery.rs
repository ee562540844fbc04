//! Recovery of a data directory: all its journals, whichever cores wrote them.
//!
//! Invariants: nothing is appended before every journal was scanned; a partition is found by its id wherever it was
//! written. Everything here blocks and runs at start, before the cores, or on side threads. The directory's lock
//! and its own format version deliberately belong to the server.

use std::io::ErrorKind;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::ScopedJoinHandle;

use ringbolt_ring::fs::{probe_direct, probe_direct_reading};

use super::files::{
    Access, DirectorySource, clean_data_directory, failed, journal_directory, journal_numbers, read_identity,
    retired_directory, sync_directory, wait_for_writers,
};
use super::past::ReadBudget;
use crate::batch::{PartitionRange, widen};
use crate::error::Error;
use crate::raft_state::RaftState;
use crate::read::{EntryStream, Filter};
use crate::scan::{Scan, TornTail, raft_states, scan};
use crate::source::SegmentSource;
use crate::types::{Epoch, JournalId, JournalNumber, PartitionId, Position};

/// How to choose between direct and buffered files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessChoice {
    /// Direct where the file system takes it.
    #[default]
    Probe,
    /// Buffered always: slower, for file systems with broken direct I/O.
    Buffered,
}

/// One journal as it was found.
#[derive(Clone, Debug)]
pub(super) struct FoundJournal {
    pub(super) number: JournalNumber,
    pub(super) journal: JournalId,
    pub(super) scan: Option<Scan>,
}

/// All journals of a data directory, as they were at the start. Shared by the cores.
#[derive(Clone, Debug)]
pub struct Recovery {
    data: PathBuf,
    access: Access,
    journals: Vec<FoundJournal>,
    epoch: Epoch,
}

impl Recovery {
    /// Recovers the journals in the directory `data`, which exists and is locked by the caller. Waits for writes of a
    /// process that was killed just before.
    pub fn start(data: &Path, choice: AccessChoice) -> Result<Self, Error> {
        let access = match choice {
            AccessChoice::Buffered => Access::Buffered,
            AccessChoice::Probe => probe(data)?,
        };
        clean_data_directory(data).map_err(|cause| failed("clean", data, cause))?;
        Self::read(data, access, true)
    }

    /// Reads the journals in `data` and changes nothing, for tools. Beside a running server the last batch may look
    /// torn.
    pub fn inspect(data: &Path) -> Result<Self, Error> {
        Self::read(data, Access::Buffered, false)
    }

    fn read(data: &Path, access: Access, exclusive: bool) -> Result<Self, Error> {
        let numbers = journal_numbers(data).map_err(|cause| failed("list", data, cause))?;
        let read_one = |number: JournalNumber| -> Result<FoundJournal, Error> {
            let directory = journal_directory(data, number);
            let journal = read_identity(&directory)?;
            let mut source = DirectorySource::new(directory, access);
            if exclusive {
                wait_for_writers(&mut source)?;
            }
            Ok(FoundJournal { number, journal, scan: scan(&mut source, journal)? })
        };
        // One thread per journal: there are about as many as cores, and each is bound by the disk.
        let journals: Result<Vec<FoundJournal>, Error> = std::thread::scope(|scope| {
            let threads: Vec<_> = numbers.iter().map(|number| scope.spawn(|| read_one(*number))).collect();
            let join = |thread: ScopedJoinHandle<'_, _>| match thread.join() {
                Ok(found) => found,
                Err(panic) => resume_unwind(panic),
            };
            threads.into_iter().map(join).collect()
        });
        let journals = journals?;
        let scans = journals.iter().filter_map(|journal| journal.scan.as_ref());
        let epoch = scans.map(|scan| scan.tail.link.epoch).max().unwrap_or_default().next();
        Ok(Self { data: data.to_owned(), access, journals, epoch })
    }

    /// How files are written. `Buffered` after a probe deserves one warning: every flush costs more.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// The number of this start, above every earlier one.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The journals' numbers, rising.
    pub fn journals(&self) -> impl Iterator<Item = JournalNumber> {
        self.journals.iter().map(|journal| journal.number)
    }

    /// The batches that a crash interrupted; each deserves a line in the log.
    pub fn torn(&self) -> impl Iterator<Item = (JournalNumber, &TornTail)> {
        self.journals
            .iter()
            .filter_map(|journal| Some((journal.number, journal.scan.as_ref()?.torn.as_ref()?)))
    }

    /// Which positions are there of each partition, over all journals.
    #[must_use]
    pub fn partitions(&self) -> Vec<PartitionRange> {
        let mut ranges = Vec::new();
        for scan in self.journals.iter().filter_map(|journal| journal.scan.as_ref()) {
            for range in scan.segments.iter().flat_map(|segment| &segment.ranges) {
                widen(&mut ranges, *range);
            }
        }
        ranges.sort_unstable_by_key(|range| range.partition);
        ranges
    }

    /// Bytes of batches found.
    #[must_use]
    pub fn batch_bytes(&self) -> u64 {
        self.journals.iter().filter_map(|journal| journal.scan.as_ref()).map(|scan| scan.batch_bytes).sum()
    }

    /// The recovered entries of chosen partitions that are committed, in order, whichever journals hold them.
    #[must_use]
    pub fn entries(&self, filter: Filter) -> EntryStream<DirectorySource> {
        self.entries_within(filter, None)
    }

    pub(super) fn entries_within(
        &self,
        filter: Filter,
        budget: Option<Arc<ReadBudget>>,
    ) -> EntryStream<DirectorySource> {
        let scanned = self.scanned();
        EntryStream::new(scanned.map(|(source, id, scan)| (source.within(budget.clone()), id, scan)), filter)
    }

    /// The partition's first position in each segment that was there, in no order.
    pub(super) fn segments_of(&self, partition: PartitionId) -> impl Iterator<Item = Position> {
        let scans = self.journals.iter().filter_map(|journal| journal.scan.as_ref());
        let ranges = scans.flat_map(|scan| &scan.segments).flat_map(|segment| &segment.ranges);
        ranges.filter(move |range| range.partition == partition).map(|range| range.first)
    }

    /// The recovered entries of a partition that are not known to be committed, for its group to decide on. Without a group
    /// there are none.
    #[must_use]
    pub fn uncommitted(&self, partition: PartitionId) -> EntryStream<DirectorySource> {
        EntryStream::uncommitted(self.scanned(), partition)
    }

    fn scanned(&self) -> impl Iterator<Item = (DirectorySource, JournalId, Scan)> + '_ {
        self.journals.iter().filter_map(|found| {
            let directory = journal_directory(&self.data, found.number);
            Some((DirectorySource::new(directory, self.access), found.journal, found.scan.clone()?))
        })
    }

    /// What the journals together say of a partition's raft log: term, vote, members, where its terms begin, where it ends.
    #[must_use]
    pub fn raft_state(&self, partition: PartitionId) -> RaftState {
        let states = raft_states(self.journals.iter().filter_map(|journal| journal.scan.as_ref()));
        let state = states.into_iter().find(|state| state.partition == partition);
        state.unwrap_or_else(|| RaftState::new(partition))
    }

    /// The journals that this start does not write to.
    #[must_use]
    pub fn retire(&self, written: &[JournalNumber]) -> Retired {
        let old = self.journals.iter().filter(|journal| !written.contains(&journal.number));
        let ranges = |journal: &FoundJournal| {
            let mut ranges = Vec::new();
            let segments = journal.scan.iter().flat_map(|scan| &scan.segments);
            for range in segments.flat_map(|segment| &segment.ranges) {
                widen(&mut ranges, *range);
            }
            let bytes =
                journal.scan.iter().flat_map(|scan| &scan.segments).map(|segment| segment.bytes).sum();
            OldJournal { number: journal.number, ranges, bytes }
        };
        Retired { data: self.data.clone(), journals: old.map(ranges).collect() }
    }

    pub(super) fn found(&self, number: JournalNumber) -> Option<&FoundJournal> {
        self.journals.iter().find(|journal| journal.number == number)
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}

/// Tries whether the file system takes direct I/O. A full disk has no room for the try, but perhaps a segment.
fn probe(data: &Path) -> Result<Access, Error> {
    let is_direct = match probe_direct(data) {
        Err(full) if full.kind() == ErrorKind::StorageFull => {
            let segment = some_segment(data).ok_or_else(|| failed("write to", data, full))?;
            probe_direct_reading(&segment).map_err(|cause| failed("read", &segment, cause))?
        }
        Err(cause) => return Err(failed("write to", data, cause)),
        Ok(is_direct) => is_direct,
    };
    Ok(if is_direct { Access::Direct } else { Access::Buffered })
}

fn some_segment(data: &Path) -> Option<PathBuf> {
    let numbers = journal_numbers(data).ok()?;
    numbers.into_iter().find_map(|number| {
        let mut source = DirectorySource::new(journal_directory(data, number), Access::Buffered);
        let segment = source.segments().ok()?.into_iter().find(|segment| segment.bytes > 0)?;
        Some(PathBuf::from(source.name(segment.sequence)))
    })
}

/// Journals that are only read, until nobody needs them.
#[derive(Debug)]
pub struct Retired {
    data: PathBuf,
    journals: Vec<OldJournal>,
}

/// One of them.
#[derive(Debug)]
struct OldJournal {
    number: JournalNumber,
    /// What is still needed of it.
    ranges: Vec<PartitionRange>,
    /// Bytes of its segments.
    bytes: u64,
}

impl Retired {
    /// Entries of the partition below `position` are no longer needed. A journal without needed entries is handed out once, to
    /// be removed on a side thread.
    pub fn set_floor(&mut self, partition: PartitionId, position: Position) -> Vec<Removal> {
        for journal in &mut self.journals {
            journal.ranges.retain(|range| range.partition != partition || range.end > position);
        }
        let drained = self.journals.extract_if(.., |journal| journal.ranges.is_empty());
        drained.map(|journal| Removal { data: self.data.clone(), number: journal.number }).collect()
    }

    /// Bytes of the journals that are kept for whoever needs the partition's records from `from` on.
    #[must_use]
    pub fn held_bytes(&self, partition: PartitionId, from: Position) -> u64 {
        let holds = |journal: &&OldJournal| {
            journal.ranges.iter().any(|range| range.partition == partition && range.end > from)
        };
        self.journals.iter().filter(holds).map(|journal| journal.bytes).sum()
    }

    /// The journals that are still needed.
    pub fn journals(&self) -> impl Iterator<Item = JournalNumber> {
        self.journals.iter().map(|journal| journal.number)
    }
}

/// A journal that nobody needs any more.
#[derive(Debug)]
#[must_use = "the journal is removed by `run`"]
pub struct Removal {
    data: PathBuf,
    number: JournalNumber,
}

impl Removal {
    /// The journal.
    #[must_use]
    pub fn journal(&self) -> JournalNumber {
        self.number
    }

    /// Removes it. Blocks. What a crash interrupts, the next start completes.
    pub fn run(self) -> Result<(), Error> {
        let (from, to) =
            (journal_directory(&self.data, self.number), retired_directory(&self.data, self.number));
        let remove = || {
            std::fs::rename(&from, &to)?;
            sync_directory(&self.data)?;
            std::fs::remove_dir_all(&to)
        };
        remove().map_err(|cause| failed("remove", &from, cause))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::{AccessChoice, Recovery};
    use crate::driver::files::{
        Access, Directory, create_journal, journal_directory, open_for_writing, run_job,
    };
    use crate::error::Error;
    use crate::segment_job::SegmentJob;
    use crate::types::{JournalNumber, SegmentSequence, SpareNumber};

    #[test]
    fn recovery_waits_for_the_writes_of_another_process() {
        let data = tempfile::tempdir().expect("a directory");
        let journal = create_journal(data.path(), JournalNumber(0)).expect("created");
        let directory = journal_directory(data.path(), JournalNumber(0));
        let (spare, sequence) = (SpareNumber(1), SegmentSequence(1));
        let opened = Directory::open(directory.clone(), journal).expect("opened");
        for job in [SegmentJob::Create { spare, bytes: 8192 }, SegmentJob::Install { spare, sequence }] {
            run_job(&opened, Access::Buffered, job).expect("done");
        }
        let writer = open_for_writing(&directory, sequence, Access::Buffered).expect("opened");
        let busy = Recovery::start(data.path(), AccessChoice::Buffered).expect_err("the segment is written");
        assert!(matches!(busy, Error::Busy { .. }), "{busy}");
        assert!(Recovery::inspect(data.path()).is_ok(), "tools do not wait");
        drop(writer);
        Recovery::start(data.path(), AccessChoice::Buffered).expect("nobody writes");
    }

    #[test]
    fn a_start_removes_what_an_interrupted_one_left() {
        let data = tempfile::tempdir().expect("a directory");
        for name in ["journal-3.tmp", "retired-journal-7", "keep"] {
            std::fs::create_dir(data.path().join(name)).expect("created");
            File::create(data.path().join(name).join("file")).expect("created");
        }
        let recovery = Recovery::start(data.path(), AccessChoice::Probe).expect("recovers");
        assert_eq!(recovery.journals().count(), 0);
        let names =
            std::fs::read_dir(data.path()).expect("listed").map(|entry| entry.expect("entry").file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["keep"]);
    }
}
