//! What a run measured: latencies as HDR histograms, counts, errors by status.
//!
//! Only what belongs to the measured window is kept for the report: latencies of requests that were due in it, however late
//! they ended, and counts of what happened in it. A second set covers the last second, for the live line.

use crate::call::CallError;
use hdrhistogram::Histogram;
use ringbolt_ring::time::unix_ms;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Longest latency told apart, microseconds: ten minutes.
const LATENCY_US_MAX: u64 = 600_000_000;
/// Significant digits of a latency.
const DIGITS: u8 = 3;

/// Latencies of one kind.
#[derive(Clone, Debug)]
pub struct Latency(Histogram<u64>);

impl Default for Latency {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LATENCY_US_MAX, DIGITS).expect("the bounds are valid"))
    }
}

impl Latency {
    /// Counts one latency; one beyond the range counts as the longest.
    pub fn record(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(us.clamp(1, LATENCY_US_MAX));
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The latency that a part `q` (0 to 1) stays below, milliseconds.
    pub fn quantile_ms(&self, q: f64) -> f64 {
        self.0.value_at_quantile(q) as f64 / 1000.0
    }

    /// The longest, milliseconds.
    pub fn max_ms(&self) -> f64 {
        self.0.max() as f64 / 1000.0
    }

    /// Forgets everything: the warm-up is over.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// For the report, milliseconds.
    pub fn json(&self) -> Value {
        json!({
            "count": self.count(),
            "p50_ms": self.quantile_ms(0.5),
            "p90_ms": self.quantile_ms(0.9),
            "p99_ms": self.quantile_ms(0.99),
            "p999_ms": self.quantile_ms(0.999),
            "max_ms": self.max_ms(),
        })
    }
}

/// Which latency. All are measured from when their request was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Creation due -> sent: what this tool itself was late.
    Sent,
    /// Creation due -> acknowledged.
    Create,
    /// Creation due -> its job at the worker.
    Job,
    /// Creation due -> refused, because the server has too much to do.
    Refused,
    /// Completion due (job received + work) -> acknowledged.
    Complete,
    /// Creation due -> completion acknowledged, less the work.
    Cycle,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Create, Self::Refused, Self::Job, Self::Complete, Self::Cycle, Self::Sent];

    /// In reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sent => "late_sent",
            Self::Create => "create_acknowledged",
            Self::Refused => "create_refused",
            Self::Job => "created_to_job",
            Self::Complete => "complete_acknowledged",
            Self::Cycle => "cycle_without_work",
        }
    }

    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Sent => "sent late by this tool",
            Self::Create => "create acknowledged",
            Self::Refused => "create refused",
            Self::Job => "created -> job received",
            Self::Complete => "complete acknowledged",
            Self::Cycle => "whole cycle without work",
        }
    }
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Creations acknowledged.
    pub(crate) created: u64,
    /// Creations refused: too much to do.
    pub(crate) refused: u64,
    /// Jobs received.
    pub(crate) jobs: u64,
    /// Completions acknowledged.
    pub(crate) completed: u64,
    /// Jobs received again before their deadline.
    pub(crate) duplicates: u64,
    /// Requests that failed.
    pub(crate) errors: u64,
    /// Creations that were due while as many as possible were unanswered.
    pub(crate) stuck: u64,
}

/// Counts and latencies over some time.
#[derive(Clone, Default)]
pub(crate) struct Period {
    pub(crate) counts: Counts,
    latencies: [Latency; Kind::ALL.len()],
}

impl Period {
    pub(crate) fn latency(&self, kind: Kind) -> &Latency {
        &self.latencies[kind as usize]
    }

    fn clear(&mut self) {
        self.counts = Counts::default();
        self.latencies.iter_mut().for_each(Latency::clear);
    }
}

/// What is counted when it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Created,
    Refused,
    Job,
    Completed,
    Duplicate,
}

/// What was tried when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Create,
    Activate,
    Complete,
    Throw,
    Publish,
}

impl Operation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Activate => "activate",
            Self::Complete => "complete",
            Self::Throw => "throw error",
            Self::Publish => "publish",
        }
    }
}

/// Failures of one operation with one status.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorCount {
    pub(crate) count: u64,
    /// The first one's words.
    pub(crate) example: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Window {
    NotYet,
    Open { from: Instant },
    Closed { from: Instant, to: Instant },
}

/// Everything a run measures.
pub(crate) struct Stats {
    window: Window,
    total: Period,
    second: Period,
    /// Over the whole run: an error in the warm-up is one too.
    errors: BTreeMap<(Operation, String), ErrorCount>,
    all: Counts,
    /// When the last creation was refused, failed or took long, milliseconds since 1970-01-01 UTC.
    last_trouble_ms: Option<i64>,
}

