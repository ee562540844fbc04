//! Calendar dates: the proleptic ISO calendar for years from -999,999,999 to 999,999,999.

use super::TemporalOverflow;

/// The largest absolute year.
pub(crate) const YEAR_MAX: i32 = 999_999_999;
/// Days in 400 years.
const DAYS_PER_ERA: i64 = 146_097;

/// A calendar date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The date, or `None` where there is no such day.
    pub fn of(year: i64, month: i64, day: i64) -> Option<Date> {
        let year = i32::try_from(year).ok().filter(|y| (-YEAR_MAX..=YEAR_MAX).contains(y))?;
        let month = u8::try_from(month).ok().filter(|m| (1..=12).contains(m))?;
        let day = u8::try_from(day).ok().filter(|d| (1..=days_in_month(year, month)).contains(d))?;
        Some(Date { year, month, day })
    }

    /// The year; negative before year zero.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01.
    pub fn epoch_day(self) -> i64 {
        // Years start in March, so that the leap day is the last one.
        let (y, m) = (self.year as i64 - (self.month <= 2) as i64, self.month as i64);
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * ((m + 9) % 12) + 2) / 5 + self.day as i64 - 1;
        era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// The date that many days after 1970-01-01.
    pub fn from_epoch_day(day: i64) -> Option<Date> {
        let z = day.checked_add(719_468)?;
        let era = z.div_euclid(DAYS_PER_ERA);
        let day_of_era = z.rem_euclid(DAYS_PER_ERA);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let mp = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = era * 400 + year_of_era + (month <= 2) as i64;
        Date::of(year, month, day)
    }

    /// Adds months; the day is cut to the length of the month reached.
    pub(crate) fn plus_months(self, months: i64) -> Result<Date, TemporalOverflow> {
        let total =
            (self.year as i64 * 12 + self.month as i64 - 1).checked_add(months).ok_or(TemporalOverflow)?;
        let year = i32::try_from(total.div_euclid(12))
            .ok()
            .filter(|y| (-YEAR_MAX..=YEAR_MAX).contains(y))
            .ok_or(TemporalOverflow)?;
        let month = total.rem_euclid(12) as u8 + 1;
        Ok(Date { year, month, day: self.day.min(days_in_month(year, month)) })
    }

    /// The day of the week, Monday 1 to Sunday 7.
    pub fn weekday(self) -> i64 {
        (self.epoch_day() + 3).rem_euclid(7) + 1
    }

    /// The day of the year, 1 to 366.
    pub(crate) fn day_of_year(self) -> i64 {
        self.epoch_day() - Date { month: 1, day: 1, ..self }.epoch_day() + 1
    }

    /// The ISO week number, 1 to 53.
    pub(crate) fn week_of_year(self) -> i64 {
        let week = (self.day_of_year() - self.weekday() + 10) / 7;
        if week < 1 {
            return weeks_in_year(self.year as i64 - 1);
        }
        if week > weeks_in_year(self.year as i64) { 1 } else { week }
    }

    pub(crate) fn last_day_of_month(self) -> Date {
        Date { day: days_in_month(self.year, self.month), ..self }
    }

    /// Whole months from `self` to `other` (negative backwards), as the reference's period between two dates.
    pub(crate) fn months_until(self, other: Date) -> i64 {
        let months =
            (other.year as i64 * 12 + other.month as i64) - (self.year as i64 * 12 + self.month as i64);
        let days = other.day as i64 - self.day as i64;
        if months > 0 && days < 0 {
            months - 1
        } else if months < 0 && days > 0 {
            months + 1
        } else {
            months
        }
    }
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 53 for years that start on a Thursday, or on a Wednesday and are leap; 52 otherwise.
fn weeks_in_year(year: i64) -> i64 {
    let dec31 = |y: i64| (y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400)).rem_euclid(7);
    if dec31(year) == 4 || dec31(year - 1) == 3 { 53 } else { 52 }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn epoch_days_round_trip() {
        for day in (-800_000..800_000).step_by(37).chain([0, 365_241_780_471, -365_243_219_162]) {
            let date = Date::from_epoch_day(day).expect("in range");
            assert_eq!(date.epoch_day(), day);
        }
        assert_eq!(Date::from_epoch_day(0), Date::of(1970, 1, 1));
        assert_eq!(Date::of(2026, 11, 24).map(Date::weekday), Some(2));
        assert_eq!(Date::of(2027, 1, 1).map(Date::week_of_year), Some(53));
        assert_eq!(Date::of(1900, 2, 29), None);
    }
}
