//! The committed layer: LMDB on disk, or a map in memory with the same contract for the simulator.
//!
//! Invariant: what a base shows changes only in `renew`, which needs `&mut`, so no reference outlives it.

use crate::TableId;
use crate::error::CheckpointError;
use crate::lmdb::{LmdbBase, LmdbIter, LmdbWriter};
use crate::mark::Mark;
use crate::memory::{MemoryBase, MemoryIter, MemoryWriter};
use crate::overlay::Overlay;
use crate::report::CheckpointReport;

pub(crate) enum Base {
    Lmdb(LmdbBase),
    Memory(MemoryBase),
}

impl Base {
    /// The stored row (checksum and value), unverified.
    pub(crate) fn get(&self, table: TableId, key: &[u8]) -> Result<Option<&[u8]>, String> {
        match self {
            Base::Lmdb(base) => base.get(table, key),
            Base::Memory(base) => Ok(base.get(table, key)),
        }
    }

    /// Stored rows of `table` at or above `lower`, ascending, unverified.
    pub(crate) fn iter_from(&self, table: TableId, lower: &[u8]) -> Result<BaseIter<'_>, String> {
        match self {
            Base::Lmdb(base) => Ok(BaseIter::Lmdb(base.iter_from(table, lower)?)),
            Base::Memory(base) => Ok(BaseIter::Memory(base.iter_from(table, lower))),
        }
    }

    pub(crate) fn table_rows(&self, table: TableId) -> u64 {
        match self {
            Base::Lmdb(base) => base.table_rows(table),
            Base::Memory(base) => base.table_rows(table),
        }
    }

    pub(crate) fn mark(&self) -> &Mark {
        match self {
            Base::Lmdb(base) => base.mark(),
            Base::Memory(base) => base.mark(),
        }
    }

    /// Shows what has been committed since the last renewal.
    pub(crate) fn renew(&mut self) -> Result<(), String> {
        match self {
            Base::Lmdb(base) => base.renew(),
            Base::Memory(base) => {
                base.renew();
                Ok(())
            }
        }
    }

    pub(crate) fn writer(&self) -> Writer {
        match self {
            Base::Lmdb(base) => Writer::Lmdb(base.writer()),
            Base::Memory(base) => Writer::Memory(base.writer()),
        }
    }

    /// Lets the next start verify this base. Nothing in memory.
    pub(crate) fn leave_marker(&self, what: &str) {
        match self {
            Base::Lmdb(base) => base.leave_marker(what),
            Base::Memory(_) => {}
        }
    }

    /// Bytes of the file in use and bytes reserved; zeros in memory.
    pub(crate) fn map_bytes(&self) -> (u64, u64) {
        match self {
            Base::Lmdb(base) => base.map_bytes(),
            Base::Memory(_) => (0, 0),
        }
    }
}

pub(crate) enum BaseIter<'a> {
    Lmdb(LmdbIter<'a>),
    Memory(MemoryIter<'a>),
}

impl<'a> Iterator for BaseIter<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), String>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            BaseIter::Lmdb(iter) => iter.next(),
            BaseIter::Memory(iter) => iter.next().map(Ok),
        }
    }
}

/// The writing side of a base: what a checkpoint job carries to a side thread.
#[derive(Clone)]
pub(crate) enum Writer {
    Lmdb(LmdbWriter),
    Memory(MemoryWriter),
}

impl Writer {
    /// Writes all rows of `overlay` and the mark in one transaction, calling `pause` every few rows.
    pub(crate) fn write(
        &self,
        overlay: &Overlay,
        mark: &Mark,
        pause: &mut dyn FnMut(),
    ) -> Result<CheckpointReport, CheckpointError> {
        match self {
            Writer::Lmdb(writer) => writer.write(overlay, mark, pause),
            Writer::Memory(writer) => writer.write(overlay, mark),
        }
    }
}
