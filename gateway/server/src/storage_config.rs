//! Settings of secondary storage.

use crate::config::{ConfigError, Given, error, mib};
use ringbolt_broker::STORAGE_BACKLOG_DEFAULT;
use ringbolt_query::{Ages, History};
use std::path::Path;

/// Days that finished instances are kept unless told otherwise.
const HISTORY_DAYS_DEFAULT: u64 = 30;
/// Most days that can be told.
const HISTORY_DAYS_MAX: u64 = 36_500;
/// Least history that can be told, MiB.
const HISTORY_MIB_MIN: u64 = 64;
/// Least history that is kept unless told otherwise, bytes, however little room there is.
const HISTORY_BYTES_MIN: u64 = 1 << 30;
/// Hours until the bytes of deleted history are gone, unless told otherwise.
const REWRITE_HOURS_DEFAULT: u64 = 24;
/// Hours that can be told: at most a month.
const REWRITE_HOURS: std::ops::RangeInclusive<u64> = 1..=744;
/// Records that it may be told to be behind.
const BACKLOG_MAX: std::ops::RangeInclusive<u64> = 1_000..=1_000_000_000_000;
const HOUR_MS: i64 = 3_600 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Secondary storage as it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageConfig {
    /// How long finished instances are kept, milliseconds.
    pub history_ms: i64,
    /// Bytes of history of all partitions; none for half of what is free at the first start.
    pub history_bytes_max: Option<u64>,
    /// How long after history was deleted its bytes are gone, milliseconds.
    pub rewrite_ms: i64,
    /// Records of a partition that it may be behind before new work is slowed.
    pub backlog_max: u64,
}

/// The settings; none to run without.
///
/// # Errors
/// Names what cannot be used.
pub(crate) fn storage(given: &Given) -> Result<Option<StorageConfig>, ConfigError> {
    let days = given.history_days.unwrap_or(HISTORY_DAYS_DEFAULT);
    if days == 0 || days > HISTORY_DAYS_MAX {
        return Err(error("history-days", format!("{days} is not between 1 and {HISTORY_DAYS_MAX}")));
    }
    if given.history_mib.is_some_and(|mib| mib < HISTORY_MIB_MIN) {
        return Err(error("history-mib", format!("less than {HISTORY_MIB_MIN}")));
    }
    let hours = given.history_rewrite_hours.unwrap_or(REWRITE_HOURS_DEFAULT);
    if !REWRITE_HOURS.contains(&hours) {
        let (least, most) = (REWRITE_HOURS.start(), REWRITE_HOURS.end());
        let wrong = format!("{hours} is not between {least} and {most}");
        return Err(error("history-rewrite-hours", wrong));
    }
    let backlog_max = given.storage_backlog_max.unwrap_or(STORAGE_BACKLOG_DEFAULT);
    if !BACKLOG_MAX.contains(&backlog_max) {
        return Err(error("storage-backlog-max", format!("{backlog_max} is not between 1000 and 10^12")));
    }
    let bytes = given.history_mib.map(|_| mib("history-mib", given.history_mib, HISTORY_MIB_MIN));
    let config = StorageConfig {
        history_ms: days as i64 * DAY_MS,
        history_bytes_max: bytes.transpose()?,
        rewrite_ms: hours as i64 * HOUR_MS,
        backlog_max,
    };
    Ok((!given.no_secondary_storage).then_some(config))
}

/// How long instances of some processes are kept: a list of ids and days.
///
/// # Errors
/// Names what cannot be used.
pub(crate) fn history_ages(given: &Given) -> Result<Ages, ConfigError> {
    let wrong = |why: String| error("history-days-of", why);
    let mut ages = Ages::new();
    let list = given.history_days_of.as_deref().unwrap_or_default();
    for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (id, days) = part
            .rsplit_once('=')
            .ok_or_else(|| wrong(format!("{part:?} is no process and its days, like order=7")))?;
        let days = days.trim().parse::<u64>().ok().filter(|days| (1..=HISTORY_DAYS_MAX).contains(days));
        let days =
            days.ok_or_else(|| wrong(format!("{part:?} has no days between 1 and {HISTORY_DAYS_MAX}")))?;
        if ages.insert(id.trim().to_owned(), days as i64 * DAY_MS).is_some() {
            return Err(wrong(format!("{:?} comes twice", id.trim())));
        }
    }
    Ok(ages)
}

