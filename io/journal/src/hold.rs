//! What a named reader of one partition still needs, shared between the reader, the thread that copies entries out of
//! the log for it, and whoever releases the log.
//!
//! Invariants: while a reader is attached the log keeps everything from its floor on; the floor moves only past what is
//! acknowledged durably or stands in a durable spill; whoever reads the log for the reader holds the lock meanwhile, so
//! nothing is released under a read. Whoever releases the log never waits for the lock: it looks again later.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::spill::SpillSummary;
use crate::types::Position;

/// A reader's needs at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HoldView {
    /// The first position that is not acknowledged durably.
    pub next: Position,
    /// The first position that the reader needs of the log.
    pub floor: Position,
    /// Whether the log is kept from the floor on.
    pub is_attached: bool,
    /// Detached, and done with its spills: it wants to be attached again.
    pub wants_log: bool,
    /// Bytes of its spills.
    pub spill_bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct HoldState {
    pub(crate) next: Position,
    pub(crate) floor: Position,
    pub(crate) is_attached: bool,
    pub(crate) wants_log: bool,
    /// By rising position.
    pub(crate) spills: VecDeque<SpillSummary>,
}

/// A handle on a reader's needs; clones share them.
#[derive(Clone, Debug)]
pub struct Hold(Arc<Mutex<HoldState>>);

impl Hold {
    /// A reader that has acknowledged everything below `next` and has these spills, by rising position. It is
    /// attached from the start, behind its spills.
    pub(crate) fn new(next: Position, spills: VecDeque<SpillSummary>) -> Self {
        let mut floor = next;
        for spill in &spills {
            // A hole before a spill is a gap that the reader is told of; what follows the spill is in the log.
            floor = floor.max(spill.end);
        }
        Self(Arc::new(Mutex::new(HoldState { next, floor, is_attached: true, wants_log: false, spills })))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, HoldState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, HoldState>> {
        match self.0.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// What the reader needs; `None` while somebody reads the log for it.
    #[must_use]
    pub fn view(&self) -> Option<HoldView> {
        self.try_lock().map(|state| HoldView {
            next: state.next,
            floor: state.floor,
            is_attached: state.is_attached,
            wants_log: state.wants_log,
            spill_bytes: state.spills.iter().map(|spill| spill.bytes).sum(),
        })
    }

    /// Keeps no log for the reader any more. False while somebody reads it: to be tried again.
    #[must_use]
    pub fn detach(&self) -> bool {
        self.try_lock().map(|mut state| state.is_attached = false).is_some()
    }

    /// Keeps the log for the reader again, from a position on that is still there. False while somebody else holds the
    /// lock: to be tried again.
    #[must_use]
    pub fn attach(&self, floor: Position) -> bool {
        let attach = |mut state: MutexGuard<'_, HoldState>| {
            state.floor = floor.max(state.next);
            (state.is_attached, state.wants_log) = (true, false);
        };
        self.try_lock().map(attach).is_some()
    }
}
