//! How much is searched at once, and how long.

use crate::config::{ConfigError, Given, error};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Threads unless told otherwise.
const THREADS_DEFAULT: u64 = 4;
/// Searches that wait for one unless told otherwise.
const QUEUE_DEFAULT: u64 = 256;
/// How long a search may take unless told otherwise, ms.
const TIME_MS_DEFAULT: u64 = 10_000;
/// How long a read waits for a position unless told otherwise, ms.
const WAIT_MS_DEFAULT: u64 = 5_000;

/// Bounds of searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchSettings {
    /// Threads.
    pub threads: usize,
    /// Searches that wait for one; one more is refused.
    pub queue_max: usize,
    /// How long one may take.
    pub time_max: Duration,
    /// How long one waits for a position.
    pub wait_max: Duration,
}

impl Given {
    /// The bounds of searches, checked.
    pub(crate) fn searches(&self) -> Result<SearchSettings, ConfigError> {
        let count =
            |name, given, range, default| within(name, given, range, default).map(|count| count as usize);
        let span =
            |name, given, range, default| within(name, given, range, default).map(Duration::from_millis);
        Ok(SearchSettings {
            threads: count("search-threads", self.search_threads, 1..=64, THREADS_DEFAULT)?,
            queue_max: count("search-queue", self.search_queue, 1..=100_000, QUEUE_DEFAULT)?,
            time_max: span("search-time-ms", self.search_time_ms, 10..=600_000, TIME_MS_DEFAULT)?,
            wait_max: span("search-wait-ms", self.search_wait_ms, 1..=600_000, WAIT_MS_DEFAULT)?,
        })
    }
}

fn within(
    name: &'static str,
    given: Option<u64>,
    range: RangeInclusive<u64>,
    default: u64,
) -> Result<u64, ConfigError> {
    let value = given.unwrap_or(default);
    if range.contains(&value) {
        return Ok(value);
    }
    Err(error(name, format!("{value} is not within {} to {}", range.start(), range.end())))
}

#[cfg(test)]
mod tests {
    use crate::config::Given;
    use std::time::Duration;

    #[test]
    fn bounds_are_checked() {
        let defaults = Given::default().searches().expect("the defaults hold");
        assert_eq!((defaults.threads, defaults.queue_max), (4, 256));
        let least = Given { search_time_ms: Some(10), search_wait_ms: Some(1), ..Given::default() };
        let least = least.searches().expect("within their ranges");
        assert_eq!((least.time_max, least.wait_max), (Duration::from_millis(10), Duration::from_millis(1)));
        for (given, name) in [
            (Given { search_threads: Some(0), ..Given::default() }, "search-threads"),
            (Given { search_threads: Some(65), ..Given::default() }, "search-threads"),
            (Given { search_queue: Some(100_001), ..Given::default() }, "search-queue"),
            (Given { search_time_ms: Some(9), ..Given::default() }, "search-time-ms"),
            (Given { search_wait_ms: Some(0), ..Given::default() }, "search-wait-ms"),
        ] {
            let refused = given.searches().expect_err("out of range").to_string();
            assert!(refused.starts_with(&format!("setting {name}: ")), "{refused}");
        }
    }
}
