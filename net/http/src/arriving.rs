//! Bytes that are held of requests that are not done: of bodies while the rest of them arrives, or of what those that wait want.
//!
//! One connection may have thousands of requests under way, each with a body that it never ends. Its bodies' sizes bound each of them,
//! nothing bounds their sum: that is done here, for all servers of a core together. A body that comes in one piece is not counted.

use std::{cell::Cell, rc::Rc};

use ringbolt_ring::memory;

/// What the servers of one core hold together, and how much that may be.
#[derive(Clone, Debug)]
pub struct ArrivingBytes {
    held: Rc<Cell<u64>>,
    /// The most that were held since none were: after a burst the allocator alone would keep it.
    peak: Rc<Cell<u64>>,
    max: u64,
}

/// After a burst of so many bytes memory is given back to the system.
const BURST: u64 = 64 * 1024 * 1024;

impl Default for ArrivingBytes {
    /// Without a bound.
    fn default() -> ArrivingBytes {
        ArrivingBytes::up_to(u64::MAX)
    }
}

impl ArrivingBytes {
    /// Nothing yet. Who wants to hold more than `max` bytes is refused.
    pub fn up_to(max: u64) -> ArrivingBytes {
        ArrivingBytes { held: Rc::default(), peak: Rc::default(), max }
    }

    /// The bytes held now.
    pub fn now(&self) -> u64 {
        self.held.get()
    }

    /// The share of one body, empty yet.
    pub fn share(&self) -> ArrivingShare {
        ArrivingShare { all: self.clone(), held: 0 }
    }
}

/// What is held of one body, given back when it is dropped.
#[derive(Debug)]
pub struct ArrivingShare {
    all: ArrivingBytes,
    held: u64,
}

impl ArrivingShare {
    /// Counts more of it; `false`, and nothing is counted, where there is no room.
    #[must_use]
    pub fn add(&mut self, bytes: usize) -> bool {
        let sum = self.all.held.get().saturating_add(bytes as u64);
        if sum > self.all.max {
            return false;
        }
        self.all.held.set(sum);
        self.all.peak.set(self.all.peak.get().max(sum));
        self.held += bytes as u64;
        true
    }
}

impl Drop for ArrivingShare {
    fn drop(&mut self) {
        let ArrivingBytes { held, peak, .. } = &self.all;
        held.set(held.get() - self.held);
        if held.get() == 0 && peak.replace(0) >= BURST {
            memory::trim();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ArrivingBytes;

    #[test]
    fn shares_have_a_bound_together_and_are_given_back() {
        let all = ArrivingBytes::up_to(100);
        let (mut one, mut other) = (all.share(), all.share());
        assert!(one.add(60) && other.add(40));
        assert!(!other.add(1) && all.now() == 100);
        drop(one);
        assert!(other.add(60) && all.now() == 100);
        drop(other);
        assert_eq!(all.now(), 0);
    }
}
