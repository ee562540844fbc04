//! Settings of how much at a time: jobs of a stream, work of expressions, records of new work. The last are changed by `/actuator/flowControl`.

use crate::config::{ConfigError, error};
use ringbolt_broker::{Throttling, WRITE_LIMIT, WriteSettings};
use std::time::Duration;

/// Jobs that one stream may have outstanding unless told otherwise.
const STREAM_CREDIT_DEFAULT: u32 = 4096;
/// Units of work (about a nanosecond each) of all expressions of one log entry unless told otherwise.
const EXPRESSION_UNITS_DEFAULT: u64 = 2_000_000;
/// What may be told.
const EXPRESSION_UNITS: std::ops::RangeInclusive<u64> = 100_000..=1_000_000_000;
/// Records that `export-backlog-max` may say.
const BACKLOG: std::ops::RangeInclusive<u64> = 1_000..=1_000_000_000_000;

/// Jobs that one stream may have outstanding.
pub(crate) fn stream_credit(given: Option<u32>) -> Result<u32, ConfigError> {
    match given.unwrap_or(STREAM_CREDIT_DEFAULT) {
        0 => Err(error("stream-credit", "a stream needs at least one job")),
        credit => Ok(credit),
    }
}

/// Units of work of all expressions of one log entry.
pub(crate) fn expression_units_max(given: Option<u64>) -> Result<u64, ConfigError> {
    let units = given.unwrap_or(EXPRESSION_UNITS_DEFAULT);
    if !EXPRESSION_UNITS.contains(&units) {
        return Err(error("expression-units-max", format!("{units} is not between 100000 and 1000000000")));
    }
    Ok(units)
}

/// How much new work may write; none without either setting.
pub(crate) fn write_settings(
    limit: Option<u32>,
    backlog_max: Option<u64>,
) -> Result<Option<WriteSettings>, ConfigError> {
    if let Some(n) = limit.filter(|n| !WRITE_LIMIT.contains(n)) {
        let (least, most) = (WRITE_LIMIT.start(), WRITE_LIMIT.end());
        return Err(error("write-limit", format!("{n} is not between {least} and {most} records a second")));
    }
    if let Some(n) = backlog_max.filter(|n| !BACKLOG.contains(n)) {
        let (least, most) = (BACKLOG.start(), BACKLOG.end());
        return Err(error("export-backlog-max", format!("{n} is not between {least} and {most} records")));
    }
    if limit.is_none() && backlog_max.is_none() {
        return Ok(None);
    }
    let throttling =
        backlog_max.map(|acceptable_backlog| Throttling { acceptable_backlog, ..Throttling::default() });
    Ok(Some(WriteSettings { limit, ramp_up: Duration::ZERO, throttling }))
}

#[cfg(test)]
mod tests {
    use super::write_settings;

    #[test]
    fn a_limit_and_a_backlog_are_in_their_ranges_or_absent() {
        assert_eq!(write_settings(None, None).expect("absent"), None);
        let both = write_settings(Some(500), Some(20_000)).expect("in range").expect("a limit");
        assert_eq!((both.limit, both.throttling.map(|it| it.acceptable_backlog)), (Some(500), Some(20_000)));
        assert_eq!(write_settings(None, Some(20_000)).expect("in range").expect("a throttle").limit, None);
        for (limit, backlog) in
            [(Some(0), None), (Some(u32::MAX), None), (None, Some(999)), (None, Some(u64::MAX))]
        {
            assert!(write_settings(limit, backlog).is_err(), "{limit:?} {backlog:?}");
        }
    }
}
