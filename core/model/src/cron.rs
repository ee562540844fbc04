//! Cron expressions with six fields, or one word such as `@daily`: read with every field checked, and when they come
//! next, by the clock of UTC. What is accepted, and what is said of the rest, is as in the reference engine.
//!
//! A day must fit both of its fields. Where a range runs backwards only its beginning counts, except for days of the week.

use ringbolt_feel::Date;

/// Fields: second, minute, hour, day of month, month, day of week.
const FIELDS: usize = 6;
/// Months that are looked through before an expression is one that never comes (again): the calendar repeats after 400 years.
const MONTHS_MAX: usize = 400 * 12 + 1;
const SECONDS_PER_DAY: i64 = 86_400;
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/// From Monday, which is 1.
const WEEKDAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

/// When something comes again and again. A bit stands for each value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    seconds: u64,
    minutes: u64,
    hours: u64,
    months: u64,
    days: Days,
    weekdays: Weekdays,
    /// Every second: what is less than a second is kept then.
    is_every_second: bool,
}

/// Days of a month; bit 1 is the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Days {
    days: u64,
    /// So many days before the last one.
    before_last: u64,
    /// The last day from Monday to Friday.
    last_workday: bool,
    /// The nearest day from Monday to Friday.
    nearest_workday: u64,
    /// `?`
    is_open: bool,
}

/// Days of a week; bit 0 is Sunday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Weekdays {
    days: u64,
    /// The last ones of a month.
    last: u64,
    /// The first, second and so on of a month.
    nth: [u64; 5],
    /// `?`
    is_open: bool,
}

/// What the numbers of a field may be.
#[derive(Clone, Copy)]
struct Range {
    first: u32,
    last: u32,
    names: &'static [&'static str],
    /// A range must not run backwards.
    is_strict: bool,
}

const SIXTY: Range = Range { first: 0, last: 59, names: &[], is_strict: true };
const HOURS: Range = Range { last: 23, ..SIXTY };
const DAYS: Range = Range { first: 1, last: 31, names: &[], is_strict: false };
const MONTH: Range = Range { first: 1, last: 12, names: &MONTHS, is_strict: false };
const WEEKDAY: Range = Range { first: 0, last: 7, names: &WEEKDAYS, is_strict: false };

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let spelled_out = match text.trim() {
            "@yearly" | "@annually" => "0 0 0 1 1 *",
            "@monthly" => "0 0 0 1 * *",
            "@weekly" => "0 0 0 * * 0",
            "@daily" | "@midnight" => "0 0 0 * * *",
            "@hourly" => "0 0 * * * *",
            "@reboot" => return Err("Nickname @reboot not supported!".to_owned()),
            text => text,
        };
        let upper = spelled_out.to_ascii_uppercase();
        let fields: Vec<&str> = upper.split_whitespace().collect();
        let count = fields.len();
        let Ok([second, minute, hour, day, month, weekday]) = <[&str; FIELDS]>::try_from(fields) else {
            return Err(format!("Cron expression contains {count} parts but we expect one of [{FIELDS}]"));
        };
        for field in [second, minute, hour, day, month, weekday] {
            if field.ends_with(',') {
                return Err(format!("Invalid field value! Trailing commas not permitted! '{field}'"));
            }
        }
        let read = || {
            Ok(Self {
                seconds: numbers(second, SIXTY)?,
                minutes: numbers(minute, SIXTY)?,
                hours: numbers(hour, HOURS)?,
                months: numbers(month, MONTH)?,
                days: days(day)?,
                weekdays: weekdays(weekday)?,
                is_every_second: second == "*",
            })
        };
        read().map_err(|wrong: String| format!("Failed to parse cron expression. {wrong}"))
    }

    /// When it comes after a time, both in milliseconds since 1970; `None` when it never does.
    pub fn next(&self, after: i64) -> Option<i64> {
        if self.is_every_second && self.fits(after.checked_add(1000)?) {
            return after.checked_add(1000);
        }
        let second = after.div_euclid(1000).checked_add(1)?;
        let start = Date::from_epoch_day(second.div_euclid(SECONDS_PER_DAY))?;
        let (mut year, mut month) = (i64::from(start.year()), i64::from(start.month()));
        let mut from_day = u32::from(start.day());
        let mut from_second = second.rem_euclid(SECONDS_PER_DAY) as u32;
        for _ in 0..MONTHS_MAX {
            let mut days = if has(self.months, month as u32) { self.days_of(year, month)? } else { 0 };
            days &= u64::MAX << from_day;
            while days != 0 {
                let day = days.trailing_zeros();
                days &= days - 1;
                let from = if day == from_day { from_second } else { 0 };
                if let Some(second) = self.time_of_day(from) {
                    let date = Date::of(year, month, i64::from(day))?;
                    return (date.epoch_day() * SECONDS_PER_DAY + i64::from(second)).checked_mul(1000);
                }
            }
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            (from_day, from_second) = (1, 0);
        }
        None
    }

    fn fits(&self, millis: i64) -> bool {
        let second = millis.div_euclid(1000);
        let time = second.rem_euclid(SECONDS_PER_DAY) as u32;
        let Some(date) = Date::from_epoch_day(second.div_euclid(SECONDS_PER_DAY)) else { return false };
        let (year, month) = (i64::from(date.year()), u32::from(date.month()));
        let days = self.days_of(year, i64::from(month)).unwrap_or_default();
        self.time_of_day(time) == Some(time) && has(self.months, month) && has(days, u32::from(date.day()))
    }

    /// The first second of a day at or after `from` that fits.
    fn time_of_day(&self, from: u32) -> Option<u32> {
        let (hour, minute, second) = (from / 3600, from / 60 % 60, from % 60);
        if has(self.hours, hour) {
            if has(self.minutes, minute)
                && let Some(second) = first(self.seconds, second)
            {
                return Some(hour * 3600 + minute * 60 + second);
            }
            if let Some(minute) = first(self.minutes, minute + 1) {
                return Some(hour * 3600 + minute * 60 + self.seconds.trailing_zeros());
            }
        }
        let hour = first(self.hours, hour + 1)?;
        Some(hour * 3600 + self.minutes.trailing_zeros() * 60 + self.seconds.trailing_zeros())
    }

    /// The days of a month that fit; bit 1 is the first.
    fn days_of(&self, year: i64, month: i64) -> Option<u64> {
        if self.days.is_open && self.weekdays.is_open {
            return Some(0);
        }
        let first = Date::of(year, month, 1)?;
        let length = (28..=31).rev().find(|day| Date::of(year, month, *day).is_some())? as u32;
        // The weekday of the day 0 of the month, Sunday being 0.
        let weekday_of = |day: u32| (first.weekday() as u32 + day - 1) % 7;
        let all = ((1u64 << length) - 1) << 1;
        let by_day = if self.days.is_open { all } else { self.days.of_month(length, weekday_of) };
        let by_weekday = if self.weekdays.is_open { all } else { self.weekdays.of_month(length, weekday_of) };
        Some(all & by_day & by_weekday)
    }
}

