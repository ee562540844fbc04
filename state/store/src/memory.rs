//! The base as a map in memory, with LMDB's contract, for the simulator.
//!
//! A [`MemoryDisk`] outlives its store, as a file outlives a process: dropping the store is a crash, and reopening
//! shows the last committed checkpoint; a checkpoint whose job never ran is lost. Failures and rot can be ordered.
//! A commit copies the tables it touches: fit for tests, not for production.

use std::collections::{BTreeMap, VecDeque, btree_map};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::CheckpointError;
use crate::mark::Mark;
use crate::overlay::Overlay;
use crate::report::CheckpointReport;
use crate::{TABLES_MAX, TableId, row};

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone)]
struct Image {
    tables: Vec<Arc<Rows>>,
    mark: Mark,
}

struct Disk {
    committed: Arc<Image>,
    failures: VecDeque<CheckpointError>,
}

/// A virtual disk that holds one partition's base. Clones share the disk.
#[derive(Clone)]
pub struct MemoryDisk {
    disk: Arc<Mutex<Disk>>,
}

impl Default for MemoryDisk {
    fn default() -> Self {
        MemoryDisk::new()
    }
}

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> MemoryDisk {
        let tables = (0..TABLES_MAX).map(|_| Arc::new(Rows::new())).collect();
        let committed = Arc::new(Image { tables, mark: Mark::default() });
        MemoryDisk { disk: Arc::new(Mutex::new(Disk { committed, failures: VecDeque::new() })) }
    }

    /// What was committed last.
    pub(crate) fn base(&self) -> MemoryBase {
        MemoryBase { image: self.lock().committed.clone(), disk: self.clone() }
    }

    /// A copy of the disk as it is now, for trying several futures of one crash.
    pub fn fork(&self) -> MemoryDisk {
        let committed = self.lock().committed.clone();
        MemoryDisk { disk: Arc::new(Mutex::new(Disk { committed, failures: VecDeque::new() })) }
    }

    /// The next checkpoint fails like this and commits nothing; calls queue up.
    pub fn fail_next_checkpoint(&self, failure: CheckpointError) {
        self.lock().failures.push_back(failure);
    }

    /// Flips one bit of a committed row's stored bytes. Stores opened from now on read it.
    /// Returns whether the row and the byte exist.
    pub fn corrupt(&self, table: TableId, key: &[u8], byte: usize) -> bool {
        let mut disk = self.lock();
        let image = Arc::make_mut(&mut disk.committed);
        let rows = Arc::make_mut(&mut image.tables[usize::from(table.0)]);
        let Some(target) = rows.get_mut(key).and_then(|stored| stored.get_mut(byte)) else { return false };
        *target ^= 1;
        true
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct MemoryBase {
    image: Arc<Image>,
    disk: MemoryDisk,
}

impl MemoryBase {
    fn table(&self, table: TableId) -> &Rows {
        &self.image.tables[usize::from(table.0)]
    }

    pub(crate) fn get(&self, table: TableId, key: &[u8]) -> Option<&[u8]> {
        self.table(table).get(key).map(Vec::as_slice)
    }

    pub(crate) fn iter_from(&self, table: TableId, lower: &[u8]) -> MemoryIter<'_> {
        MemoryIter { inner: self.table(table).range::<[u8], _>((Bound::Included(lower), Bound::Unbounded)) }
    }

    pub(crate) fn table_rows(&self, table: TableId) -> u64 {
        self.table(table).len() as u64
    }

    pub(crate) fn mark(&self) -> &Mark {
        &self.image.mark
    }

    pub(crate) fn renew(&mut self) {
        self.image = self.disk.lock().committed.clone();
    }

    pub(crate) fn writer(&self) -> MemoryWriter {
        MemoryWriter { disk: self.disk.clone() }
    }
}

pub(crate) struct MemoryIter<'a> {
    inner: btree_map::Range<'a, Vec<u8>, Vec<u8>>,
}

impl<'a> Iterator for MemoryIter<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next().map(|(key, stored)| (key.as_slice(), stored.as_slice()))
    }
}

#[derive(Clone)]
pub(crate) struct MemoryWriter {
    disk: MemoryDisk,
}

impl MemoryWriter {
    pub(crate) fn write(&self, overlay: &Overlay, mark: &Mark) -> Result<CheckpointReport, CheckpointError> {
        let mut disk = self.disk.lock();
        if let Some(failure) = disk.failures.pop_front() {
            return Err(failure);
        }
        let image = Arc::make_mut(&mut disk.committed);
        let mut report = CheckpointReport::default();
        for number in 0..=u8::MAX {
            let table = TableId(number);
            if overlay.table_rows(table) == 0 {
                continue;
            }
            let rows = Arc::make_mut(&mut image.tables[usize::from(number)]);
            for (key, value) in overlay.iter_from(table, &[]) {
                report.count(key, value);
                match value {
                    Some(value) => {
                        let mut stored = Vec::new();
                        row::encode(table, key, value, &mut stored);
                        rows.insert(key.to_vec(), stored);
                    }
                    None => {
                        rows.remove(key);
                    }
                }
            }
        }
        image.mark = mark.clone();
        Ok(report)
    }
}
