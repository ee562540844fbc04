//! The virtual files that a reader of the log keeps beside it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use ringbolt_journal::{ReaderFiles, SpillSummary};

/// What one reader keeps beside the log. Every change has happened or not: the files are made aside and renamed.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReaderDisk {
    spills: BTreeMap<SpillSummary, Vec<u8>>,
    position: Option<Vec<u8>>,
    /// Nothing new fits.
    pub(crate) is_full: bool,
}

impl ReaderDisk {
    pub(crate) fn spill_bytes(&self) -> u64 {
        self.spills.values().map(|bytes| bytes.len() as u64).sum()
    }
}

/// One reader's files, shared by reader and spiller.
#[derive(Clone, Debug, Default)]
pub(crate) struct SimFiles(pub(crate) Rc<RefCell<ReaderDisk>>);

impl SimFiles {
    pub(crate) fn fork(&self) -> Self {
        Self(Rc::new(RefCell::new(self.0.borrow().clone())))
    }
}

impl ReaderFiles for SimFiles {
    fn spills(&mut self) -> io::Result<Vec<SpillSummary>> {
        Ok(self.0.borrow().spills.keys().copied().collect())
    }

    fn write_spill(&mut self, spill: &SpillSummary, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.0.borrow_mut();
        if disk.is_full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        disk.spills.insert(*spill, bytes.to_vec());
        Ok(())
    }

    fn read_spill(&mut self, spill: &SpillSummary) -> io::Result<Vec<u8>> {
        self.0.borrow().spills.get(spill).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn remove_spill(&mut self, spill: &SpillSummary) -> io::Result<()> {
        self.0.borrow_mut().spills.remove(spill);
        Ok(())
    }

    fn position(&mut self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.borrow().position.clone())
    }

    fn write_position(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().position = Some(bytes.to_vec());
        Ok(())
    }

    fn name(&self, spill: Option<&SpillSummary>) -> String {
        format!("a reader's {}", spill.map_or("position", |_| "spill"))
    }
}
