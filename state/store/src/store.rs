//! The store: active overlay over frozen overlay over base.
//!
//! Invariants: at most one overlay is frozen, and it is dropped only after the base shows its rows; a row is removed
//! without a tombstone only if nothing below can hold it; a fault is sticky and only the first one is kept.

use std::mem;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::base::Base;
use crate::checked::CheckedBase;
use crate::checkpoint::{CheckpointJob, CheckpointOutcome, Frozen, RetiredOverlay};
use crate::error::{CheckpointError, Fault, FaultCause};
use crate::mark::Mark;
use crate::overlay::{Lookup, Overlay};
use crate::range::Range;
use crate::report::CheckpointReport;
use crate::{KEY_BYTES_MAX, TABLES_MAX, TableId, VALUE_BYTES_MAX};

/// A generated key carries its partition above this bit.
const KEY_PARTITION_SHIFT: u32 = 51;

/// Bounds of up to this many bytes are built without an allocation.
const INLINE_BOUND_BYTES: usize = 64;

/// Whose row is read or deleted: decides whether the layers below need to be looked at, and whether a tombstone can be
/// saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOwner {
    /// The row's own key begins with, or stands for, this generated key (complete, partition in the top bits): no
    /// row of that key can have been written before the key was generated.
    Generated(u64),
    /// Any other row.
    Shared,
}

/// Counts for metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Rows in the active overlay, tombstones included.
    pub active_rows: usize,
    /// Memory of the active overlay, overhead included.
    pub active_bytes: usize,
    /// Rows in the frozen overlay, tombstones included.
    pub frozen_rows: usize,
    /// Memory of the frozen overlay, overhead included.
    pub frozen_bytes: usize,
    /// Rows in the base.
    pub base_rows: u64,
    /// Bytes of the base's file that are in use or reusable.
    pub base_bytes: u64,
    /// Bytes of address space reserved for the base.
    pub map_size_bytes: u64,
    /// Checkpoints committed by this store since it was opened.
    pub checkpoints: u64,
    /// What the last committed checkpoint wrote.
    pub last_checkpoint: CheckpointReport,
}

/// How [`Store::finish_checkpoint`] left the store.
#[must_use]
pub enum Finished {
    /// The base contains the checkpoint. Drop the overlay on the side thread.
    Committed(RetiredOverlay),
    /// There was no space: the overlay stays frozen and readable, see [`Store::retry_checkpoint`].
    NoSpace(CheckpointError),
    /// The store has a [`Fault`]: stop the partition.
    Failed,
}

struct FrozenSlot {
    frozen: Arc<Frozen>,
    job_is_out: bool,
}

/// One partition's state. It lives on one core.
pub struct Store {
    active: Overlay,
    frozen: Option<FrozenSlot>,
    below: CheckedBase,
    checkpoints: u64,
    last_checkpoint: CheckpointReport,
}

fn assert_key(key: &[u8]) {
    assert!(!key.is_empty() && key.len() <= KEY_BYTES_MAX, "a key has 1 to {KEY_BYTES_MAX} bytes");
}

impl Store {
    pub(crate) fn new(base: Base) -> Store {
        Store {
            active: Overlay::new(),
            frozen: None,
            below: CheckedBase::new(base),
            checkpoints: 0,
            last_checkpoint: CheckpointReport::default(),
        }
    }

    /// The value of a row. The bytes lie in an overlay or in the map; nothing is copied. A row that cannot be read
    /// is `None` and sets the [`Store::fault`].
    ///
    /// # Panics
    /// If the key is empty or longer than [`KEY_BYTES_MAX`].
    pub fn get(&self, table: TableId, key: &[u8]) -> Option<&[u8]> {
        self.get_owned(table, key, RowOwner::Shared)
    }

    /// [`Store::get`] of a row whose owner is known: that a young owner's row is not there costs no look at the base.
    ///
    /// # Panics
    /// As [`Store::get`].
    pub fn get_owned(&self, table: TableId, key: &[u8], owner: RowOwner) -> Option<&[u8]> {
        assert_key(key);
        match self.active.get(table, key) {
            Lookup::Value(value) => return Some(value),
            Lookup::Tombstone => return None,
            Lookup::Missing => {}
        }
        if self.lies_only_in_active(table, owner) {
            debug_assert!(!self.is_below(table, key), "a row below has a key generated later");
            return None;
        }
        if let Some(slot) = &self.frozen {
            match slot.frozen.overlay.get(table, key) {
                Lookup::Value(value) => return Some(value),
                Lookup::Tombstone => return None,
                Lookup::Missing => {}
            }
        }
        self.below.get(table, key)
    }

