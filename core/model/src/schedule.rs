//! When a timer is due, read from the text that its expression gave.

use crate::cron::Cron;
use crate::interval::{Interval, Repeated};
use ringbolt_feel::{DateTime, Zone};

/// When a timer is due.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// Once, at a time: milliseconds since 1970.
    At(i64),
    /// Once, after a span.
    After(Interval),
    /// Again and again, a span apart.
    Every(Repeated),
    /// Again and again, at the times of an expression.
    Cron(Box<Cron>),
}

/// One of the times at which a timer is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Milliseconds since 1970.
    pub at: i64,
    /// How often it comes with this time; [`Repeated::ENDLESS`] without an end.
    pub repetitions: i32,
}

impl Due {
    /// Whether this is not the last time.
    pub fn comes_again(&self) -> bool {
        self.repetitions == Repeated::ENDLESS || self.repetitions > 1
    }
}

impl Schedule {
    /// Reads a date and time with an offset; `expression` is what a message shows.
    ///
    /// # Errors
    /// What is wrong with it, as the reference engine says it.
    pub fn at(text: &str, expression: &str) -> Result<Self, String> {
        let millis = DateTime::parse(text).and_then(|time| time.epoch_millis());
        millis
            .map(Self::At)
            .ok_or_else(|| format!("Invalid date-time format '{text}' for expression '{expression}'."))
    }

    /// Reads a span; `expression` is what a message shows.
    ///
    /// # Errors
    /// What is wrong with it, as the reference engine says it.
    pub fn after(text: &str, expression: &str) -> Result<Self, String> {
        Interval::parse(text)
            .map(Self::After)
            .ok_or_else(|| format!("Invalid duration format '{text}' for expression '{expression}'."))
    }

    /// Reads a repeated span, which begins with `R`, or a cron expression.
    ///
    /// # Errors
    /// What is wrong with it, as the reference engine says it.
    pub fn cycle(text: &str) -> Result<Self, String> {
        match text.starts_with('R') {
            true => Repeated::parse(text).map(Self::Every),
            false => Cron::parse(text).map(|cron| Self::Cron(Box::new(cron))),
        }
    }

    /// When a timer that is made now is due first. What lies beyond the calendar never comes: it is due at its end.
    pub fn first(&self, now: i64) -> Due {
        match self {
            Self::At(at) => Due { at: *at, repetitions: 1 },
            Self::After(interval) => Due { at: over(interval, now), repetitions: 1 },
            Self::Every(repeated) => {
                let start = repeated.start.as_ref().and_then(DateTime::epoch_millis);
                let at = start.map_or_else(|| over(&repeated.interval, now), |start| start.max(now));
                Due { at, repetitions: repeated.times }
            }
            Self::Cron(cron) => next_of(cron, now),
        }
    }

    /// When a timer that was due is due again; none when that was the last time. A time that has passed by then is now.
    pub fn next(&self, last: Due, now: i64) -> Option<Due> {
        if !last.comes_again() {
            return None;
        }
        match self {
            Self::At(_) | Self::After(_) => None,
            Self::Every(repeated) => {
                let last_at = match &repeated.start {
                    Some(start) => DateTime::at_clock_of(last.at, start),
                    None => DateTime::at_millis(last.at, Zone::utc()),
                };
                let at = last_at.and_then(|last| repeated.interval.after(&last)).unwrap_or(i64::MAX);
                let is_endless = last.repetitions == Repeated::ENDLESS;
                let repetitions = if is_endless { Repeated::ENDLESS } else { last.repetitions - 1 };
                Some(Due { at: at.max(now), repetitions })
            }
            Self::Cron(cron) => Some(next_of(cron, now)),
        }
    }
}

fn over(interval: &Interval, now: i64) -> i64 {
    let start = DateTime::at_millis(now, Zone::utc());
    start.and_then(|start| interval.after(&start)).unwrap_or(i64::MAX)
}

/// An expression that never comes again is due at once, for the last time, as in the reference engine.
fn next_of(cron: &Cron, now: i64) -> Due {
    match cron.next(now) {
        Some(at) => Due { at, repetitions: Repeated::ENDLESS },
        None => Due { at: now, repetitions: 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::{Due, Schedule};
    use ringbolt_feel::DateTime;

    fn millis(text: &str) -> i64 {
        DateTime::parse(text).unwrap().epoch_millis().unwrap()
    }

    /// The times at which a cycle is due when each comes on time.
    fn times(text: &str, now: &str) -> Vec<i64> {
        let schedule = Schedule::cycle(text).unwrap();
        let mut next = Some(schedule.first(millis(now)));
        let mut times = Vec::new();
        while let Some(due) = next.filter(|_| times.len() < 4) {
            times.push(due.at);
            next = schedule.next(due, due.at);
        }
        times
    }

    #[test]
    fn a_cycle_counts_its_times() {
        let now = "2026-03-28T12:00:00Z";
        let at = |minutes: i64| millis(now) + minutes * 60_000;
        assert_eq!(times("R3/PT1H", now), [at(60), at(120), at(180)]);
        assert_eq!(times("R/PT1H", now), [at(60), at(120), at(180), at(240)]);
        for once in ["R1/PT1H", "R0/PT1H", "R-7/PT1H"] {
            assert_eq!(times(once, now), [at(60)], "{once}");
        }
        assert_eq!(times("R2/2026-03-28T13:00:00Z/PT1H", now), [at(60), at(120)]);
        assert_eq!(times("R2/2020-01-01T00:00:00Z/PT1H", now), [at(0), at(60)], "what has passed is now");
        // By the clock of its zone, which changes to summer time.
        let berlin = "R3/2026-03-28T13:00:00+01:00[Europe/Berlin]/P1D";
        assert_eq!(times(berlin, now), [at(0), at(23 * 60), at(47 * 60)]);
        assert_eq!(times("0 0 13 * * *", now), [1, 25, 49, 73].map(|hours| at(hours * 60)));
        assert_eq!(times("0 0 0 30 2 *", now), [at(0)], "what never comes is due once");
    }

    #[test]
    fn times_that_were_missed_come_once() {
        let schedule = Schedule::cycle("R/PT10S").unwrap();
        let last = Due { at: 20_000, repetitions: -1 };
        assert_eq!(schedule.next(last, 21_000), Some(Due { at: 30_000, repetitions: -1 }));
        assert_eq!(schedule.next(last, 47_000), Some(Due { at: 47_000, repetitions: -1 }));
    }

    #[test]
    fn what_lies_beyond_the_calendar_is_due_at_its_end() {
        for text in ["P999999999999Y", "P99999999999999D", "PT999999999999999H"] {
            if let Ok(schedule) = Schedule::after(text, text) {
                assert!(schedule.first(0).at > millis("9999-01-01T00:00:00Z"), "{text}");
            }
        }
    }
}
