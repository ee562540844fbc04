//! What outlives a crash: the journal's files, byte by byte, every partition's last checkpoint and its reader's files.
//!
//! A write in flight reaches the disk by sectors: all, none, or any part of them. A checkpoint is one transaction
//! of its base: it has happened or not. The store's own crash images are tested with the store.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use ringbolt_journal::memory::{MemoryDisk as JournalDisk, SECTOR_BYTES};
use ringbolt_journal::{Error, Extent, SegmentFile, SegmentSequence, SegmentSource, WriteRequest};
use ringbolt_record::PartitionId;
use ringbolt_store::MemoryDisk as StoreDisk;

use crate::random::Random;
use crate::reader_files::SimFiles;

/// Which part of a write in flight a crash leaves on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tear {
    /// Nothing.
    Nothing,
    /// All of it; it is only not reported.
    Whole,
    /// Everything before this sector.
    Before(usize),
    /// Everything from this sector on.
    From(usize),
    /// Each sector by chance, drawn from this seed; roughly seven of eight when `dense`.
    Scattered {
        /// Seed of the choice.
        seed: u64,
        /// How many reach the disk: most, or half.
        dense: bool,
    },
}

impl Tear {
    /// One of the kinds, by chance.
    pub fn any(random: &mut Random, write_bytes: usize) -> Self {
        let cut = random.index(write_bytes / SECTOR_BYTES + 1);
        match random.below(6) {
            0 => Self::Nothing,
            1 => Self::Whole,
            2 => Self::Before(cut),
            3 => Self::From(cut),
            number => Self::Scattered { seed: random.next_number(), dense: number == 4 },
        }
    }
}

/// The virtual disks of one data directory.
#[derive(Clone, Debug)]
pub struct Disks {
    /// The journal's files; readers of a recovery share them.
    journal: Rc<RefCell<JournalDisk>>,
    stores: Vec<(PartitionId, SharedStore)>,
    readers: Vec<(PartitionId, SimFiles)>,
}

#[derive(Clone)]
struct SharedStore(StoreDisk);

impl std::fmt::Debug for SharedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreDisk")
    }
}

impl Disks {
    pub(crate) fn new(partitions: u16, fill: u8) -> Self {
        let mut journal = JournalDisk::new();
        journal.fill = fill;
        let stores = (1..=partitions).map(|id| (PartitionId(id), SharedStore(StoreDisk::new()))).collect();
        let readers = (1..=partitions).map(|id| (PartitionId(id), SimFiles::default())).collect();
        Self { journal: Rc::new(RefCell::new(journal)), stores, readers }
    }

    /// A copy as it is now, for trying several futures.
    #[must_use]
    pub fn fork(&self) -> Self {
        let stores = self.stores.iter().map(|(id, disk)| (*id, SharedStore(disk.0.fork()))).collect();
        let readers = self.readers.iter().map(|(id, files)| (*id, files.fork())).collect();
        Self { journal: Rc::new(RefCell::new(self.journal.borrow().clone())), stores, readers }
    }

    /// Reads or damages the journal's files.
    pub fn with_journal<T>(&self, use_it: impl FnOnce(&mut JournalDisk) -> T) -> T {
        use_it(&mut self.journal.borrow_mut())
    }

    /// The base of a partition.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn store(&self, partition: PartitionId) -> &StoreDisk {
        let found = self.stores.iter().find(|(id, _)| *id == partition);
        &found.expect("the partition exists").1.0
    }

    /// The files of a partition's reader.
    pub(crate) fn reader(&self, partition: PartitionId) -> SimFiles {
        let found = self.readers.iter().find(|(id, _)| *id == partition);
        found.expect("the partition exists").1.clone()
    }

    /// Whether spills find room.
    pub(crate) fn set_spills_full(&self, full: bool) {
        for (_, files) in &self.readers {
            files.0.borrow_mut().is_full = full;
        }
    }

    pub(crate) fn partitions(&self) -> impl Iterator<Item = PartitionId> + '_ {
        self.stores.iter().map(|(id, _)| *id)
    }

    pub(crate) fn source(&self) -> SharedSource {
        SharedSource(self.journal.clone())
    }

    /// Lets a part of a write reach the disk.
    pub(crate) fn tear(&self, request: &WriteRequest, tear: Tear) {
        let mut journal = self.journal.borrow_mut();
        let written = match tear {
            Tear::Nothing => Ok(0),
            Tear::Whole => journal.write(request),
            Tear::Before(cut) => journal.write_sectors(request, |sector| sector < cut),
            Tear::From(cut) => journal.write_sectors(request, |sector| sector >= cut),
            Tear::Scattered { seed, dense } => {
                let mut random = Random::new(seed);
                let odds = if dense { 8 } else { 2 };
                journal.write_sectors(request, |_| !random.one_in(odds))
            }
        };
        written.expect("the journal writes inside its segments");
    }
}

/// The journal's files as a source that several readers share.
#[derive(Clone, Debug)]
pub(crate) struct SharedSource(Rc<RefCell<JournalDisk>>);

impl SegmentSource for SharedSource {
    fn segments(&mut self) -> io::Result<Vec<SegmentFile>> {
        self.0.borrow_mut().segments()
    }

    fn extent(&mut self) -> Result<Extent, Error> {
        self.0.borrow_mut().extent()
    }

    fn read_at(&mut self, segment: SegmentSequence, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.0.borrow_mut().read_at(segment, offset, into)
    }

    fn name(&self, segment: SegmentSequence) -> String {
        format!("journal-0/{}", self.0.borrow().name(segment))
    }
}