impl Days {
    fn of_month(&self, length: u32, weekday_of: impl Fn(u32) -> u32) -> u64 {
        let mut days = self.days;
        for before in bits(self.before_last).filter(|before| *before < length) {
            days |= 1 << (length - before);
        }
        if self.last_workday {
            days |= 1 << nearest_workday(length, length, &weekday_of);
        }
        for day in bits(self.nearest_workday).filter(|day| *day <= length) {
            days |= 1 << nearest_workday(day, length, &weekday_of);
        }
        days
    }
}

/// The day from Monday to Friday in the same month that is next to a day.
fn nearest_workday(day: u32, length: u32, weekday_of: &impl Fn(u32) -> u32) -> u32 {
    match weekday_of(day) {
        6 if day > 1 => day - 1,
        6 => day + 2,
        0 if day < length => day + 1,
        0 => day - 2,
        _ => day,
    }
}

impl Weekdays {
    fn of_month(&self, length: u32, weekday_of: impl Fn(u32) -> u32) -> u64 {
        let fits = |day: &u32| {
            let weekday = weekday_of(*day);
            let number = (*day as usize - 1) / 7;
            has(self.days, weekday)
                || has(self.last, weekday) && day + 7 > length
                || has(self.nth[number], weekday)
        };
        (1..=length).filter(fits).fold(0, |days, day| days | 1 << day)
    }
}

fn has(set: u64, number: u32) -> bool {
    number < 64 && set & 1 << number != 0
}

/// The smallest number of a set that is at least `from`.
fn first(set: u64, from: u32) -> Option<u32> {
    let rest = if from < 64 { set & u64::MAX << from } else { 0 };
    (rest != 0).then(|| rest.trailing_zeros())
}

fn bits(set: u64) -> impl Iterator<Item = u32> {
    (0..64).filter(move |number| has(set, *number))
}

