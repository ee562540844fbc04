//! The course of a run: warm-up, measured window, drain; with a look at everything once a second.

use crate::error::Error;
use crate::run::{CYCLE_MAX, Run};
use crate::server_watch::{Glimpse, ServerWatch};
use crate::stats::{Counts, Kind};
use ringbolt_ring::time::now;
use ringbolt_ring::{Shutdown, sleep};
use std::rc::Rc;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
/// Between looks at whether everything is answered.
const DRAIN_LOOK: Duration = Duration::from_millis(20);
/// Between looks at whether it is to stop.
const STOP_LOOK: Duration = Duration::from_millis(100);

/// How long each part takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    pub(crate) warmup: Duration,
    /// Of the window; none runs until stopped.
    pub(crate) duration: Option<Duration>,
    /// Longest wait for what is under way after the window.
    pub(crate) drain_max: Duration,
    pub(crate) end: End,
}

/// What ends the window beside its duration and a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing.
    ByTime,
    /// The last of a number of instances.
    ByInstances,
}

/// One second of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Second {
    /// Since the start.
    pub(crate) elapsed: Duration,
    pub(crate) is_warmup: bool,
    /// How long this one was, seconds.
    pub(crate) seconds: f64,
    pub(crate) counts: Counts,
    pub(crate) all: Counts,
    pub(crate) create_ms: [f64; 2],
    pub(crate) job_ms: [f64; 2],
    pub(crate) cycle_ms: [f64; 2],
    pub(crate) under_way: usize,
    pub(crate) server: Option<Glimpse>,
}

fn second_of(run: &Run, watch: &mut ServerWatch, start: Instant, since: Instant, is_warmup: bool) -> Second {
    let at = now();
    let server = watch.glimpse();
    let all = *run.stats.borrow().all();
    run.stats.borrow_mut().take_second(|period| {
        let pair = |kind| [period.latency(kind).quantile_ms(0.5), period.latency(kind).quantile_ms(0.99)];
        Second {
            elapsed: at.saturating_duration_since(start),
            is_warmup,
            seconds: at.saturating_duration_since(since).as_secs_f64(),
            counts: period.counts,
            all,
            create_ms: pair(Kind::Create),
            job_ms: pair(Kind::Job),
            cycle_ms: pair(Kind::Cycle),
            under_way: run.creating.get() + run.cycles.borrow().under_way(),
            server,
        }
    })
}

/// Plays the timeline; the length of the window.
pub(crate) async fn play(
    run: &Rc<Run>,
    timeline: Timeline,
    watch: &mut ServerWatch,
    shutdown: Option<&Shutdown>,
    mut on_second: impl FnMut(&Second),
) -> Result<Duration, Error> {
    let start = now();
    let is_stopping = || shutdown.is_some_and(Shutdown::is_triggered);
    let mut opened: Option<Instant> = None;
    let (mut since, mut tick) = (start, start + SECOND);
    let opened = loop {
        let boundary = match (opened, timeline.duration) {
            (None, _) => Some(start + timeline.warmup),
            (Some(from), Some(duration)) => Some(from + duration),
            (Some(_), None) => None,
        };
        let look = match timeline.end {
            End::ByTime if shutdown.is_some() => tick.min(now() + STOP_LOOK),
            End::ByTime => tick,
            End::ByInstances => tick.min(now() + DRAIN_LOOK),
        };
        run.clock.until(boundary.map_or(look, |boundary| boundary.min(look))).await;
        let at = now();
        if at >= tick {
            on_second(&second_of(run, watch, start, since, opened.is_none()));
            run.give_up(CYCLE_MAX);
            since = at;
            while tick <= at {
                tick += SECOND;
            }
        }
        let is_over = boundary.is_some_and(|boundary| at >= boundary);
        match opened {
            None if is_over || is_stopping() => {
                watch.open().await?;
                let at = now();
                run.stats.borrow_mut().open_window(at);
                opened = Some(at);
            }
            Some(from) if is_over || is_stopping() || (run.exhausted.get() && run.is_idle()) => break from,
            None | Some(_) => {}
        }
    };
    // A run that ended by itself ended with its last answer, not with the look that noticed.
    let closed = if run.exhausted.get() { run.last_event().max(opened) } else { now() };
    run.stats.borrow_mut().close_window(closed);
    watch.close().await?;
    run.stopped.set(true);
    drain(run, timeline.drain_max).await;
    Ok(closed.saturating_duration_since(opened))
}

async fn drain(run: &Rc<Run>, drain_max: Duration) {
    let end = now() + drain_max;
    while !run.is_idle() && now() < end {
        sleep(DRAIN_LOOK).await;
    }
    run.give_up(Duration::ZERO);
}