impl StorageConfig {
    /// What each of so many partitions keeps, in this data directory.
    pub(crate) fn history(&self, data: &Path, partitions: usize) -> History {
        let partitions = partitions.max(1) as u64;
        let free = ringbolt_ring::fs::free_bytes(data).unwrap_or(0);
        History {
            age_max_ms: self.history_ms,
            bytes_max: self.history_bytes_max.map(|bytes| bytes / partitions),
            rewrite_ms: self.rewrite_ms,
            bytes_max_at_first: (free / 2).max(HISTORY_BYTES_MIN) / partitions,
            ..History::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Given;

    #[test]
    fn processes_have_ages_of_their_own() {
        let ages = |list: &str| {
            let given = Given { history_days_of: Some(list.to_owned()), ..Given::default() };
            given.resolve().map(|config| config.history_ages)
        };
        let days = |id: &str, days: i64| (id.to_owned(), days * super::DAY_MS);
        let two = ages(" order=7, a=b=3650 ").unwrap();
        assert_eq!(two.into_iter().collect::<Vec<_>>(), [days("a=b", 3650), days("order", 7)]);
        assert!(ages("").unwrap().is_empty());
        for (wrong, says) in [
            ("order", "is no process"),
            ("order=", "has no days"),
            ("order=0", "has no days"),
            ("order=36501", "has no days"),
            ("a=1,a=2", "comes twice"),
        ] {
            let refused = ages(wrong).unwrap_err().to_string();
            assert!(refused.starts_with("setting history-days-of: ") && refused.contains(says), "{refused}");
        }
    }

    #[test]
    fn history_has_an_age_and_perhaps_a_size() {
        let storage = |given: Given| given.resolve().map(|config| config.storage);
        let usual = storage(Given::default()).unwrap().expect("it is on");
        assert_eq!((usual.history_ms, usual.history_bytes_max), (30 * super::DAY_MS, None));
        let told = Given { history_days: Some(2), history_mib: Some(128), ..Given::default() };
        let told = storage(told).unwrap().expect("it is on");
        assert_eq!((told.history_ms, told.history_bytes_max), (2 * super::DAY_MS, Some(128 << 20)));
        let history = told.history(std::path::Path::new("/"), 2);
        assert_eq!((history.age_max_ms, history.bytes_max), (2 * super::DAY_MS, Some(64 << 20)));
        assert_eq!((usual.rewrite_ms, history.rewrite_ms), (super::DAY_MS, super::DAY_MS));
        let soon = storage(Given { history_rewrite_hours: Some(2), ..Given::default() });
        assert_eq!(soon.unwrap().map(|config| config.rewrite_ms), Some(2 * super::HOUR_MS));
        assert!(history.bytes_max_at_first >= 512 << 20);
        assert_eq!(storage(Given { no_secondary_storage: true, ..Given::default() }).unwrap(), None);
        for (wrong, says) in [
            (Given { history_days: Some(0), ..Given::default() }, "setting history-days: "),
            (Given { history_mib: Some(1), ..Given::default() }, "setting history-mib: "),
            (Given { history_rewrite_hours: Some(0), ..Given::default() }, "setting history-rewrite-hours: "),
            (
                Given { history_rewrite_hours: Some(745), ..Given::default() },
                "setting history-rewrite-hours: ",
            ),
            (Given { storage_backlog_max: Some(1), ..Given::default() }, "setting storage-backlog-max: "),
        ] {
            assert!(storage(wrong).unwrap_err().to_string().starts_with(says));
        }
    }
}
