//! The clock as a test has it: ahead of the host's by so much, or standing still.
//!
//! Invariant: without a test's doing it is the host's clock; nothing here is kept over the end of the process.

use std::sync::atomic::{AtomicI64, Ordering};

/// The end of the year 9999, but for the hours that some place on Earth is behind, milliseconds since 1970-01-01 UTC: no clock is set further, so
/// that every time it gives can be written.
pub const CLOCK_MS_MAX: i64 = 253_402_207_200_000;
/// It does not stand still.
const RUNS: i64 = i64::MIN;

/// What is added to the host's clock, milliseconds.
static AHEAD_MS: AtomicI64 = AtomicI64::new(0);
/// Where it stands still, milliseconds since 1970-01-01 UTC.
static PINNED_MS: AtomicI64 = AtomicI64::new(RUNS);

/// The time that partitions are told when the host's clock says `host_ms`.
pub(crate) fn at(host_ms: i64) -> i64 {
    match PINNED_MS.load(Ordering::Relaxed) {
        RUNS => host_ms.saturating_add(AHEAD_MS.load(Ordering::Relaxed)),
        pinned_ms => pinned_ms,
    }
}

/// It stands still at a time, until it is told otherwise. Within 0 and [`CLOCK_MS_MAX`].
pub fn pin_clock(at_ms: i64) {
    PINNED_MS.store(at_ms.clamp(0, CLOCK_MS_MAX), Ordering::Relaxed);
}

/// It goes forward by so many milliseconds, or back; where it stands still it stands still there.
pub fn move_clock(by_ms: i64) {
    let host_ms = crate::clock::host_ms();
    match PINNED_MS.load(Ordering::Relaxed) {
        RUNS => {
            let wanted = at(host_ms).saturating_add(by_ms).clamp(0, CLOCK_MS_MAX);
            AHEAD_MS.store(wanted - host_ms, Ordering::Relaxed);
        }
        pinned_ms => pin_clock(pinned_ms.saturating_add(by_ms)),
    }
}

/// It is the host's clock again.
pub fn reset_clock() {
    AHEAD_MS.store(0, Ordering::Relaxed);
    PINNED_MS.store(RUNS, Ordering::Relaxed);
}

/// The time that partitions are told, milliseconds since 1970-01-01 UTC.
pub fn clock_ms() -> i64 {
    crate::clock::now_ms()
}
