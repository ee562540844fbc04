//! Which rows SQLite asks for: what it is offered, and what it chose.
//!
//! SQLite looks at every row again that it is given: to hand over more than was asked for is never wrong. Rows that cannot be wanted are left out here all the same,
//! since SQLite takes several times as long to look at one, and copies each text that it looks at.

use crate::blocks::Listed;
use crate::shapes::Shape;
use rusqlite::types::{Value, ValueRef};
use rusqlite::vtab::{Filters, IndexConstraintOp, IndexFlags, IndexInfo};
use std::cmp::Ordering;
use std::ffi::c_int;

/// Rows of a table, as SQLite is told.
const ROWS: i64 = 100_000;

/// Tests of a plan, at most.
const TESTS_MAX: usize = 8;

/// What a plan says, bit by bit: a value follows for each, in this order, and then one for each test that its text names.
const KEY: c_int = 1;
const INSTANCE: c_int = 2;
const FROM: c_int = 4;
const AFTER: c_int = 8;
const UNTIL: c_int = 16;
const BEFORE: c_int = 32;
/// Rows come by their keys, rising or falling: no value follows.
const RISING: c_int = 64;
const FALLING: c_int = 128;

/// Rows that are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Nothing,
    All,
    /// Those with this key.
    Key(i64),
    /// Those of this process instance.
    Instance(i64),
    /// Those with a key between these, both included.
    Keys(i64, i64),
}

impl Wanted {
    /// Whether a block may have some.
    pub(super) fn may_be_in(self, block: &Listed) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Key(key) => (block.key_min..=block.key_max).contains(&key),
            Self::Instance(key) => (block.instance_min..=block.instance_max).contains(&key),
            Self::Keys(first, last) => first <= block.key_max && block.key_min <= last,
        }
    }

    /// Whether few are wanted, for which a block may be asked again soon.
    pub(super) fn are_few(self) -> bool {
        matches!(self, Self::Key(_) | Self::Instance(_))
    }
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    Equal,
    Above,
    From,
    Below,
    Until,
    Null,
    NotNull,
}

impl Compared {
    /// All, each with the letter that it has in a plan.
    const ALL: [(Self, char); 7] = [
        (Self::Equal, '='),
        (Self::Above, '>'),
        (Self::From, 'f'),
        (Self::Below, '<'),
        (Self::Until, 'u'),
        (Self::Null, '0'),
        (Self::NotNull, '1'),
    ];

    fn of(operator: IndexConstraintOp) -> Option<Self> {
        match operator {
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ => Some(Self::Equal),
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GT => Some(Self::Above),
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GE => Some(Self::From),
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LT => Some(Self::Below),
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LE => Some(Self::Until),
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_ISNULL => Some(Self::Null),
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_ISNOTNULL => Some(Self::NotNull),
            _ => None,
        }
    }

    fn letter(self) -> char {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or('=', |(_, letter)| *letter)
    }

    /// Whether an order is one that it asks for.
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Above => order.is_gt(),
            Self::From => order.is_ge(),
            Self::Below => order.is_lt(),
            Self::Until => order.is_le(),
            Self::Null | Self::NotNull => true,
        }
    }
}

/// What a column of a row must be like.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) column: usize,
    compared: Compared,
    with: Value,
}

impl Test {
    /// Whether a value of its column may be as it says.
    pub(super) fn may_hold(&self, value: ValueRef<'_>) -> bool {
        match (self.compared, value, &self.with) {
            (Compared::Null, value, _) => value == ValueRef::Null,
            (Compared::NotNull, value, _) => value != ValueRef::Null,
            // Nothing is like what is not there.
            (_, ValueRef::Null, _) | (_, _, Value::Null) => false,
            (compared, ValueRef::Integer(value), Value::Integer(with)) => compared.holds(value.cmp(with)),
            (compared, ValueRef::Text(value), Value::Text(with)) => {
                compared.holds(value.cmp(with.as_bytes()))
            }
            // What numbers and texts are to each other SQLite knows.
            _ => true,
        }
    }
}

/// The conditions that count, each by its number.
#[derive(Default)]
struct Conditions {
    key: Option<usize>,
    instance: Option<usize>,
    low: Option<(usize, c_int)>,
    high: Option<(usize, c_int)>,
    /// Others, with their columns.
    tests: Vec<(usize, Compared, c_int)>,
}

impl Conditions {
    fn of(shape: &Shape, info: &IndexInfo) -> Self {
        let mut found = Self::default();
        for (at, condition) in info.constraints().enumerate().filter(|(_, one)| one.is_usable()) {
            let column = condition.column();
            let is_key = column == 0 || column < 0 && shape.has_rowid();
            match condition.operator() {
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ if is_key => found.key = Some(at),
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ if column == shape.instance as c_int => {
                    found.instance = Some(at);
                }
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GE if is_key => found.low = Some((at, FROM)),
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GT if is_key => found.low = Some((at, AFTER)),
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LE if is_key => found.high = Some((at, UNTIL)),
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LT if is_key => found.high = Some((at, BEFORE)),
                operator => {
                    if let Some(compared) = Compared::of(operator).filter(|_| column > 0) {
                        found.tests.push((at, compared, column));
                    }
                }
            }
        }
        // A list would be gone through by a scan for each of its values; what another order has is looked at by SQLite alone.
        let is_one = |at: usize| {
            info.is_in_constraint(at).is_ok_and(|is_in| !is_in) && info.collation(at) == Ok("BINARY")
        };
        found.tests.retain(|(at, ..)| is_one(*at));
        found.tests.truncate(TESTS_MAX);
        found
    }