    /// The rows of `table` whose key starts with `prefix` and is not less than `prefix` followed by `from`,
    /// ascending by key. An empty `from` starts at the prefix; to go on after a row, pass the rest of its key after
    /// the prefix plus one zero byte. The range ends early when a row cannot be read (see [`Store::fault`]).
    pub fn range(&self, table: TableId, prefix: &[u8], from: &[u8]) -> Range<'_> {
        self.range_owned(table, prefix, from, RowOwner::Shared)
    }

    /// [`Store::range`] over rows that all have the same owner: a young owner's rows are read without a look at the
    /// base.
    pub fn range_owned(&self, table: TableId, prefix: &[u8], from: &[u8], owner: RowOwner) -> Range<'_> {
        let mut lower = SmallVec::<[u8; INLINE_BOUND_BYTES]>::from_slice(prefix);
        lower.extend_from_slice(from);
        let active = (self.active.table_rows(table) > 0).then(|| self.active.iter_from(table, &lower));
        if self.lies_only_in_active(table, owner) {
            return Range::new(&self.below, table, prefix, active, None, None);
        }
        let frozen = match &self.frozen {
            Some(slot) if slot.frozen.overlay.table_rows(table) > 0 => {
                Some(slot.frozen.overlay.iter_from(table, &lower))
            }
            Some(_) | None => None,
        };
        let base = self.below.iter_from(table, &lower);
        Range::new(&self.below, table, prefix, active, frozen, base)
    }

    /// Writes a row.
    ///
    /// # Panics
    /// If the key is empty or longer than [`KEY_BYTES_MAX`], or the value longer than [`VALUE_BYTES_MAX`].
    pub fn put(&mut self, table: TableId, key: &[u8], value: &[u8]) {
        self.put_parts(table, key, [value, &[]]);
    }

    /// [`Store::put`] of a value in two parts, so that a large one need not be put together first.
    ///
    /// # Panics
    /// As [`Store::put`].
    pub fn put_parts(&mut self, table: TableId, key: &[u8], value: [&[u8]; 2]) {
        assert_key(key);
        let value_bytes = value[0].len() + value[1].len();
        assert!(value_bytes <= VALUE_BYTES_MAX, "a value has at most {VALUE_BYTES_MAX} bytes");
        self.active.put_parts(table, key, value);
    }

    /// Deletes a row; a row that is not there stays so.
    ///
    /// # Panics
    /// If the key is empty or longer than [`KEY_BYTES_MAX`].
    pub fn delete(&mut self, table: TableId, key: &[u8], owner: RowOwner) {
        assert_key(key);
        if self.lies_only_in_active(table, owner) {
            debug_assert!(!self.is_below(table, key), "a row below has a key generated later");
            self.active.remove(table, key);
        } else {
            self.active.bury(table, key);
        }
    }

    /// Whether neither the frozen overlay nor the base can hold the row.
    fn lies_only_in_active(&self, table: TableId, owner: RowOwner) -> bool {
        let frozen_rows = self.frozen.as_ref().map_or(0, |slot| slot.frozen.overlay.table_rows(table));
        if frozen_rows == 0 && self.below.base.table_rows(table) == 0 {
            return true;
        }
        match owner {
            RowOwner::Shared => false,
            RowOwner::Generated(key) => {
                let counter = self.newest_mark().key_counter;
                // A key of another partition says nothing about this partition's counter.
                key > counter && key >> KEY_PARTITION_SHIFT == counter >> KEY_PARTITION_SHIFT
            }
        }
    }

    fn is_below(&self, table: TableId, key: &[u8]) -> bool {
        let frozen = self.frozen.as_ref().map_or(Lookup::Missing, |slot| slot.frozen.overlay.get(table, key));
        matches!(frozen, Lookup::Value(_)) || self.below.get(table, key).is_some()
    }

    /// Begins remembering how rows were. Savepoints nest.
    pub fn savepoint(&mut self) {
        self.active.savepoint();
    }

    /// Puts every row back to how it was at the last savepoint, and ends that savepoint.
    ///
    /// # Panics
    /// If there is no savepoint.
    pub fn rollback(&mut self) {
        self.active.rollback();
    }

    /// Keys whose rows [`Store::rollback`] may bring back: deleted since the last savepoint, in the order of the
    /// changes. Nothing without a savepoint.
    pub fn deleted_since_savepoint(&self) -> impl Iterator<Item = (TableId, &[u8])> {
        self.active.deleted_since_savepoint()
    }

    /// Keeps what was written since the last savepoint, and ends that savepoint.
    ///
    /// # Panics
    /// If there is no savepoint.
    pub fn release(&mut self) {
        self.active.release();
    }

    /// The first fault, if any. The partition checks it before it releases effects, and stops.
    pub fn fault(&self) -> Option<&Fault> {
        self.below.fault()
    }

    /// A row is not there although another row leads to it: the store's fault, unless it has one already. A row that is
    /// missing has no checksum that could tell, so whoever follows a reference has to.
    ///
    /// # Panics
    /// As [`Store::get`].
    pub fn report_missing(&self, table: TableId, key: &[u8], promised_by: &str) {
        assert_key(key);
        self.below.set_fault(table, key, FaultCause::Missing { promised_by: promised_by.to_owned() });
    }

    /// Rows of a table, without looking at any: one that stood there at the last checkpoint and was changed since counts twice.
    pub fn rows_about(&self, table: TableId) -> u64 {
        let frozen = self.frozen.as_ref().map_or(0, |slot| slot.frozen.overlay.table_rows_more(table));
        self.below.base.table_rows(table).saturating_add_signed(frozen + self.active.table_rows_more(table))
    }

    /// Memory held by the overlays, overhead included.
    pub fn overlay_bytes(&self) -> usize {
        self.active.bytes() + self.frozen.as_ref().map_or(0, |slot| slot.frozen.overlay.bytes())
    }

    /// Counts for metrics.
    pub fn stats(&self) -> Stats {
        let frozen = self.frozen.as_ref().map(|slot| &slot.frozen.overlay);
        let (base_bytes, map_size_bytes) = self.below.base.map_bytes();
        Stats {
            active_rows: self.active.rows(),
            active_bytes: self.active.bytes(),
            frozen_rows: frozen.map_or(0, Overlay::rows),
            frozen_bytes: frozen.map_or(0, Overlay::bytes),
            base_rows: (0..=u8::MAX).map(|number| self.below.base.table_rows(TableId(number))).sum(),
            base_bytes,
            map_size_bytes,
            checkpoints: self.checkpoints,
            last_checkpoint: self.last_checkpoint,
        }
    }

    /// Freezes the active overlay, at an entry boundary, and begins a new one. Run the job once the mark's position
    /// is committed.
    ///
    /// # Panics
    /// If an overlay is already frozen, a savepoint is open, or the mark goes backwards.
    pub fn freeze(&mut self, mark: Mark) -> CheckpointJob {
        assert!(self.frozen.is_none(), "an overlay is already frozen");
        assert!(!self.active.has_savepoint(), "a command is still being applied");
        assert!(mark.position >= self.below.base.mark().position, "the mark's position goes backwards");
        let overlay = mem::replace(&mut self.active, Overlay::new());
        let frozen = Arc::new(Frozen { overlay, mark });
        self.frozen = Some(FrozenSlot { frozen: frozen.clone(), job_is_out: true });
        CheckpointJob { frozen, writer: self.below.base.writer() }
    }

    /// The job of a checkpoint that found no space, once more.
    ///
    /// # Panics
    /// If there is no such checkpoint.
    pub fn retry_checkpoint(&mut self) -> CheckpointJob {
        let slot = self.frozen.as_mut().expect("there is no checkpoint to retry");
        assert!(!slot.job_is_out, "the checkpoint's job has not come back");
        slot.job_is_out = true;
        CheckpointJob { frozen: slot.frozen.clone(), writer: self.below.base.writer() }
    }

    /// Takes the outcome of a job. After a commit the base shows the checkpoint and the frozen overlay is given back
    /// for dropping elsewhere; without space it stays; any other failure becomes the store's fault.
    ///
    /// # Panics
    /// If the outcome does not belong to this store's frozen overlay.
    pub fn finish_checkpoint(&mut self, outcome: CheckpointOutcome) -> Finished {
        let slot = self.frozen.as_mut().expect("no checkpoint is under way");
        assert!(Arc::ptr_eq(&slot.frozen, &outcome.frozen), "the outcome of another checkpoint");
        slot.job_is_out = false;
        let failure = match outcome.result {
            Ok(report) => match self.below.base.renew() {
                Ok(()) => {
                    assert_eq!(
                        *self.below.base.mark(),
                        outcome.frozen.mark,
                        "the base holds another checkpoint"
                    );
                    self.frozen = None;
                    self.checkpoints += 1;
                    self.last_checkpoint = report;
                    return Finished::Committed(RetiredOverlay { _frozen: outcome.frozen });
                }
                Err(reason) => reason,
            },
            Err(CheckpointError::Failed(reason)) => reason,
            Err(error @ (CheckpointError::DiskFull(_) | CheckpointError::MapFull { .. })) => {
                return Finished::NoSpace(error);
            }
        };
        let why = FaultCause::Checkpoint(failure);
        self.below.keep_fault(Fault { table: None, key: Vec::new(), why });
        Finished::Failed
    }

    /// Forgets what the log has not committed, for a leader that steps down: the active overlay, and the frozen one
    /// too if its job is handed in before it ran. Replay then goes on from [`Store::newest_mark`].
    ///
    /// # Panics
    /// If the job does not belong to this store's frozen overlay.
    pub fn discard(&mut self, unstarted: Option<CheckpointJob>) {
        if let Some(job) = unstarted {
            let slot = self.frozen.take().expect("no checkpoint is under way");
            assert!(Arc::ptr_eq(&slot.frozen, &job.frozen), "the job of another checkpoint");
        }
        self.active = Overlay::new();
    }

    /// What the base contains: where recovery begins to replay.
    pub fn mark(&self) -> &Mark {
        self.below.base.mark()
    }

    /// What base and frozen overlay contain together.
    pub fn newest_mark(&self) -> &Mark {
        self.frozen.as_ref().map_or(self.below.base.mark(), |slot| &slot.frozen.mark)
    }

    /// All rows by table and key, to compare states. It ends early on a fault.
    pub fn dump(&self) -> impl Iterator<Item = (TableId, &[u8], &[u8])> {
        (0..TABLES_MAX).flat_map(|number| {
            let table = TableId(number as u8);
            self.range(table, &[], &[]).map(move |(key, value)| (table, key, value))
        })
    }
}