impl Stats {
    pub(crate) fn new() -> Self {
        Self {
            window: Window::NotYet,
            total: Period::default(),
            second: Period::default(),
            errors: BTreeMap::new(),
            all: Counts::default(),
            last_trouble_ms: None,
        }
    }

    /// The warm-up is over.
    pub(crate) fn open_window(&mut self, now: Instant) {
        self.total.clear();
        self.window = Window::Open { from: now };
    }

    /// Counts stop; latencies of what is already due still come in.
    pub(crate) fn close_window(&mut self, now: Instant) {
        if let Window::Open { from } = self.window {
            self.window = Window::Closed { from, to: now };
        }
    }

    pub(crate) fn record(&mut self, kind: Kind, due: Instant, latency: Duration) {
        self.second.latencies[kind as usize].record(latency);
        let belongs = match self.window {
            Window::NotYet => false,
            Window::Open { from } => due >= from,
            Window::Closed { from, to } => due >= from && due < to,
        };
        if belongs {
            self.total.latencies[kind as usize].record(latency);
        }
    }

    pub(crate) fn count(&mut self, event: Event) {
        self.bump(|counts| match event {
            Event::Created => counts.created += 1,
            Event::Refused => counts.refused += 1,
            Event::Job => counts.jobs += 1,
            Event::Completed => counts.completed += 1,
            Event::Duplicate => counts.duplicates += 1,
        });
    }

    pub(crate) fn error(&mut self, operation: Operation, error: &CallError) {
        self.bump(|counts| counts.errors += 1);
        let entry = self.errors.entry((operation, error.failure.to_string())).or_default();
        entry.count += 1;
        if entry.count == 1 {
            entry.example.clone_from(&error.message);
        }
    }

    /// Creations were due that were not sent: because too many were unanswered (that is the server's fault), or because this tool has
    /// no time for them.
    pub(crate) fn leave_out(&mut self, count: u64, is_stuck: bool) {
        if is_stuck {
            self.bump(|counts| counts.stuck += count);
        }
    }

    /// A creation was refused, failed or took long.
    pub(crate) fn note_trouble(&mut self) {
        self.last_trouble_ms = Some(unix_ms());
    }

    /// When that was the last time, milliseconds since 1970-01-01 UTC.
    pub(crate) fn last_trouble_ms(&self) -> Option<i64> {
        self.last_trouble_ms
    }

    fn bump(&mut self, change: impl Fn(&mut Counts)) {
        change(&mut self.all);
        change(&mut self.second.counts);
        if matches!(self.window, Window::Open { .. }) {
            change(&mut self.total.counts);
        }
    }

    /// The measured window.
    pub(crate) fn total(&self) -> &Period {
        &self.total
    }

    /// Counts since the run began.
    pub(crate) fn all(&self) -> &Counts {
        &self.all
    }

    /// Errors since the run began.
    pub(crate) fn errors(&self) -> &BTreeMap<(Operation, String), ErrorCount> {
        &self.errors
    }

    /// What happened since the last call.
    pub(crate) fn take_second<T>(&mut self, read: impl FnOnce(&Period) -> T) -> T {
        let taken = read(&self.second);
        self.second.clear();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Kind, Latency, Stats};
    use std::time::{Duration, Instant};

    #[test]
    fn quantiles_are_within_a_thousandth() {
        let mut latency = Latency::default();
        (1..=1000).for_each(|ms| latency.record(Duration::from_millis(ms)));
        assert!((latency.quantile_ms(0.5) - 500.0).abs() < 1.0);
        assert!((latency.quantile_ms(0.99) - 990.0).abs() < 2.0);
        latency.record(Duration::from_secs(100_000));
        assert_eq!(latency.count(), 1001);
    }

    #[test]
    fn the_window_takes_what_was_due_in_it_and_counts_what_happened_in_it() {
        let start = Instant::now();
        let at = |second: u64| start + Duration::from_secs(second);
        let second = Duration::from_secs(1);
        let mut stats = Stats::new();
        stats.count(Event::Created);
        stats.record(Kind::Create, at(0), second);
        stats.open_window(at(10));
        stats.record(Kind::Create, at(9), second);
        stats.record(Kind::Create, at(10), second);
        stats.count(Event::Created);
        stats.close_window(at(20));
        // Due in the window and answered long after it: this is the latency that must not be lost.
        stats.record(Kind::Create, at(19), Duration::from_secs(30));
        stats.record(Kind::Create, at(20), second);
        stats.count(Event::Created);
        let total = stats.total();
        assert_eq!((total.counts.created, stats.all().created), (1, 3));
        assert_eq!(total.latency(Kind::Create).count(), 2);
        assert!(total.latency(Kind::Create).max_ms() > 29_000.0);
        assert_eq!(stats.take_second(|period| period.latency(Kind::Create).count()), 5);
        assert_eq!(stats.take_second(|period| period.counts.created), 0);
    }
}
