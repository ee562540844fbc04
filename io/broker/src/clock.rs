//! The clock that partitions are told: the wall clock at the start, and from then on the monotonic clock.
//!
//! A wall clock that is set while the server runs would make every deadline late (when it goes back) or early (when it goes
//! forward). So this one never goes back and never jumps by itself. A jump of the wall clock is noted; one that goes
//! forward is followed once it has stood for [`SETTLES_MS`], because dates in models mean the wall clock; one that goes back
//! is not followed in this life: a later start reads the wall clock anew, but never begins before what its log has seen.
//!
//! Invariant: between two readings it advances by what the monotonic clock advanced, or by more.

use crate::controlled_clock;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

/// How far wall clock and this one may be apart before it is a jump, milliseconds.
const JUMP_MS: i64 = 1_000;
/// How long a jump forward has to stand before it is followed, milliseconds.
const SETTLES_MS: i64 = 300_000;

/// News of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockJump {
    /// It was set, and is now so many milliseconds ahead of the time that partitions are told; behind it when negative.
    Seen {
        /// Milliseconds.
        ahead_ms: i64,
    },
    /// A jump forward has stood long enough: the time that partitions are told went forward by so many milliseconds.
    Followed {
        /// Milliseconds.
        by_ms: i64,
    },
}

/// What the wall clock is compared with. One of these looks, see [`ClockWatch::look`].
#[derive(Debug, Default)]
pub(crate) struct ClockWatch {
    /// How far the wall clock was ahead when it was looked at last, milliseconds.
    ahead_ms: i64,
    /// When, on the monotonic clock, the wall clock got where it is.
    since_ms: i64,
    /// Jumps seen.
    pub(crate) jumps: u64,
}

/// Turns monotonic milliseconds into the time that partitions are told.
#[derive(Debug)]
pub(crate) struct HostClock {
    /// What is added to the monotonic clock, milliseconds. Only ever grows.
    offset_ms: AtomicI64,
}

impl HostClock {
    /// A clock that starts at the wall clock.
    pub(crate) const fn new(wall_ms: i64, monotonic_ms: i64) -> Self {
        Self { offset_ms: AtomicI64::new(wall_ms - monotonic_ms) }
    }

    /// The time that partitions are told, milliseconds since 1970-01-01 UTC.
    pub(crate) fn at(&self, monotonic_ms: i64) -> i64 {
        monotonic_ms + self.offset_ms.load(Ordering::Relaxed)
    }

    /// It is at least this late: what a log has seen is not seen again.
    pub(crate) fn not_before(&self, time_ms: i64, monotonic_ms: i64) {
        self.offset_ms.fetch_max(time_ms.saturating_sub(monotonic_ms), Ordering::Relaxed);
    }
}

impl ClockWatch {
    /// Compares the clock with the wall clock; to be called every second or so.
    pub(crate) fn look(&mut self, clock: &HostClock, wall_ms: i64, monotonic_ms: i64) -> Option<ClockJump> {
        let ahead_ms = wall_ms - clock.at(monotonic_ms);
        if (ahead_ms - self.ahead_ms).abs() > JUMP_MS {
            (self.ahead_ms, self.since_ms) = (ahead_ms, monotonic_ms);
            if ahead_ms.abs() <= JUMP_MS {
                // It is back where it belongs.
                self.ahead_ms = 0;
            }
            self.jumps += 1;
            return Some(ClockJump::Seen { ahead_ms });
        }
        if self.ahead_ms > JUMP_MS && monotonic_ms - self.since_ms >= SETTLES_MS {
            clock.not_before(wall_ms, monotonic_ms);
            self.ahead_ms = 0;
            return Some(ClockJump::Followed { by_ms: ahead_ms });
        }
        None
    }
}

/// This process's clock, and where its monotonic clock begins.
fn process_clock() -> &'static (HostClock, Instant) {
    static CLOCK: OnceLock<(HostClock, Instant)> = OnceLock::new();
    CLOCK.get_or_init(|| (HostClock::new(wall_ms(), 0), ringbolt_ring::time::now()))
}

/// What tests have set the wall clock forward by, milliseconds.
#[cfg(test)]
static SET_MS: AtomicI64 = AtomicI64::new(0);

#[cfg(test)]
pub(crate) fn set_wall_clock(ahead_ms: i64) {
    SET_MS.store(ahead_ms, Ordering::Relaxed);
}

/// The wall clock.
fn wall_ms() -> i64 {
    let wall_ms = ringbolt_ring::time::unix_ms();
    #[cfg(test)]
    let wall_ms = wall_ms + SET_MS.load(Ordering::Relaxed);
    wall_ms
}

