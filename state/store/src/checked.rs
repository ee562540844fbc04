//! The base as the store reads it: every row verified, and the first fault kept.
//!
//! Invariants: no byte leaves it whose checksum was not just compared; a fault is sticky and only the first one is kept,
//! since those after it may be its consequences; a fault leaves the marker for the next start.

use std::cell::OnceCell;

use crate::TableId;
use crate::base::{Base, BaseIter};
use crate::error::{Fault, FaultCause};
use crate::row;

/// A base and the first fault that was met in it.
pub(crate) struct CheckedBase {
    pub(crate) base: Base,
    fault: OnceCell<Fault>,
}

impl CheckedBase {
    pub(crate) fn new(base: Base) -> CheckedBase {
        CheckedBase { base, fault: OnceCell::new() }
    }

    /// The value of a row. One that cannot be read is a fault, and `None`.
    pub(crate) fn get(&self, table: TableId, key: &[u8]) -> Option<&[u8]> {
        if self.base.table_rows(table) == 0 {
            return None;
        }
        match self.base.get(table, key) {
            Ok(stored) => self.verify(table, key, stored?),
            Err(reason) => {
                self.set_fault(table, key, FaultCause::Read(reason));
                None
            }
        }
    }

    /// Stored rows of `table` at or above `lower`, ascending, each still to be verified. `None` if there are none, or
    /// after a fault.
    pub(crate) fn iter_from(&self, table: TableId, lower: &[u8]) -> Option<BaseIter<'_>> {
        if self.base.table_rows(table) == 0 {
            return None;
        }
        match self.base.iter_from(table, lower) {
            Ok(iter) => Some(iter),
            Err(reason) => {
                self.set_fault(table, lower, FaultCause::Read(reason));
                None
            }
        }
    }

    /// The value of a stored row whose checksum is right.
    pub(crate) fn verify<'a>(&self, table: TableId, key: &[u8], stored: &'a [u8]) -> Option<&'a [u8]> {
        match row::decode(table, key, stored) {
            Ok(value) => Some(value),
            Err(why) => {
                self.set_fault(table, key, why);
                None
            }
        }
    }

    pub(crate) fn fault(&self) -> Option<&Fault> {
        self.fault.get()
    }

    /// Something is wrong with a row.
    pub(crate) fn set_fault(&self, table: TableId, key: &[u8], why: FaultCause) {
        self.keep_fault(Fault { table: Some(table), key: key.to_vec(), why });
    }

    pub(crate) fn keep_fault(&self, fault: Fault) {
        let mut is_first = false;
        let fault = self.fault.get_or_init(|| {
            is_first = true;
            fault
        });
        if is_first {
            self.base.leave_marker(&fault.to_string());
        }
    }
}
