//! Points in time for those who reckon with them outside of expressions: timers.

use super::{DateTime, DayTimeDuration, LocalDateTime, SECONDS_PER_DAY, Zone, parse};
use std::sync::Arc;

const NANOS_PER_MILLI: u64 = 1_000_000;

impl DateTime {
    /// Reads a date and time with an offset, and perhaps the name of the zone in brackets that rules its clock.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('@') { None } else { parse::date_time(text) }
    }

    /// A point in time, milliseconds since 1970, on the clock of a zone.
    pub fn at_millis(millis: i64, zone: Arc<Zone>) -> Option<Self> {
        let nanos = millis.rem_euclid(1000) as u64 * NANOS_PER_MILLI;
        Self::at_instant(millis.div_euclid(1000), nanos, zone).ok()
    }

    /// A date and time of the clock of UTC.
    pub fn of_utc(local: LocalDateTime) -> Self {
        Self::with_offset(local, 0)
    }

    /// Milliseconds since 1970, UTC, rounded down.
    pub fn epoch_millis(&self) -> Option<i64> {
        let millis = (self.local.time.nanos() / NANOS_PER_MILLI) as i64;
        self.instant().checked_mul(1000)?.checked_add(millis)
    }

    /// The same point in time on another clock: of the zone of `other`.
    pub fn at_clock_of(millis: i64, other: &Self) -> Option<Self> {
        let utc = Self::at_millis(millis, Zone::utc())?;
        match &other.zone {
            Some(zone) => Self::at_millis(millis, zone.clone()),
            None => {
                let offset = DayTimeDuration::of(i64::from(other.offset), 0);
                Some(Self::with_offset(utc.local.plus(offset).ok()?, other.offset))
            }
        }
    }

    /// So many months and then days later by the same clock, then so many milliseconds later; `None` beyond the calendar.
    pub fn later(&self, months: i64, days: i64, millis: i64) -> Option<Self> {
        let by_months = self.plus_months(months).ok()?;
        let local = by_months.local.plus(DayTimeDuration::of(days.checked_mul(SECONDS_PER_DAY)?, 0)).ok()?;
        let by_days = match &by_months.zone {
            Some(zone) => Self::in_zone(local, zone.clone(), Some(by_months.offset)).ok()?,
            None => Self::with_offset(local, by_months.offset),
        };
        let nanos = millis.rem_euclid(1000) * NANOS_PER_MILLI as i64;
        by_days.plus(DayTimeDuration::of(millis.div_euclid(1000), nanos)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::DateTime;

    fn later(from: &str, months: i64, days: i64, millis: i64) -> Option<i64> {
        DateTime::parse(from)?.later(months, days, millis)?.epoch_millis()
    }

    fn millis(text: &str) -> Option<i64> {
        DateTime::parse(text)?.epoch_millis()
    }

    #[test]
    fn days_follow_the_clock_of_the_zone_and_seconds_do_not() {
        let before = "2026-03-28T12:00:00+01:00[Europe/Berlin]";
        assert_eq!(later(before, 0, 1, 0), millis("2026-03-29T12:00:00+02:00"));
        assert_eq!(later(before, 0, 0, 86_400_000), millis("2026-03-29T13:00:00+02:00"));
        assert_eq!(later("2026-03-28T12:00:00+01:00", 0, 1, 0), millis("2026-03-29T12:00:00+01:00"));
        assert_eq!(later("2026-01-31T00:00:00Z", 1, 1, -500), millis("2026-02-28T23:59:59.5Z"));
        assert_eq!(later("2026-01-31T00:00:00Z", i64::MAX, 0, 0), None);
        assert_eq!(later("2026-01-31T00:00:00Z", 0, i64::MAX, 0), None);
    }
}
