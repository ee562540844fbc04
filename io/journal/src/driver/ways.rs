//! Which way a batch goes to its file: by the core's ring, or by a thread that does nothing else.
//!
//! A durable write by the ring ends on a worker of the kernel, which waits for a CPU twice: when the data is there, and when the disk's
//! cache is flushed. On a machine whose CPUs have other work, of whatever priority, the second wait lasts until the clock's next tick: 4 ms
//! where a flush takes 0.1 (Linux 6.18, 250 ticks a second; `examples/commits.rs` beside two busy processes of nice 5: 290 commits a second by
//! the ring, 7,600 by a thread; alone 9,100 and 8,300). A thread that waits in the call itself has its CPU at once. So both are measured all the
//! time, and the ring is left only where it takes much longer, or waits for a tick again and again.

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
/// The thread is taken where the ring takes more than this many halves of what it takes: it keeps a core as busy, and less is felt of a disk
/// that others write to.
const RING_HALVES: u64 = 3;
/// What a way takes rises by this part of the difference to what is measured, 1/RISES, and falls by half of it.
const RISES: u64 = 8;
/// One measurement counts as so many times what was known at most: the machine may have stood still.
const GROWS_MAX: u64 = 4;
/// A write that takes more than so many times as long as one by the thread as a rule has waited, for a tick or for the disk.
const WAIT_TIMES: u64 = 8;
/// The share of writes that waited is that of about so many.
const WAITS_OF: u32 = 64;
/// All of them.
const ALL: u32 = 1 << 16;
/// The ring is left, fast as it is as a rule, where more of them waited, two of some thirty, and twice as many as of the thread's.
const WAITS_MAX: u32 = ALL / 40;

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
    /// The shares of the ring's and of the thread's writes that waited.
    waits: u32,
    thread_waits: u32,
    /// The ring was left for that, and this many tries since have not waited.
    left: Option<u32>,
    /// Writes since another way was taken.
    steady: u32,
}

impl Default for Ways {
    fn default() -> Self {
        let (rest, tries, after) = (TRY_FIRST, TRIES, TRY_AFTER);
        Self {
            ring: None,
            thread: None,
            rest,
            tries,
            after,
            waits: 0,
            thread_waits: 0,
            left: None,
            steady: 0,
        }
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
            (Some(_), Some(_)) if self.left.is_some() => Way::Thread,
            (Some(ring), Some(thread)) if is_slow(ring, thread) => Way::Thread,
            _ => Way::Ring,
        }
    }

    /// Judges the ring by how many of its writes waited, beside those of the thread.
    fn note_wait(&mut self, way: Way, took_ns: u64) {
        let has_waited = self.thread.is_some_and(|thread| took_ns > thread.saturating_mul(WAIT_TIMES));
        let share = match way {
            Way::Ring => &mut self.waits,
            Way::Thread => &mut self.thread_waits,
        };
        *share -= *share / WAITS_OF;
        if has_waited {
            *share += ALL / WAITS_OF;
        }
        let is_worse = self.waits > WAITS_MAX && self.waits > 2 * self.thread_waits;
        self.left = match self.left {
            None => is_worse.then_some(0),
            // The thread's are not better.
            Some(_) if !is_worse => None,
            Some(good) if way == Way::Thread => Some(good),
            Some(_) if has_waited => Some(0),
            Some(good) => (good + 1 < TRIES).then_some(good + 1),
        };
        if self.left.is_none() && is_worse {
            self.waits = 0;
        }
    }

    /// A write took so long.
    pub(crate) fn note(&mut self, way: Way, took_ns: u64) {
        let usual = self.usual();
        self.note_wait(way, took_ns);
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
        self.steady = self.steady.saturating_add(1);
        if usual == Way::Ring && self.steady == TRY_AFTER_MAX {
            self.after = TRY_AFTER;
        }
        if self.usual() != usual {
            // It may have been a moment's; but each time that the ring is left soon again it is tried later.
            (self.rest, self.tries, self.steady) = (self.after, TRIES, 0);
            if usual == Way::Ring {
                self.after = (2 * self.after).min(TRY_AFTER_MAX);
            }
        } else if way == Way::Ring && usual == Way::Thread && self.tries < TRIES {
            // The ring is as slow as it was: four such writes of 256 would be more than one in a hundred.
            let thread = self.thread.unwrap_or(u64::MAX);
            if is_slow(took_ns, thread) {
                self.end_tries();
            }
        }
    }
}

/// Whether the ring takes so much longer than the thread that it is left.
fn is_slow(ring: u64, thread: u64) -> bool {
    ring > thread.saturating_mul(RING_HALVES) / 2
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
    fn a_ring_that_waits_once_in_a_while_is_left_too() {
        let mut ways = Ways::default();
        let (mut by_ring, mut waited) = (0, 0);
        for _ in 0..50_000 {
            let way = ways.next();
            by_ring += u32::from(way == Way::Ring);
            let waits = way == Way::Ring && by_ring % 20 == 0;
            waited += u32::from(waits);
            ways.note(way, if waits { 4_000_000 } else { 100_000 });
        }
        assert!(waited < 50, "{waited} of {by_ring}");
        // Where none waits it is taken again, and stays.
        by_thread(&mut ways, 60_000, 100_000, 110_000);
        assert!(by_thread(&mut ways, 20_000, 100_000, 110_000) < 100);
    }

    #[test]
    fn a_disk_that_is_slow_once_in_a_while_is_no_reason_to_leave_the_ring() {
        let mut ways = Ways::default();
        let mut by_ring = 0;
        for write in 0..50_000_u32 {
            let way = ways.next();
            by_ring += u32::from(way == Way::Ring);
            ways.note(way, if write % 23 == 0 { 4_000_000 } else { 100_000 });
        }
        assert!(by_ring > 40_000, "{by_ring}");
    }

    #[test]
    fn a_thread_that_is_slower_is_only_tried() {
        let mut ways = Ways::default();
        assert!(by_thread(&mut ways, 10_000, 2_000_000, 4_000_000) < 50);
        by_thread(&mut ways, 2, u64::MAX, u64::MAX);
        by_thread(&mut ways, 2, 0, 0);
    }
}
