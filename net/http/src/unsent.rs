//! Bytes of responses that were handed to connections and are not in a socket yet.
//!
//! A client that asks and does not read makes the server hold what it was to get. Each larger piece of a body carries a mark that is counted from the moment a connection takes it until it is
//! written or dropped, for its connection and for all servers of the core. Small pieces are not counted: connections
//! and streams bound them by their number.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;

/// Pieces from this size on are counted, in bytes: a mark costs an allocation.
const COUNTED_BYTES_MIN: usize = 4 * 1024;

/// What the servers of one core hold together, and how much that may be. One core writes, anybody may read.
#[derive(Clone, Debug)]
pub struct UnsentBytes {
    held: Arc<AtomicU64>,
    max: u64,
}

impl Default for UnsentBytes {
    fn default() -> UnsentBytes {
        UnsentBytes::up_to(u64::MAX)
    }
}

impl UnsentBytes {
    /// Nothing yet. Beyond `max` bytes new requests are refused and clients that do not read are cut.
    pub fn up_to(max: u64) -> UnsentBytes {
        UnsentBytes { held: Arc::new(AtomicU64::new(0)), max }
    }

    /// The bytes held now.
    pub fn now(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// The most that may be held.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// Whether more is held than may be.
    pub(crate) fn is_over(&self) -> bool {
        self.now() > self.max
    }
}

/// One connection's share. Shared with the pieces, which may outlive it in a buffer.
#[derive(Debug)]
pub(crate) struct Share {
    held: AtomicU64,
    released: AtomicU64,
    core: UnsentBytes,
}

impl Share {
    pub(crate) fn of(core: &UnsentBytes) -> Arc<Share> {
        Arc::new(Share { held: AtomicU64::new(0), released: AtomicU64::new(0), core: core.clone() })
    }

    /// The bytes held for this connection and done with since it began.
    pub(crate) fn released(&self) -> u64 {
        self.released.load(Ordering::Relaxed)
    }

    /// The bytes held for this connection now.
    pub(crate) fn now(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Whether the core holds more than it may.
    pub(crate) fn is_core_over(&self) -> bool {
        self.core.is_over()
    }

    /// These bytes, counted until the last of them is dropped.
    pub(crate) fn count(self: &Arc<Self>, bytes: Bytes) -> Bytes {
        if bytes.len() < COUNTED_BYTES_MIN {
            return bytes;
        }
        let len = bytes.len() as u64;
        self.held.fetch_add(len, Ordering::Relaxed);
        self.core.held.fetch_add(len, Ordering::Relaxed);
        Bytes::from_owner(Counted { bytes, share: self.clone() })
    }
}

struct Counted {
    bytes: Bytes,
    share: Arc<Share>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let len = self.bytes.len() as u64;
        self.share.held.fetch_sub(len, Ordering::Relaxed);
        self.share.released.fetch_add(len, Ordering::Relaxed);
        self.share.core.held.fetch_sub(len, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNTED_BYTES_MIN, Share, UnsentBytes};
    use bytes::Bytes;

    #[test]
    fn pieces_count_for_their_connection_and_core_until_the_last_part_is_dropped() {
        let core = UnsentBytes::up_to(10_000);
        let (one, other) = (Share::of(&core), Share::of(&core));
        let piece = one.count(Bytes::from(vec![1; 8000]));
        let small = other.count(Bytes::from(vec![1; COUNTED_BYTES_MIN - 1]));
        assert_eq!((one.now(), other.now(), core.now(), core.is_over()), (8000, 0, 8000, false));
        let second = other.count(Bytes::from(vec![2; 5000]));
        assert!(core.is_over());
        let rest = piece.slice(7999..);
        drop(piece);
        assert_eq!(one.now(), 8000, "a part of it still waits");
        drop((rest, second, small));
        assert_eq!((one.now(), other.now(), core.now()), (0, 0, 0));
        assert_eq!((one.released(), other.released()), (8000, 5000));
    }
}
