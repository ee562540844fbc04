//! Which way a batch goes to its file: by the core's ring, or by a thread that does nothing else.
//!
//! A durable write by the ring ends on a worker of the kernel, which waits for a CPU twice: when the data is there, and when the disk's
//! cache is flushed. On a machine whose CPUs have other work, of whatever priority, the second wait lasts until the clock's next tick: 4 ms
//! where a flush takes 0.1 (Linux 6.18, 250 ticks a second; `examples/commits.rs` beside two busy processes of nice 5: 290 commits a second by
//! the ring, 7,600 by a thread; alone 9,100 and 8,300). A thread that waits in the call itself has its CPU at once. So both are measured all the
//! time, and the ring is left only where it takes much longer.

use ringbolt_ring::side::{Side, SideConfig};
use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::types::SegmentSequence;

/// The first try of the thread comes after so many writes.
const TRY_FIRST: u32 = 16;
/// Then the way that is not taken is tried after so many, and each time that it is not taken after it after twice as many.
const TRY_AFTER: u32 = 256;
/// But after so many at most.
const TRY_AFTER_MAX: u32 = 8 * 1024;
/// So many times in a row, since the first time says little; the ring once only where that is slow.
const TRIES: u32 = 4;
/// The thread is taken where the ring takes more than so many times as long.
const RING_TIMES: u64 = 2;
/// What a way takes rises by this part of the difference to what is measured, 1/RISES, and falls by half of it.
const RISES: u64 = 8;
/// One measurement counts as so many times what was known at most: the machine may have stood still.
const GROWS_MAX: u64 = 4;

/// How a batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the core's ring.
    Ring,
    /// By a thread, in one call that ends when it is durable.
    Thread,
}

/// What each way takes, nanoseconds; none before it was tried.
#[derive(Debug)]
pub(crate) struct Ways {
    ring: Option<u64>,
    thread: Option<u64>,
    /// Writes until the other way is tried, and how many tries are left then.
    rest: u32,
    tries: u32,
    /// How many writes there are from these tries to the next.
    after: u32,
}

impl Default for Ways {
    fn default() -> Self {
        Self { ring: None, thread: None, rest: TRY_FIRST, tries: TRIES, after: TRY_AFTER }
    }
}

impl Ways {
    /// The way of the next write.
    pub(crate) fn next(&mut self) -> Way {
        let usual = self.usual();
        if self.rest > 0 {
            self.rest -= 1;
            return usual;
        }
        self.tries -= 1;
        if self.tries == 0 {
            self.end_tries();
        }
        match usual {
            Way::Ring => Way::Thread,
            Way::Thread => Way::Ring,
        }
    }

    fn end_tries(&mut self) {
        (self.rest, self.tries) = (self.after, TRIES);
        self.after = (2 * self.after).min(TRY_AFTER_MAX);
    }

    fn usual(&self) -> Way {
        match (self.ring, self.thread) {
            (Some(ring), Some(thread)) if ring > thread.saturating_mul(RING_TIMES) => Way::Thread,
            _ => Way::Ring,
        }
    }

    /// A write took so long.
    pub(crate) fn note(&mut self, way: Way, took_ns: u64) {
        let usual = self.usual();
        let known = match way {
            Way::Ring => &mut self.ring,
            Way::Thread => &mut self.thread,
        };
        *known = Some(match *known {
            None => took_ns,
            Some(before) if took_ns < before => (before + took_ns) / 2,
            Some(before) => {
                let took_ns = took_ns.min(before.saturating_mul(GROWS_MAX).max(GROWS_MAX));
                before + (took_ns - before) / RISES
            }
        });
        if self.usual() != usual {
            // It may have been a moment's.
            (self.rest, self.tries, self.after) = (TRY_AFTER, TRIES, TRY_AFTER);
        } else if way == Way::Ring && usual == Way::Thread && self.tries < TRIES {
            // The ring is as slow as it was: four such writes of 256 would be more than one in a hundred.
            let thread = self.thread.unwrap_or(u64::MAX);
            if took_ns > thread.saturating_mul(RING_TIMES) {
                self.end_tries();
            }
        }
    }
}