fn days(field: &str) -> Result<Days, String> {
    let mut days = Days::default();
    if field == "?" {
        days.is_open = true;
        return Ok(days);
    }
    let is_list = field.contains(',');
    for item in field.split(',') {
        if item == "LW" {
            days.last_workday = true;
        } else if let Some(day) = item.strip_suffix('W').filter(|day| !day.contains(['-', '/'])) {
            days.nearest_workday |= 1 << number_of(item, day, DAYS)?;
        } else if let Some(before) = item.strip_prefix("L-") {
            days.before_last |= 1 << number_of(item, before, DAYS)?;
        } else if item == "L" || item.strip_suffix('L').is_some_and(|day| number_of(item, day, DAYS).is_ok())
        {
            // In a list the reference passes over it.
            days.before_last |= u64::from(!is_list);
        } else {
            days.days |= item_numbers(item, DAYS)?;
        }
    }
    Ok(days)
}

fn weekdays(field: &str) -> Result<Weekdays, String> {
    // 7 is Sunday too.
    let folded = |days: u64| (days | days >> 7) & 0x7f;
    let mut weekdays = Weekdays::default();
    if field == "?" {
        weekdays.is_open = true;
        return Ok(weekdays);
    }
    for item in field.split(',') {
        if item == "L" {
            weekdays.days |= 1;
        } else if let Some((day, number)) = item.split_once('#') {
            if day.is_empty() {
                return Err("Time should be specified!".to_owned());
            }
            let day = folded(1 << number_of(item, day, WEEKDAY)?);
            let number: usize = number.parse().map_err(|_| invalid(item))?;
            if let Some(days) = number.checked_sub(1).and_then(|number| weekdays.nth.get_mut(number)) {
                *days |= day;
            }
        } else if let Some(day) = item.strip_suffix('L') {
            weekdays.last |= folded(1 << number_of(item, day, WEEKDAY)?);
        } else {
            weekdays.days |= folded(item_numbers(item, WEEKDAY)?);
        }
    }
    Ok(weekdays)
}

fn numbers(field: &str, range: Range) -> Result<u64, String> {
    if field == "?" {
        return Err("Invalid expression: ?".to_owned());
    }
    field.split(',').try_fold(0, |numbers, item| Ok(numbers | item_numbers(item, range)?))
}

/// The numbers of `*`, `5`, `1-5`, `*/2`, `3/5` or `1-10/3`.
fn item_numbers(item: &str, range: Range) -> Result<u64, String> {
    let (span, step) = match item.split_once('/') {
        Some((_, "")) => return Err(format!("Missing steps for expression: {item}")),
        Some((span, step)) => (span, Some(step_of(step, range)?)),
        None => (item, None),
    };
    let (from, to) = match span {
        "*" => (range.first, range.last),
        "" if step.is_some() => (range.first, range.last),
        _ => match span.split_once('-') {
            Some(("", _)) => {
                return Err(format!(
                    "Invalid expression! Expression: {item} does not describe a range. Negative numbers are not allowed."
                ));
            }
            Some((_, to)) if to.is_empty() || to.contains('-') => {
                return Err(format!("Missing values for range: {item}"));
            }
            Some((from, to)) => (number_of(from, from, range)?, number_of(to, to, range)?),
            None => {
                let number = number_of(span, span, range)?;
                (number, if step.is_some() { range.last } else { number })
            }
        },
    };
    if from > to && range.is_strict {
        return Err(format!("Invalid range! [{from},{to}]"));
    }
    let step = step.unwrap_or(1);
    let to = match from > to {
        // Over the end of the week.
        true if range.last == WEEKDAY.last => to + 7,
        true => from,
        false => to,
    };
    let numbers = (from..=to).step_by(step as usize);
    let fold = |number: u32| if number > range.last { number - 7 } else { number };
    Ok(numbers.map(fold).fold(0, |numbers, number| numbers | 1 << number))
}

fn step_of(step: &str, range: Range) -> Result<u32, String> {
    let number: u32 = step.parse().map_err(|_| format!("For input string: \"{}\"", clip(step)))?;
    if number == 0 || number > range.last {
        return Err(format!("Period {number} not in range [{}, {}]", range.first, range.last));
    }
    Ok(number)
}

/// A number or name; `item` is what a message shows.
fn number_of(item: &str, text: &str, range: Range) -> Result<u32, String> {
    if let Some(named) = range.names.iter().position(|name| *name == text) {
        return Ok(named as u32 + 1);
    }
    let number: u32 =
        text.parse().ok().filter(|number| i32::try_from(*number).is_ok()).ok_or_else(|| invalid(item))?;
    if number < range.first || number > range.last {
        return Err(format!("Value {number} not in range [{}, {}]", range.first, range.last));
    }
    Ok(number)
}

fn invalid(item: &str) -> String {
    let item = clip(item);
    let chars =
        item.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | '/' | '-' | 'L' | 'W'));
    format!("Invalid chars in expression! Expression: {item} Invalid chars: {chars}")
}

fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(100)]
}
