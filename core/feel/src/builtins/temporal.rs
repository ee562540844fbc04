//! The current time, calendar questions, and the repeating intervals of timers.

use super::{Builtin, fixed, illegal};
use crate::budget::cost;
use crate::eval::{Eval, Outcome};
use crate::temporal::Date;
use crate::value::Val;
use std::sync::Arc;

pub(super) static FUNCTIONS: &[Builtin] = &[
    fixed("now", &[], |eval, _| Ok(Val::DateTime(Arc::new(eval.env.now()?)))).costing(cost::TEMPORAL),
    fixed("today", &[], |eval, _| Ok(Val::Date(eval.env.now()?.local.date))).costing(cost::TEMPORAL),
    fixed("day of year", &["date"], |_, args| of_date(args, |d| Val::integer(d.day_of_year()))),
    fixed("day of week", &["date"], |_, args| of_date(args, day_of_week)),
    fixed("month of year", &["date"], |_, args| of_date(args, month_of_year)),
    fixed("week of year", &["date"], |_, args| of_date(args, |d| Val::integer(d.week_of_year()))),
    fixed("last day of month", &["date"], |_, args| of_date(args, |d| Val::Date(d.last_day_of_month()))),
    fixed("cycle", &["repetitions", "interval"], cycle).costing(cost::TEMPORAL),
    fixed("cycle", &["interval"], cycle).costing(cost::TEMPORAL),
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

/// A repeating interval as timers read it: `R3/PT1H`, or `R/PT1H` without an end.
fn cycle<'v>(eval: &mut Eval<'v>, args: &[Val<'v>]) -> Outcome<'v> {
    let (repetitions, interval) = match args {
        [interval @ (Val::DayTime(_) | Val::YearMonth(_))] => (String::new(), interval),
        [Val::Null, interval @ (Val::DayTime(_) | Val::YearMonth(_))] => (String::new(), interval),
        [Val::Number(n), interval @ (Val::DayTime(_) | Val::YearMonth(_))] => {
            (n.int_value().to_string(), interval)
        }
        _ => return illegal(args),
    };
    eval.new_string(format!("R{repetitions}/{}", crate::display::scalar_text(interval)))
}