/// The thread, begun when it is first wanted, and the file that it writes to.
#[derive(Default)]
pub(crate) struct Writer {
    side: Option<Side>,
    /// The last segment's file, as a descriptor of the thread's own: the journal's may be closed while a write is under way that nobody
    /// waits for any more.
    file: Option<(SegmentSequence, Arc<File>)>,
}

impl Writer {
    /// A batch goes to this segment: the file of another one is closed, which may be removed by now.
    pub(crate) fn note_segment(&mut self, segment: SegmentSequence) {
        self.file.take_if(|(of, _)| *of != segment);
    }

    /// The thread and the file for it, of the segment that was noted last.
    ///
    /// # Errors
    /// There are no more threads or descriptors.
    pub(crate) fn ready(&mut self, segment: SegmentSequence, file: &File) -> io::Result<(Side, Arc<File>)> {
        let side = match &self.side {
            Some(side) => side.clone(),
            None => {
                let config = SideConfig { name: "flush", threads: 1, queue_max: 1, nice: 0 };
                self.side.insert(Side::start(config)?).clone()
            }
        };
        let file = match &self.file {
            Some((_, file)) => file.clone(),
            None => self.file.insert((segment, Arc::new(file.try_clone()?))).1.clone(),
        };
        Ok((side, file))
    }
}

#[cfg(test)]
mod tests {
    use super::{TRIES, TRY_FIRST, Way, Ways};

    /// How many of so many writes went by the thread, where the ways take so long.
    fn by_thread(ways: &mut Ways, writes: u32, ring: u64, thread: u64) -> u32 {
        (0..writes)
            .map(|_| {
                let way = ways.next();
                ways.note(way, if way == Way::Ring { ring } else { thread });
                u32::from(way == Way::Thread)
            })
            .sum()
    }

    #[test]
    fn the_ring_is_left_where_it_takes_much_longer_and_taken_again() {
        let mut ways = Ways::default();
        let tries = by_thread(&mut ways, 10_000, 100_000, 110_000);
        assert!((TRIES..100).contains(&tries), "{tries} tries");
        // A single slow write is none.
        ways.note(Way::Ring, 50_000_000);
        let tries = by_thread(&mut ways, 10_000, 100_000, 110_000);
        assert!((TRIES..20).contains(&tries), "{tries} tries");
        // Others take the CPUs: the ring is left at once, and tried ever more seldom.
        let by_ring = 10_000 - by_thread(&mut ways, 10_000, 4_000_000, 110_000);
        assert!(by_ring < 50, "{by_ring}");
        let by_ring = 10_000 - by_thread(&mut ways, 10_000, 4_000_000, 110_000);
        assert!((1..TRIES).contains(&by_ring), "{by_ring}");
        // They are gone: some tries later it is the ring again.
        by_thread(&mut ways, 30_000, 100_000, 110_000);
        assert!(by_thread(&mut ways, 10_000, 100_000, 110_000) < 20);
    }

    #[test]
    fn whoever_begins_on_a_busy_machine_finds_the_thread_soon() {
        let mut ways = Ways::default();
        assert_eq!(by_thread(&mut ways, TRY_FIRST, 4_000_000, 110_000), 0);
        // The first time the thread has to be begun.
        let way = ways.next();
        assert_eq!(way, Way::Thread);
        ways.note(way, 2_500_000);
        assert!(by_thread(&mut ways, 100, 4_000_000, 110_000) > 90);
    }

    #[test]
    fn a_thread_that_is_slower_is_only_tried() {
        let mut ways = Ways::default();
        assert!(by_thread(&mut ways, 10_000, 2_000_000, 4_000_000) < 50);
        by_thread(&mut ways, 2, u64::MAX, u64::MAX);
        by_thread(&mut ways, 2, 0, 0);
    }
}
