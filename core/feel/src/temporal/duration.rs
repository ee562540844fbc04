//! The two durations of FEEL: days and time (seconds and nanoseconds), years and months (months).

use super::{NANOS_PER_SECOND, TemporalOverflow};

/// A duration of days, hours, minutes, seconds and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayTimeDuration {
    // Floor of the value in seconds; the nanoseconds are always added.
    seconds: i64,
    nanos: u32,
}

impl DayTimeDuration {
    /// No time at all.
    pub const ZERO: DayTimeDuration = DayTimeDuration { seconds: 0, nanos: 0 };

    /// A duration from seconds and any number of nanoseconds; saturates at the ends of the range.
    pub(crate) fn of(seconds: i64, nanos: i64) -> DayTimeDuration {
        let carry = nanos.div_euclid(NANOS_PER_SECOND as i64);
        DayTimeDuration {
            seconds: seconds.saturating_add(carry),
            nanos: nanos.rem_euclid(NANOS_PER_SECOND as i64) as u32,
        }
    }

    pub(crate) fn of_nanos(nanos: i128) -> Result<DayTimeDuration, TemporalOverflow> {
        let seconds =
            i64::try_from(nanos.div_euclid(NANOS_PER_SECOND as i128)).map_err(|_| TemporalOverflow)?;
        Ok(DayTimeDuration { seconds, nanos: nanos.rem_euclid(NANOS_PER_SECOND as i128) as u32 })
    }

    /// Whole seconds, rounded down.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds above `seconds`.
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    pub(crate) fn total_nanos(self) -> i128 {
        self.seconds as i128 * NANOS_PER_SECOND as i128 + self.nanos as i128
    }

    /// The duration in milliseconds, cut towards zero.
    pub fn millis(self) -> Result<i64, TemporalOverflow> {
        i64::try_from(self.total_nanos() / 1_000_000).map_err(|_| TemporalOverflow)
    }

    pub(crate) fn is_zero(self) -> bool {
        self == DayTimeDuration::ZERO
    }

    pub(crate) fn plus(self, other: DayTimeDuration) -> Result<DayTimeDuration, TemporalOverflow> {
        DayTimeDuration::of_nanos(self.total_nanos() + other.total_nanos())
    }

    pub(crate) fn negated(self) -> Result<DayTimeDuration, TemporalOverflow> {
        DayTimeDuration::of_nanos(-self.total_nanos())
    }

    pub(crate) fn times(self, factor: i32) -> Result<DayTimeDuration, TemporalOverflow> {
        DayTimeDuration::of_nanos(self.total_nanos() * factor as i128)
    }

    pub(crate) fn abs(self) -> Result<DayTimeDuration, TemporalOverflow> {
        if self.seconds < 0 { self.negated() } else { Ok(self) }
    }
}

/// A duration of years and months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearMonthDuration(i64);

impl YearMonthDuration {
    /// A duration of that many months; the years must fit 32 bits.
    pub fn of_months(months: i64) -> Result<YearMonthDuration, TemporalOverflow> {
        i32::try_from(months / 12).map(|_| YearMonthDuration(months)).map_err(|_| TemporalOverflow)
    }

    /// Years and months multiplied apart; each must fit 32 bits.
    pub(crate) fn times(self, factor: i32) -> Result<YearMonthDuration, TemporalOverflow> {
        let part = |n: i64| i32::try_from(n * factor as i64).map(i64::from).map_err(|_| TemporalOverflow);
        YearMonthDuration::of_months(part(self.0 / 12)? * 12 + part(self.0 % 12)?)
    }

    /// The duration in months.
    pub fn months(self) -> i64 {
        self.0
    }
}