fn monotonic_ms(begins: &Instant) -> i64 {
    i64::try_from(begins.elapsed().as_millis()).unwrap_or(i64::MAX)
}

/// The host's time, milliseconds since 1970-01-01 UTC.
pub(crate) fn host_ms() -> i64 {
    let (clock, begins) = process_clock();
    clock.at(monotonic_ms(begins))
}

/// The time that partitions are told, milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> i64 {
    controlled_clock::at(host_ms())
}

/// This process's clock goes on behind what a log has seen.
pub(crate) fn not_before(time_ms: i64) {
    let (clock, begins) = process_clock();
    clock.not_before(time_ms, monotonic_ms(begins));
}

/// Compares this process's clock with the wall clock.
pub(crate) fn look(watch: &mut ClockWatch) -> Option<ClockJump> {
    let (clock, begins) = process_clock();
    watch.look(clock, wall_ms(), monotonic_ms(begins))
}

#[cfg(test)]
mod tests {
    use super::{ClockJump, ClockWatch, HostClock, SETTLES_MS};

    const DAY_MS: i64 = 86_400_000;
    const START_MS: i64 = 1_800_000_000_000;

    #[test]
    fn a_clock_that_is_set_moves_no_deadline() {
        let clock = HostClock::new(START_MS, 0);
        let mut watch = ClockWatch::default();
        // Back by a day, forward by a day for a minute, back again: time goes on evenly, second by second.
        let wall = |second: i64| match second {
            10..100 => -DAY_MS,
            100..160 => DAY_MS,
            _ => 0,
        };
        let mut seen = Vec::new();
        for second in 0..400 {
            let monotonic_ms = second * 1_000;
            let jump = watch.look(&clock, START_MS + monotonic_ms + wall(second), monotonic_ms);
            seen.extend(jump.map(|jump| (second, jump)));
            assert_eq!(clock.at(monotonic_ms), START_MS + monotonic_ms, "second {second}");
        }
        let expected = [(10, -DAY_MS), (100, DAY_MS), (160, 0)];
        assert_eq!(seen, expected.map(|(second, ahead_ms)| (second, ClockJump::Seen { ahead_ms })));
        assert_eq!(watch.jumps, 3);
    }

    #[test]
    fn a_jump_forward_that_stays_is_followed_and_one_back_never() {
        let clock = HostClock::new(START_MS, 0);
        let mut watch = ClockWatch::default();
        let jump = watch.look(&clock, START_MS + DAY_MS, 1_000);
        assert_eq!(jump, Some(ClockJump::Seen { ahead_ms: DAY_MS - 1_000 }));
        assert_eq!(watch.look(&clock, START_MS + DAY_MS + SETTLES_MS - 1, SETTLES_MS), None);
        let late = SETTLES_MS + 1_000;
        let followed = watch.look(&clock, START_MS + DAY_MS + SETTLES_MS, late);
        assert_eq!(followed, Some(ClockJump::Followed { by_ms: DAY_MS - 1_000 }));
        assert_eq!(clock.at(late), START_MS + DAY_MS + SETTLES_MS);
        assert_eq!(watch.look(&clock, START_MS + DAY_MS + SETTLES_MS + 1_000, late + 1_000), None);
        // Back to the truth: from now on the clock is a day ahead and stays even.
        for later in [2_000, 2 * SETTLES_MS, 9 * SETTLES_MS] {
            let _ = watch.look(&clock, START_MS + late + later, late + later);
            assert_eq!(clock.at(late + later), START_MS + DAY_MS + SETTLES_MS + later);
        }
    }

    #[test]
    fn a_start_with_a_clock_behind_its_log_goes_on_behind_the_log() {
        let clock = HostClock::new(START_MS, 5_000);
        clock.not_before(START_MS + DAY_MS, 5_000);
        clock.not_before(START_MS - DAY_MS, 5_000);
        assert_eq!(clock.at(5_000), START_MS + DAY_MS);
        assert_eq!(clock.at(65_000), START_MS + DAY_MS + 60_000, "it does not stand still");
    }

    #[test]
    fn a_clock_that_is_disciplined_in_small_steps_is_no_news() {
        let clock = HostClock::new(START_MS, 0);
        let mut watch = ClockWatch::default();
        for second in 0..1_000 {
            let monotonic_ms = second * 1_000;
            assert_eq!(watch.look(&clock, START_MS + monotonic_ms + second % 40 - 20, monotonic_ms), None);
        }
    }
}
