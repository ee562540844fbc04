//! Dates, times, date-times, durations and zones, with the ranges and the arithmetic of the reference (years up to
//! 999,999,999, nanoseconds, proleptic ISO calendar).
//!
//! Invariants: a `Date` is always a real calendar date; nanoseconds of the day are below one day; a zoned value's
//! offset is one its zone had at that local time. No clock: the only "now" is passed in by the caller.

pub(crate) mod date;
pub(crate) mod duration;
pub(crate) mod format;
pub(crate) mod parse;
mod points;
pub(crate) mod zone;

use std::cmp::Ordering;
use std::sync::Arc;

pub use date::Date;
pub use duration::{DayTimeDuration, YearMonthDuration};
pub use zone::Zone;

/// Nanoseconds in one second.
pub(crate) const NANOS_PER_SECOND: u64 = 1_000_000_000;
/// Seconds in one day.
pub(crate) const SECONDS_PER_DAY: i64 = 86_400;
/// Nanoseconds in one day.
pub(crate) const NANOS_PER_DAY: u64 = SECONDS_PER_DAY as u64 * NANOS_PER_SECOND;

/// A date or time left the supported range; the evaluation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemporalOverflow;

impl std::fmt::Display for TemporalOverflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("date, time or duration out of range")
    }
}

/// A time of day without offset, in nanoseconds since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(pub(crate) u64);

impl LocalTime {
    /// Midnight.
    pub const MIDNIGHT: LocalTime = LocalTime(0);

    /// A time from its parts, `None` where one is out of range.
    pub fn of(hour: i64, minute: i64, second: i64, nanos: i64) -> Option<LocalTime> {
        let ok = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && (0..NANOS_PER_SECOND as i64).contains(&nanos);
        ok.then(|| LocalTime((hour * 3600 + minute * 60 + second) as u64 * NANOS_PER_SECOND + nanos as u64))
    }

    /// Hour of the day, 0 to 23.
    pub fn hour(self) -> i64 {
        (self.0 / NANOS_PER_SECOND / 3600) as i64
    }

    /// Minute of the hour.
    pub fn minute(self) -> i64 {
        (self.0 / NANOS_PER_SECOND / 60 % 60) as i64
    }

    /// Second of the minute.
    pub fn second(self) -> i64 {
        (self.0 / NANOS_PER_SECOND % 60) as i64
    }

    /// Nanoseconds within the second.
    pub fn nanos(self) -> u64 {
        self.0 % NANOS_PER_SECOND
    }

    /// Adds a duration; the result wraps around midnight.
    pub(crate) fn plus(self, duration: DayTimeDuration) -> LocalTime {
        let nanos = duration.total_nanos().rem_euclid(NANOS_PER_DAY as i128) as u64;
        LocalTime((self.0 + nanos) % NANOS_PER_DAY)
    }
}

/// A time of day with an offset and perhaps a zone.
#[derive(Clone, Debug)]
pub struct Time {
    pub(crate) local: LocalTime,
    /// Seconds east of UTC.
    pub(crate) offset: i32,
    pub(crate) zone: Option<Arc<Zone>>,
}

impl Time {
    /// Nanoseconds of the day at UTC; negative or above one day where the offset crosses midnight.
    pub(crate) fn utc_nanos(&self) -> i64 {
        self.local.0 as i64 - self.offset as i64 * NANOS_PER_SECOND as i64
    }

    pub(crate) fn plus(&self, duration: DayTimeDuration) -> Time {
        Time { local: self.local.plus(duration), offset: self.offset, zone: self.zone.clone() }
    }
}

impl PartialEq for Time {
    fn eq(&self, other: &Time) -> bool {
        self.local == other.local
            && self.offset == other.offset
            && zone_id(&self.zone) == zone_id(&other.zone)
    }
}

fn zone_id(zone: &Option<Arc<Zone>>) -> Option<&str> {
    zone.as_deref().map(Zone::id)
}

/// A date and a time of day without offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalDateTime {
    pub(crate) date: Date,
    pub(crate) time: LocalTime,
}

impl LocalDateTime {
    /// Seconds since 1970-01-01T00:00:00 of the same local clock.
    pub(crate) fn epoch_second(self) -> i64 {
        self.date.epoch_day() * SECONDS_PER_DAY + (self.time.0 / NANOS_PER_SECOND) as i64
    }

    pub(crate) fn from_epoch(second: i64, nanos: u64) -> Result<LocalDateTime, TemporalOverflow> {
        let date = Date::from_epoch_day(second.div_euclid(SECONDS_PER_DAY)).ok_or(TemporalOverflow)?;
        let time = LocalTime(second.rem_euclid(SECONDS_PER_DAY) as u64 * NANOS_PER_SECOND + nanos);
        Ok(LocalDateTime { date, time })
    }

