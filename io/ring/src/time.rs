//! The clocks and timers of a core. Timers have a resolution of one millisecond and never fire early.
//!
//! This is the only place where the product reads a clock: everything above takes an [`Instant`] or Unix
//! milliseconds from here (or from the simulator).

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The monotonic clock.
pub fn now() -> Instant {
    Instant::now()
}

/// The wall clock: milliseconds since 1970-01-01 UTC. It may go backwards.
pub fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A timer that completes once; made by [`sleep`] and [`sleep_until`].
pub struct Sleep(monoio::time::Sleep);

impl Sleep {
    /// Moves the deadline, also of a timer that has completed.
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        // SAFETY: the inner timer is pinned with its wrapper and never moved out.
        let inner = unsafe { self.map_unchecked_mut(|sleep| &mut sleep.0) };
        inner.reset(monoio::time::Instant::from_std(deadline));
    }

    /// Whether the deadline passed.
    pub fn is_elapsed(&self) -> bool {
        self.0.is_elapsed()
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: the inner timer is pinned with its wrapper and never moved out.
        unsafe { self.map_unchecked_mut(|sleep| &mut sleep.0) }.poll(cx)
    }
}

/// Completes `duration` from now.
pub fn sleep(duration: Duration) -> Sleep {
    Sleep(monoio::time::sleep(duration))
}

/// Completes at `deadline`.
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep(monoio::time::sleep_until(monoio::time::Instant::from_std(deadline)))
}

/// A [`timeout`] ran out before its future completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time limit ran out")
    }
}

impl std::error::Error for Elapsed {}

/// Runs `future` for at most `limit`. A future that is ready in its first poll costs no timer.
pub fn timeout<F: Future>(limit: Duration, future: F) -> Timeout<F> {
    timeout_if(Some(limit), future)
}

/// [`timeout`] where there may be no limit.
pub fn timeout_if<F: Future>(limit: Option<Duration>, future: F) -> Timeout<F> {
    Timeout { future, limit, sleep: None }
}

/// A future with a time limit; made by [`timeout`]. It holds the future once: an async function would hold it twice, as
/// its argument and where it is awaited, and limits around limits multiply that.
#[must_use = "a future does nothing until it is polled"]
pub struct Timeout<F> {
    future: F,
    limit: Option<Duration>,
    /// From the first poll that was not the last. In a box: a timer is 640 bytes, aligned to 128, and would make each future around it so.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `future` is pinned with its wrapper and never moved out; `sleep` has a pin of its own.
        let (future, limit, timer) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.future), this.limit, &mut this.sleep)
        };
        if let Poll::Ready(output) = future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let Some(limit) = limit else { return Poll::Pending };
        let timer = timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        timer.as_mut().poll(cx).map(|()| Err(Elapsed))
    }
}

/// Ticks at a fixed period from its creation; ticks that were missed are skipped, not made up for.
pub struct Interval {
    sleep: Pin<Box<Sleep>>,
    next: Instant,
    period: Duration,
}

/// The first tick comes after one `period`, which must not be zero.
pub fn interval(period: Duration) -> Interval {
    assert!(!period.is_zero(), "an interval needs a period");
    let next = now() + period;
    Interval { sleep: Box::pin(sleep_until(next)), next, period }
}

impl Interval {
    /// Waits for the next tick.
    pub async fn tick(&mut self) {
        self.sleep.as_mut().await;
        let late = now().saturating_duration_since(self.next);
        let missed = u32::try_from(late.as_nanos() / self.period.as_nanos()).unwrap_or(u32::MAX);
        self.next += self.period.saturating_mul(missed.saturating_add(1));
        self.sleep.as_mut().reset(self.next);
    }
}
