//! The current time and calendar questions.

use super::{Builtin, fixed, illegal};
use crate::eval::Outcome;
use crate::temporal::Date;
use crate::value::Val;
use std::sync::Arc;

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("now", &[], |eval, _| Ok(Val::DateTime(Arc::new(eval.env.now()?)))),
    fixed("today", &[], |eval, _| Ok(Val::Date(eval.env.now()?.local.date))),
    fixed("day of year", &["date"], |_, args| of_date(args, |d| Val::integer(d.day_of_year()))),
    fixed("day of week", &["date"], |_, args| of_date(args, day_of_week)),
    fixed("month of year", &["date"], |_, args| of_date(args, month_of_year)),
    fixed("week of year", &["date"], |_, args| of_date(args, |d| Val::integer(d.week_of_year()))),
    fixed("last day of month", &["date"], |_, args| of_date(args, |d| Val::Date(d.last_day_of_month()))),
];

fn of_date<'v>(args: &[Val<'v>], f: impl Fn(Date) -> Val<'v>) -> Outcome<'v> {
    match args {
        [Val::Date(date)] => Ok(f(*date)),
        [Val::LocalDateTime(t)] => Ok(f(t.date)),
        [Val::DateTime(t)] => Ok(f(t.local.date)),
        _ => illegal(args),
    }
}

fn day_of_week<'v>(date: Date) -> Val<'v> {
    const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    Val::Str(crate::value::Text::Borrowed(NAMES[date.weekday() as usize - 1]))
}

fn month_of_year<'v>(date: Date) -> Val<'v> {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    Val::Str(crate::value::Text::Borrowed(NAMES[date.month() as usize - 1]))
}