    pub(crate) fn plus(self, duration: DayTimeDuration) -> Result<LocalDateTime, TemporalOverflow> {
        let nanos = self.time.nanos() + duration.nanos() as u64;
        let second = self
            .epoch_second()
            .checked_add(duration.seconds())
            .and_then(|s| s.checked_add((nanos / NANOS_PER_SECOND) as i64))
            .ok_or(TemporalOverflow)?;
        LocalDateTime::from_epoch(second, nanos % NANOS_PER_SECOND)
    }

    pub(crate) fn plus_months(self, months: i64) -> Result<LocalDateTime, TemporalOverflow> {
        Ok(LocalDateTime { date: self.date.plus_months(months)?, time: self.time })
    }

    /// The duration from `other` to `self`.
    pub(crate) fn since(self, other: LocalDateTime) -> DayTimeDuration {
        DayTimeDuration::of(
            self.epoch_second() - other.epoch_second(),
            self.time.nanos() as i64 - other.time.nanos() as i64,
        )
    }
}

/// A date and time with an offset and perhaps a zone.
#[derive(Clone, Debug)]
pub struct DateTime {
    pub(crate) local: LocalDateTime,
    /// Seconds east of UTC.
    pub(crate) offset: i32,
    pub(crate) zone: Option<Arc<Zone>>,
}

impl DateTime {
    pub(crate) fn with_offset(local: LocalDateTime, offset: i32) -> DateTime {
        DateTime { local, offset, zone: None }
    }

    /// A local date-time in a zone. In a gap the clock jumps forward; in an overlap the earlier offset wins, unless
    /// `preferred` is one of the two.
    pub(crate) fn in_zone(
        local: LocalDateTime,
        zone: Arc<Zone>,
        preferred: Option<i32>,
    ) -> Result<DateTime, TemporalOverflow> {
        let (offset, jump) = zone.resolve(local, preferred);
        let local = if jump == 0 { local } else { local.plus(DayTimeDuration::of(jump as i64, 0))? };
        Ok(DateTime::zoned(local, offset, zone))
    }

    fn zoned(local: LocalDateTime, offset: i32, zone: Arc<Zone>) -> DateTime {
        // A zone that is nothing but an offset is shown as one.
        let zone = (!zone.is_plain_offset()).then_some(zone);
        DateTime { local, offset, zone }
    }

    /// The instant `second` (since 1970, UTC) on the clock of a zone.
    pub(crate) fn at_instant(second: i64, nanos: u64, zone: Arc<Zone>) -> Result<DateTime, TemporalOverflow> {
        let offset = zone.offset_at(second);
        let local = LocalDateTime::from_epoch(second.saturating_add(offset as i64), nanos)?;
        Ok(DateTime::zoned(local, offset, zone))
    }

    /// Seconds since 1970, UTC.
    pub(crate) fn instant(&self) -> i64 {
        self.local.epoch_second() - self.offset as i64
    }

    pub(crate) fn plus(&self, duration: DayTimeDuration) -> Result<DateTime, TemporalOverflow> {
        let nanos = self.local.time.nanos() + duration.nanos() as u64;
        let second = self
            .instant()
            .checked_add(duration.seconds())
            .and_then(|s| s.checked_add((nanos / NANOS_PER_SECOND) as i64))
            .ok_or(TemporalOverflow)?;
        let nanos = nanos % NANOS_PER_SECOND;
        match &self.zone {
            Some(zone) => DateTime::at_instant(second, nanos, zone.clone()),
            None => Ok(DateTime::with_offset(
                LocalDateTime::from_epoch(second.saturating_add(self.offset as i64), nanos)?,
                self.offset,
            )),
        }
    }

    pub(crate) fn plus_months(&self, months: i64) -> Result<DateTime, TemporalOverflow> {
        let local = self.local.plus_months(months)?;
        match &self.zone {
            Some(zone) => DateTime::in_zone(local, zone.clone(), Some(self.offset)),
            None => Ok(DateTime::with_offset(local, self.offset)),
        }
    }

    /// The duration from `other` to `self`.
    pub(crate) fn since(&self, other: &DateTime) -> DayTimeDuration {
        DayTimeDuration::of(
            self.instant() - other.instant(),
            self.local.time.nanos() as i64 - other.local.time.nanos() as i64,
        )
    }

    /// The order of the reference: by instant, then by local time, then by the zone's name.
    pub(crate) fn cmp(&self, other: &DateTime) -> Ordering {
        self.instant()
            .cmp(&other.instant())
            .then(self.local.time.nanos().cmp(&other.local.time.nanos()))
            .then(self.local.cmp(&other.local))
            .then_with(|| self.zone_name().cmp(&other.zone_name()))
    }

    fn zone_name(&self) -> String {
        match &self.zone {
            Some(zone) => zone.id().to_owned(),
            None => format::offset_text(self.offset),
        }
    }
}

impl PartialEq for DateTime {
    fn eq(&self, other: &DateTime) -> bool {
        self.local == other.local
            && self.offset == other.offset
            && zone_id(&self.zone) == zone_id(&other.zone)
    }
}
