//! Identifiers and times as newtypes, so that two numbers of different meaning never meet unnoticed.
//!
//! Invariant: none of these types generates a value; keys come from the partition's generator alone.

use rkyv::{Archive, Deserialize, Serialize};
use std::fmt;

/// Bits of a key below the partition id, as in Zeebe: 13 bits of partition, 51 bits of counter.
pub const KEY_COUNTER_BITS: u32 = 51;
/// Highest partition id that a key can carry.
pub const PARTITION_ID_MAX: u16 = (1 << 12) - 1;

/// Longest text by which clients know something in an engine, in bytes: ids of processes, types of jobs, names and keys of messages,
/// names of signals. Requests take no longer ones.
pub const ID_BYTES_MAX: usize = 400;

macro_rules! number_newtype {
    ($(#[$meta:meta])* $name:ident($inner:ty)) => {
        $(#[$meta])*
        #[derive(Archive, Serialize, Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[rkyv(derive(Clone, Copy))]
        pub struct $name(pub $inner);

        impl $name {
            /// Reads the archived number.
            pub fn of(archived: &<Self as Archive>::Archived) -> Self {
                Self(archived.0.to_native())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

number_newtype! {
    /// A generated 64-bit number: partition in the bits above [`KEY_COUNTER_BITS`], a counter below.
    /// Zero stands for "none"; the wire's `-1` is made of it at the edge.
    Key(u64)
}
number_newtype! {
    /// The place of a record in its partition's stream, counted from 1. Zero stands for "before the first".
    Position(u64)
}
number_newtype! {
    /// A partition of this cluster, counted from 1 to [`PARTITION_ID_MAX`].
    PartitionId(u16)
}
number_newtype! {
    /// An element's place in the arena of its compiled process; 0 is the process itself.
    ElementIndex(u32)
}
number_newtype! {
    /// Milliseconds since 1970-01-01T00:00Z.
    TimestampMs(i64)
}
number_newtype! {
    /// A span of milliseconds.
    DurationMs(i64)
}

/// A request that waits for its answer on this node; volatile, never stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(pub u64);

/// An open job stream on this node; volatile, never stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StreamId(pub u64);

impl Key {
    /// No key.
    pub const NONE: Self = Self(0);

    /// Joins a partition and its counter.
    ///
    /// # Panics
    /// When the counter needs more than [`KEY_COUNTER_BITS`] or the partition is out of range: both would
    /// make keys of two partitions collide.
    pub fn new(partition: PartitionId, counter: u64) -> Self {
        assert!(counter < 1 << KEY_COUNTER_BITS, "key counter {counter} exceeds its bits");
        assert!(partition.0 <= PARTITION_ID_MAX, "partition {partition} exceeds the key's bits");
        Self((u64::from(partition.0) << KEY_COUNTER_BITS) | counter)
    }

    /// The partition that generated this key.
    pub fn partition(self) -> PartitionId {
        PartitionId((self.0 >> KEY_COUNTER_BITS) as u16)
    }

    /// The counter below the partition bits.
    pub fn counter(self) -> u64 {
        self.0 & ((1 << KEY_COUNTER_BITS) - 1)
    }

    /// Whether there is no key.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether there is a key.
    pub fn is_some(self) -> bool {
        self.0 != 0
    }

    /// From the wire's signed number. Negative numbers and zero are no keys of anything: [`Key::NONE`].
    pub fn from_wire(number: i64) -> Self {
        u64::try_from(number).map_or(Self::NONE, Self)
    }

    /// As the wire's signed number; [`Key::NONE`] becomes -1 as in Zeebe's records.
    pub fn to_wire(self) -> i64 {
        if self.is_none() { -1 } else { self.0 as i64 }
    }
}

impl PartitionId {
    /// Where the subscriptions and messages of a correlation key are, among so many partitions; the rule is Zeebe's, so
    /// that clients and tools that know it agree.
    ///
    /// # Panics
    /// Without any partition.
    pub fn of_correlation_key(correlation_key: &str, partition_count: u16) -> Self {
        let step = |hash: i32, byte: &u8| hash.wrapping_mul(31).wrapping_add(i32::from(*byte as i8));
        let hash = correlation_key.as_bytes().iter().fold(0, step);
        let index = (hash % i32::from(partition_count)).unsigned_abs();
        Self(u16::try_from(index).expect("less than the number of partitions") + 1)
    }
}

impl Position {
    /// The position `count` records later.
    pub fn plus(self, count: u64) -> Self {
        Self(self.0 + count)
    }
}

impl TimestampMs {
    /// This time moved by a span; saturates at the ends of the range.
    pub fn plus(self, span: DurationMs) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl ElementIndex {
    /// The process itself.
    pub const PROCESS: Self = Self(0);
}

#[cfg(test)]
mod tests {
    use super::{Key, PartitionId};

    /// The numbers are those of Java's `String.hashCode` for text of ASCII.
    #[test]
    fn correlation_keys_go_where_zeebe_has_them() {
        let of = |key, count| PartitionId::of_correlation_key(key, count).0;
        // "a" is 97, "order-1" is -1207111310.
        assert_eq!((of("", 3), of("a", 3), of("a", 10)), (1, 2, 8));
        assert_eq!(of("order-1", 7), 1 + (1_207_111_310 % 7) as u16);
        assert_eq!(of("\u{fc}", 5), of("\u{fc}", 5));
        assert_eq!(of("anything", 1), 1);
    }

    #[test]
    fn key_carries_partition_and_counter() {
        let key = Key::new(PartitionId(3), 77);
        assert_eq!((key.partition(), key.counter()), (PartitionId(3), 77));
        assert_eq!(key.to_wire(), 3 * (1 << 51) + 77);
        assert_eq!(Key::from_wire(-1), Key::NONE);
    }
}