    /// Of so many rows, how many pass the tests, as a guess.
    fn passed(&self, rows: i64) -> i64 {
        let share = |compared: Compared| match compared {
            Compared::Equal => 8,
            Compared::Above | Compared::From | Compared::Below | Compared::Until => 3,
            Compared::Null | Compared::NotNull => 2,
        };
        self.tests.iter().fold(rows, |rows, (_, compared, _)| (rows / share(*compared)).max(1))
    }
}

/// Chooses the best of what SQLite offers.
pub(super) fn choose(shape: &Shape, info: &mut IndexInfo) {
    let found = Conditions::of(shape, info);
    // A row's number is its own; a key of two columns has few rows of the same first one.
    let of_key = if shape.has_rowid() { 1 } else { 4 };
    let (plan, rows, cost, name, used): (c_int, i64, i64, &str, [Option<usize>; 2]) =
        match (found.key, found.instance, found.low, found.high) {
            (Some(key), ..) => (KEY, of_key, 10, "key", [Some(key), None]),
            (None, Some(instance), ..) => (INSTANCE, 4, 40, "instance", [Some(instance), None]),
            (None, None, None, None) => (0, ROWS, ROWS, "", [None, None]),
            (None, None, low, high) => {
                let (from, until) = (low.map_or(0, |(_, bit)| bit), high.map_or(0, |(_, bit)| bit));
                let rows = if low.is_some() && high.is_some() { ROWS / 16 } else { ROWS / 4 };
                (from | until, rows, rows, "keys", [low.map(|(at, _)| at), high.map(|(at, _)| at)])
            }
        };
    let order = if plan == KEY { None } else { order_of(shape, info) };
    info.set_order_by_consumed(order.is_some());
    let tests = found.tests.iter().map(|(at, ..)| *at);
    for (argument, at) in (1..).zip(used.into_iter().flatten().chain(tests)) {
        info.constraint_usage(at).set_argv_index(argument);
    }
    let mut text = name.to_owned();
    for (_, compared, column) in &found.tests {
        text += &format!(" {}{column}", compared.letter());
    }
    info.set_idx_num(plan | order.unwrap_or(0));
    info.set_idx_str(&text);
    let passed = found.passed(rows);
    info.set_estimated_rows(passed);
    // A row that is left out here costs a fraction.
    info.set_estimated_cost(if found.tests.is_empty() { cost } else { cost / 4 + passed } as f64);
    if plan == KEY && shape.has_rowid() {
        info.set_idx_flags(IndexFlags::SQLITE_INDEX_SCAN_UNIQUE);
    }
}

/// The order that is asked for, if it is that of rows' numbers: no two are alike, so that nothing behind it counts.
fn order_of(shape: &Shape, info: &IndexInfo) -> Option<c_int> {
    let first = info.order_bys().next().filter(|_| shape.has_rowid())?;
    let order = if first.is_order_by_desc() { FALLING } else { RISING };
    (first.column() <= 0).then_some(order)
}

/// In which order a plan's rows come, if in one of their keys: whether that is a falling one.
pub(super) fn is_falling(plan: c_int) -> Option<bool> {
    (plan & (RISING | FALLING) != 0).then_some(plan & FALLING != 0)
}

/// What a plan's rows must be like beside, from its text and the last of the values that it came with.
pub(super) fn tests(text: Option<&str>, values: &Filters<'_>) -> Vec<Test> {
    let said: Vec<&str> = text.unwrap_or_default().split(' ').skip(1).collect();
    let values = values.iter().skip(values.len().saturating_sub(said.len()));
    let test = |(said, with): (&str, ValueRef<'_>)| {
        let (letter, column) = said.split_at_checked(1)?;
        let (compared, _) = Compared::ALL.into_iter().find(|(_, one)| letter.starts_with(*one))?;
        Some(Test { column: column.parse().ok()?, compared, with: with.try_into().ok()? })
    };
    said.into_iter().zip(values).filter_map(test).collect()
}

/// What a plan wants with the values that it came with.
pub(super) fn wanted(plan: c_int, values: &Filters<'_>) -> Wanted {
    let mut values = values.iter();
    let mut next = |bits: c_int| if plan & bits == 0 { None } else { values.next() };
    let one = |value: ValueRef<'_>, wanted: fn(i64) -> Wanted| match value {
        ValueRef::Integer(number) => wanted(number),
        ValueRef::Null => Wanted::Nothing,
        // What a text is as a number SQLite knows.
        _ => Wanted::All,
    };
    if let Some(key) = next(KEY) {
        return one(key, Wanted::Key);
    }
    if let Some(instance) = next(INSTANCE) {
        return one(instance, Wanted::Instance);
    }
    let (low, high) = (next(FROM | AFTER), next(UNTIL | BEFORE));
    let first = match low {
        Some(ValueRef::Null) => None,
        Some(ValueRef::Integer(number)) => number.checked_add(i64::from(plan & AFTER != 0)),
        _ => Some(i64::MIN),
    };
    let last = match high {
        Some(ValueRef::Null) => None,
        Some(ValueRef::Integer(number)) => number.checked_sub(i64::from(plan & BEFORE != 0)),
        _ => Some(i64::MAX),
    };
    match (first, last) {
        (Some(i64::MIN), Some(i64::MAX)) => Wanted::All,
        (Some(first), Some(last)) if first <= last => Wanted::Keys(first, last),
        _ => Wanted::Nothing,
    }
}
