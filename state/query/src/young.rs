//! Instances whose rows are all in memory, since they began in what was folded there.
//!
//! Those that end soon are written once, where finished instances stand; those that live on are written among the living when they are no
//! longer young. Until then nobody finds them, and the log is acknowledged up to the first of them only.

use crate::place::Place;
use ringbolt_record::Position;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// Where an instance began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    /// The first position of the entry in which it did.
    pub(crate) position: Position,
    /// When that was folded, milliseconds of the projector's clock.
    pub(crate) folded_at_ms: u64,
    is_ended: bool,
}

/// Instances that began in memory.
#[derive(Debug, Default)]
pub(crate) struct Young {
    begun: FxHashMap<i64, Begun>,
    /// Those that were folded first before this moment stay no longer.
    from_ms: u64,
}

impl Young {
    /// An instance begins. False where it had begun: again is as once.
    pub(crate) fn begin(&mut self, instance: i64, position: Position, folded_at_ms: u64) -> bool {
        let Entry::Vacant(vacant) = self.begun.entry(instance) else { return false };
        vacant.insert(Begun { position, folded_at_ms, is_ended: false });
        true
    }

    /// An instance ends. False when it began before what is in memory.
    pub(crate) fn end(&mut self, instance: i64) -> bool {
        let begun = self.begun.get_mut(&instance);
        begun.map(|begun| begun.is_ended = true).is_some()
    }

    /// From now on those stay in memory that were folded first at this moment or later, and have not ended.
    pub(crate) fn keep_from(&mut self, from_ms: u64) {
        self.from_ms = from_ms;
    }

    /// Where the rows of an instance are to be written; none when they stay in memory.
    pub(crate) fn place(&self, instance: i64) -> Option<Place> {
        match self.begun.get(&instance) {
            None => Some(Place::Live),
            Some(begun) if begun.is_ended => Some(Place::Recent),
            Some(begun) => (begun.folded_at_ms < self.from_ms).then_some(Place::Live),
        }
    }

    /// Whether the rows of an instance stay in memory.
    pub(crate) fn stays(&self, instance: i64) -> bool {
        self.place(instance).is_none()
    }

    /// Whether an instance began in memory.
    pub(crate) fn has(&self, instance: i64) -> bool {
        self.begun.contains_key(&instance)
    }

    /// Whether an instance began and ended in memory.
    pub(crate) fn has_ended(&self, instance: i64) -> bool {
        self.begun.get(&instance).is_some_and(|begun| begun.is_ended)
    }

    /// How many have ended.
    pub(crate) fn ended(&self) -> u64 {
        self.begun.values().filter(|begun| begun.is_ended).count() as u64
    }

    /// Those that stay, in no order.
    pub(crate) fn staying(&self) -> impl Iterator<Item = (i64, &Begun)> {
        self.begun
            .iter()
            .map(|(instance, begun)| (*instance, begun))
            .filter(|(instance, _)| self.stays(*instance))
    }

    /// When the first of those that stay was folded.
    pub(crate) fn oldest_ms(&self) -> Option<u64> {
        self.staying().map(|(_, begun)| begun.folded_at_ms).min()
    }

    /// Forgets all but some.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(i64) -> bool) {
        self.begun.retain(|instance, _| is_kept(*instance));
    }

    /// Forgets those whose rows were written.
    pub(crate) fn forget_written(&mut self) {
        let from_ms = self.from_ms;
        self.begun.retain(|_, begun| !begun.is_ended && begun.folded_at_ms >= from_ms);
    }

    /// Whether there are some that are to be written.
    pub(crate) fn has_grown_old(&self) -> bool {
        self.begun.values().any(|begun| begun.folded_at_ms < self.from_ms)
    }
}
