//! Settings that are times: limits of requests, and what a response should take.

use crate::config::{ConfigError, error};
use ringbolt_broker::{RESPONSE_TARGET_MS, RESPONSE_TARGET_MS_DEFAULT};
use std::time::Duration;

/// Shortest and longest time limit of a request, ms.
const TIMEOUT_MS: std::ops::RangeInclusive<u64> = 100..=600_000;

/// A time limit of a request.
pub(crate) fn timeout(
    setting: &'static str,
    given: Option<u64>,
    default: u64,
) -> Result<Duration, ConfigError> {
    let ms = given.unwrap_or(default);
    if !TIMEOUT_MS.contains(&ms) {
        let (least, most) = (TIMEOUT_MS.start(), TIMEOUT_MS.end());
        return Err(error(setting, format!("{ms} ms is not between {least} and {most}")));
    }
    Ok(Duration::from_millis(ms))
}

/// How long an expression that a client sends may take unless told otherwise, ms.
const EVALUATION_TIMEOUT_MS_DEFAULT: u64 = 1_000;

/// How long an expression that a client sends may wait and take.
pub(crate) fn evaluation_timeout(given: Option<u64>) -> Result<Duration, ConfigError> {
    timeout("evaluation-timeout-ms", given, EVALUATION_TIMEOUT_MS_DEFAULT)
}

/// The response-time target; none when new work is never turned away for its age.
pub(crate) fn response_target_ms(given: Option<u32>) -> Result<Option<u32>, ConfigError> {
    match given.unwrap_or(RESPONSE_TARGET_MS_DEFAULT) {
        0 => Ok(None),
        ms if RESPONSE_TARGET_MS.contains(&ms) => Ok(Some(ms)),
        ms => {
            let (least, most) = (RESPONSE_TARGET_MS.start(), RESPONSE_TARGET_MS.end());
            Err(error("response-target-ms", format!("{ms} ms is neither 0 nor between {least} and {most}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{response_target_ms, timeout};
    use std::time::Duration;

    #[test]
    fn a_response_target_is_in_its_range_or_off() {
        for (given, wanted) in
            [(None, Some(200)), (Some(0), None), (Some(10), Some(10)), (Some(60_000), Some(60_000))]
        {
            assert_eq!(response_target_ms(given).expect("in its range"), wanted, "{given:?}");
        }
        for wrong in [1, 9, 60_001, u32::MAX] {
            assert!(response_target_ms(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_limit_is_in_its_range() {
        assert_eq!(timeout("it", None, 5_000).expect("the default"), Duration::from_secs(5));
        assert_eq!(timeout("it", Some(100), 5_000).expect("the least"), Duration::from_millis(100));
        for wrong in [0, 99, 600_001] {
            assert!(timeout("it", Some(wrong), 5_000).is_err(), "{wrong}");
        }
    }
}
