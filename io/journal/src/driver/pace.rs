//! When what nobody waits for is written.
//!
//! One write is in flight at a time, and who appends meanwhile waits for its end and then for the next. What a core goes on with by itself
//! would keep the disk busy without a pause, so that everybody waited for two flushes instead of one, longest when flushes are slow. So a
//! batch for which nobody waits begins only some time after the one before has ended: about as long as that took.

use std::time::Duration;

/// The least and the most that it waits, nanoseconds.
const REST_NS_MIN: u64 = 1_000_000;
const REST_NS_MAX: u64 = 5_000_000;

/// Whether the next write may wait.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Somebody waits for something of it.
    is_awaited: bool,
    /// When one for which nobody waits may begin.
    rested_at_ns: u64,
}

impl Pace {
    /// Somebody waits for what was appended.
    pub(super) fn hurry(&mut self) {
        self.is_awaited = true;
    }

    /// Whether somebody does.
    pub(super) fn is_awaited(&self) -> bool {
        self.is_awaited
    }

    /// A write begins, with all that was appended.
    pub(super) fn begin(&mut self) {
        self.is_awaited = false;
    }

    /// It has ended, and took so long.
    pub(super) fn end(&mut self, now_ns: u64, duration_ns: u64) {
        self.rested_at_ns = now_ns.saturating_add(duration_ns.clamp(REST_NS_MIN, REST_NS_MAX));
    }

    /// How long the next write waits unless somebody comes to wait for it.
    pub(super) fn rest(&self, now_ns: u64) -> Option<Duration> {
        let left = self.rested_at_ns.saturating_sub(now_ns);
        (!self.is_awaited && left > 0).then(|| Duration::from_nanos(left))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, REST_NS_MAX, REST_NS_MIN};
    use std::time::Duration;

    #[test]
    fn what_nobody_waits_for_rests_for_as_long_as_the_write_before_took() {
        let mut pace = Pace::default();
        assert_eq!(pace.rest(0), None, "there was none before");
        pace.begin();
        pace.end(10, 2 * REST_NS_MIN);
        assert_eq!(pace.rest(10), Some(Duration::from_nanos(2 * REST_NS_MIN)));
        assert_eq!(pace.rest(9 + 2 * REST_NS_MIN), Some(Duration::from_nanos(1)));
        assert_eq!(pace.rest(10 + 2 * REST_NS_MIN), None);
        for (took, rests) in [(0, REST_NS_MIN), (u64::MAX, REST_NS_MAX)] {
            pace.end(10, took);
            assert_eq!(pace.rest(10), Some(Duration::from_nanos(rests)));
        }
    }

    #[test]
    fn what_somebody_waits_for_is_written_at_once_and_what_comes_after_it_rests() {
        let mut pace = Pace::default();
        pace.end(0, 0);
        pace.hurry();
        assert_eq!(pace.rest(0), None);
        pace.begin();
        assert!(pace.rest(0).is_some());
        // It came while the write was in flight, and is in the next one.
        pace.hurry();
        pace.end(0, 0);
        assert_eq!(pace.rest(0), None);
    }
}
