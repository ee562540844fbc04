//! The last position that each partition has given out, for all cores to see: that of its last committed entry.
//!
//! Invariants: when an answer reaches its client's core, the position that is seen there is that of its entry or a later one: the owner
//! publishes what is committed before it releases what rests on it, and a mailbox brings what was written before it was filled. A
//! position that was seen is there after every end, since its entry is on stable storage.

use ringbolt_record::{PartitionId, Position};
use std::sync::atomic::{AtomicU64, Ordering};

/// What stands where a partition's owner has not said yet.
const UNKNOWN: u64 = u64::MAX;

/// Of each partition, by its number.
#[derive(Debug)]
pub(crate) struct Positions(Vec<AtomicU64>);

impl Positions {
    /// Of so many partitions, of which nothing is known yet.
    pub(crate) fn new(partitions: u16) -> Self {
        Self((0..partitions).map(|_| AtomicU64::new(UNKNOWN)).collect())
    }

    fn place(&self, partition: PartitionId) -> Option<&AtomicU64> {
        self.0.get(usize::from(partition.0).checked_sub(1)?)
    }

    /// For the partition's owner: everything up to here is committed.
    pub(crate) fn publish(&self, partition: PartitionId, last: Position) {
        if let Some(place) = self.place(partition) {
            place.store(last.0, Ordering::Release);
        }
    }

    /// A partition's last, zero before its owner has said; none of a partition that there is not.
    pub(crate) fn last(&self, partition: PartitionId) -> Option<Position> {
        let last = self.place(partition)?.load(Ordering::Acquire);
        Some(Position(if last == UNKNOWN { 0 } else { last }))
    }

    /// Whether a partition's owner has not said yet: right after the start its core may still be opening it.
    pub(crate) fn is_awaited(&self, partition: PartitionId) -> bool {
        self.place(partition).is_some_and(|place| place.load(Ordering::Acquire) == UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::Positions;
    use ringbolt_record::{PartitionId, Position};

    #[test]
    fn each_partition_has_its_last() {
        let positions = Positions::new(2);
        let awaited = |id| positions.is_awaited(PartitionId(id));
        assert_eq!([awaited(0), awaited(1), awaited(2), awaited(3)], [false, true, true, false]);
        positions.publish(PartitionId(2), Position(7));
        positions.publish(PartitionId(3), Position(9));
        assert_eq!([awaited(1), awaited(2)], [true, false]);
        let last = |id| positions.last(PartitionId(id));
        assert_eq!([last(0), last(1), last(2), last(3)], [None, Some(Position(0)), Some(Position(7)), None]);
    }
}
