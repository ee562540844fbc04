//! Conditions on rows, and how they are written as SQL. Values are always parameters.
//!
//! What is absent is unlike every value: `$neq` and `$notIn` find it, other tests but `$exists` do not.

use crate::like::{Pattern, behind};
use crate::schema::VALUE_INDEX_CHARS;
use crate::sql::Sql;
use crate::view::{By, Column, Kind};
use crate::views::instances::{ELEMENTS_OF_INSTANCE, INCIDENTS, JOBS};
use rusqlite::types::Value as Bound;

/// How the business id of a process instance is read, which instances that ended may lack too.
pub(crate) const BUSINESS_ID: &str = "p.business_id";
/// How the state of a process instance is read.
pub(crate) const STATE_OF_INSTANCE: &str = "p.state";
/// The code of an element instance that is active.
const ACTIVE_ELEMENT: i64 = 0;
/// The code of a process instance that is suspended.
pub(crate) const SUSPENDED: i64 = 2;
/// The codes of active and suspended ones.
const ALIVE: [i64; 2] = [0, SUSPENDED];
/// Those of completed and terminated ones.
const ENDED: [i64; 2] = [1, 3];

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A key, number, time, flag or code.
    Int(i64),
    /// A text.
    Text(String),
}

/// A test of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Equal.
    Eq(Value),
    /// Not equal, or absent.
    Neq(Value),
    /// There, or not.
    Exists(bool),
    /// Greater.
    Gt(Value),
    /// Greater or equal.
    Gte(Value),
    /// Less.
    Lt(Value),
    /// Less or equal.
    Lte(Value),
    /// One of these.
    In(Vec<Value>),
    /// None of these, or absent.
    NotIn(Vec<Value>),
    /// Like a pattern.
    Like(Pattern),
}

/// A condition on rows.
#[derive(Clone, Debug)]
pub enum Filter {
    /// All of these; all rows for none.
    All(Vec<Filter>),
    /// One of these; no row for none.
    Any(Vec<Filter>),
    /// A test of a column.
    Is(&'static Column, Test),
    /// A row of another table, found by a subquery that the first text begins and the last ends, for which these tests hold.
    Has(&'static str, Vec<(&'static str, Kind, Test)>, &'static str),
    /// A row of another table, found by a subquery that the first text begins and the last ends, for which a condition holds.
    Where(&'static str, Box<Filter>, &'static str),
    /// SQL of its own, with this value between its parts.
    Of(&'static [&'static str], Value),
}

impl From<Value> for Bound {
    fn from(value: Value) -> Self {
        match value {
            Value::Int(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text),
        }
    }
}

impl Test {
    /// The test that holds where this one, which denies something, does not.
    fn denied(&self) -> Option<Self> {
        match self {
            Self::Neq(value) => Some(Self::Eq(value.clone())),
            Self::NotIn(values) => Some(Self::In(values.clone())),
            Self::Exists(false) => Some(Self::Exists(true)),
            _ => None,
        }
    }

    /// The test of what SQL reads so.
    pub(crate) fn sql(&self, read: &str, kind: Kind) -> Sql {
        let compared = |word: &str, value: &Value| {
            let mut sql = Sql::of(read);
            sql.put(word).bind(value.clone().into());
            sql
        };
        let test = match self {
            // As an index of such rows alone has it.
            Self::Eq(Value::Int(1)) if matches!(kind, Kind::Flag) => Sql::of(read),
            Self::Eq(value) => compared(" = ", value),
            // Unlike `<>`, it holds for what is absent.
            Self::Neq(value) => compared(" IS NOT ", value),
            Self::Exists(true) => Sql::of(&format!("{read} IS NOT NULL")),
            Self::Exists(false) => Sql::of(&format!("{read} IS NULL")),
            Self::Gt(value) => compared(" > ", value),
            Self::Gte(value) => compared(" >= ", value),
            Self::Lt(value) => compared(" < ", value),
            Self::Lte(value) => compared(" <= ", value),
            Self::In(values) => listed(&format!("{read} IN "), values),
            Self::NotIn(values) => {
                let mut sql = Sql::of(&format!("{read} IS NULL OR "));
                sql.add(listed(&format!("{read} NOT IN "), values));
                sql.enclosed("")
            }
            Self::Like(pattern) => return like(pattern, read, kind),
        };
        if kind != Kind::Value {
            return test;
        }
        match self {
            Self::Eq(Value::Text(text)) => {
                let begins = compared_begin(read, " = ", &Value::Text(begin(text)));
                if is_short(text) { begins } else { also(test, begins) }
            }
            Self::In(values) => {
                let are_short = values.iter().all(|value| match value {
                    Value::Text(text) => is_short(text),
                    Value::Int(_) => false,
                });
                let begins = values.iter().map(|value| match value {
                    Value::Text(text) => Value::Text(begin(text)),
                    Value::Int(_) => value.clone(),
                });
                let begins = listed(&format!("{} IN ", read_begin(read)), &begins.collect::<Vec<_>>());
                if are_short { begins } else { also(test, begins) }
            }
            _ => test,
        }
    }
}

/// Whether all of a value stands in the index over values: what begins so is the same then.
fn is_short(text: &str) -> bool {
    text.chars().count() < VALUE_INDEX_CHARS
}

/// What the index over values holds of one.
fn begin(text: &str) -> String {
    text.chars().take(VALUE_INDEX_CHARS).collect()
}

fn read_begin(read: &str) -> String {
    format!("substr({read}, 1, {VALUE_INDEX_CHARS})")
}

fn compared_begin(read: &str, word: &str, value: &Value) -> Sql {
    let mut sql = Sql::of(&read_begin(read));
    sql.put(word).bind(value.clone().into());
    sql
}

fn also(test: Sql, index: Sql) -> Sql {
    Sql::joined(vec![index, test], " AND ", "1")
}

fn listed(before: &str, values: &[Value]) -> Sql {
    let mut sql = Sql::of(before);
    sql.put("(");
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            sql.put(",");
        }
        sql.bind(value.clone().into());
    }
    sql.put(")");
    sql
}

/// A pattern, and the range of texts that its begin leaves, which an index can find.
fn like(pattern: &Pattern, read: &str, kind: Kind) -> Sql {
    let mut test = Sql::of("matches(");
    test.bind(Bound::Text(pattern.text().to_owned())).put(", ").put(read).put(")");
    let prefix = pattern.prefix();
    if prefix.is_empty() && read == BUSINESS_ID {
        // All texts: so that the index over them is gone through, which is a tenth of the rows, and not rows in the order of the sort.
        return also(test, Sql::of("p.business_id >= ''"));
    }
    if prefix.is_empty() {
        return test;
    }
    let (read, prefix) =
        if kind == Kind::Value { (read_begin(read), begin(&prefix)) } else { (read.to_owned(), prefix) };
    let mut parts = Vec::new();
    if let Some(end) = behind(&prefix) {
        let mut below = Sql::of(&read);
        below.put(" < ").bind(Bound::Text(end));
        parts.push(below);
    }
    let mut from = Sql::of(&read);
    from.put(" >= ").bind(Bound::Text(prefix));
    parts.extend([from, test]);
    Sql::joined(parts, " AND ", "1")
}

impl Filter {
    /// The condition as SQL.
    pub(crate) fn sql(&self) -> Sql {
        match self {
            Self::All(filters) => all(filters),
            Self::Any(filters) => Sql::joined(filters.iter().map(Self::sql).collect(), " OR ", "0"),
            Self::Is(..) => all(std::slice::from_ref(self)),
            Self::Has(begin, tests, end) => {
                let parts = tests.iter().map(|(read, kind, test)| test.sql(read, *kind)).collect();
                let mut sql = Sql::of(begin);
                sql.add(Sql::joined(parts, " AND ", "1")).put(end);
                sql
            }
            Self::Where(begin, filter, end) => {
                let mut sql = Sql::of(begin);
                sql.add(filter.sql()).put(end);
                sql
            }
            Self::Of(parts, value) => {
                let mut sql = Sql::default();
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        sql.bind(value.clone().into());
                    }
                    sql.put(part);
                }
                sql
            }
        }
    }

    /// Whether only process instances are meant that have not ended: none of them is in a file of finished instances.
    pub(crate) fn is_of_the_living(&self) -> bool {
        let is_alive = |value: &Value| matches!(value, Value::Int(code) if ALIVE.contains(code));
        match self {
            Self::All(filters) => filters.iter().any(Self::is_of_the_living),
            Self::Any(filters) => filters.iter().all(Self::is_of_the_living),
            // What has an element that is active is alive.
            Self::Is(
                Column { by: By::Within(begin, "e.state"), .. },
                Test::Eq(Value::Int(ACTIVE_ELEMENT)),
            ) => *begin == ELEMENTS_OF_INSTANCE,
            Self::Is(Column { by: By::Within(begin, _), .. }, _) if [INCIDENTS, JOBS].contains(begin) => true,
            Self::Is(column, test) if column.sql == STATE_OF_INSTANCE => match test {
                Test::Eq(value) => is_alive(value),
                Test::In(values) => values.iter().all(is_alive),
                _ => false,
            },
            Self::Is(..) | Self::Has(..) | Self::Where(..) | Self::Of(..) => false,
        }
    }

    /// Whether only process instances are meant that have ended: none of them is among the living.
    pub(crate) fn is_of_the_ended(&self) -> bool {
        let has_ended = |value: &Value| matches!(value, Value::Int(code) if ENDED.contains(code));
        match self {
            Self::All(filters) => filters.iter().any(Self::is_of_the_ended),
            Self::Any(filters) => filters.iter().all(Self::is_of_the_ended),
            Self::Is(column, test) if column.sql == STATE_OF_INSTANCE => match test {
                Test::Eq(value) => has_ended(value),
                Test::In(values) => values.iter().all(has_ended),
                _ => false,
            },
            Self::Is(..) | Self::Has(..) | Self::Where(..) | Self::Of(..) => false,
        }
    }

    /// The same for instances that have ended: what asks for those that have not holds for none.
    pub(crate) fn of_the_ended(&self) -> Self {
        match self {
            _ if self.is_of_the_living() => Self::Any(Vec::new()),
            Self::All(filters) => {
                let all: Vec<Self> = filters.iter().map(Self::of_the_ended).collect();
                if all.iter().any(Self::is_never) { Self::Any(Vec::new()) } else { Self::All(all) }
            }
            Self::Any(filters) => {
                Self::Any(filters.iter().map(Self::of_the_ended).filter(|one| !one.is_never()).collect())
            }
            other => other.clone(),
        }
    }

    /// Whether it holds for no row.
    pub(crate) fn is_never(&self) -> bool {
        matches!(self, Self::Any(filters) if filters.is_empty())
    }

    /// Values of keys that rows' own partition made, of which one must hold: they name partitions and files. None where there are none.
    pub(crate) fn own_keys(&self) -> Option<Vec<i64>> {
        let ints = |values: &[Value]| {
            let ints = values.iter().filter_map(|value| match value {
                Value::Int(key) => Some(*key),
                Value::Text(_) => None,
            });
            ints.collect::<Vec<_>>()
        };
        match self {
            Self::All(filters) => filters.iter().find_map(Self::own_keys),
            Self::Is(Column { by: By::Own, .. }, Test::Eq(value)) => Some(ints(std::slice::from_ref(value))),
            Self::Is(Column { by: By::Own, .. }, Test::In(values)) => Some(ints(values)),
            Self::Any(filters) if !filters.is_empty() => {
                let keys: Option<Vec<Vec<i64>>> = filters.iter().map(Self::own_keys).collect();
                keys.map(|keys| keys.concat())
            }
            Self::Any(_) | Self::Is(..) | Self::Has(..) | Self::Where(..) | Self::Of(..) => None,
        }
    }
}

/// All of several conditions: those inside the same subquery stand in one.
fn all(filters: &[Filter]) -> Sql {
    let mut parts = Vec::new();
    let mut inside: Vec<(&'static str, Vec<Sql>)> = Vec::new();
    for filter in filters {
        let Filter::Is(column, test) = filter else {
            parts.push(filter.sql());
            continue;
        };
        match column.by {
            By::Itself | By::Own => parts.push(test.sql(column.sql, column.kind)),
            By::Within(begin, read) => {
                let test = test.sql(read, column.kind);
                match inside.iter_mut().find(|(other, _)| *other == begin) {
                    Some((_, tests)) => tests.push(test),
                    None => inside.push((begin, vec![test])),
                }
            }
            By::Any(begin, read) => {
                let denied = test.denied();
                // Of a row without a key there is nothing in the subquery, rather than nobody knows.
                let (before, after) = if denied.is_some() { ("NOT coalesce(", "), 0)") } else { ("", ")") };
                let mut sql = Sql::of(before);
                sql.put(begin).add(denied.as_ref().unwrap_or(test).sql(read, column.kind)).put(after);
                parts.push(sql);
            }
        }
    }
    for (begin, tests) in inside {
        let mut sql = Sql::of(begin);
        sql.add(Sql::joined(tests, " AND ", "1")).put(")");
        parts.push(sql);
    }
    Sql::joined(parts, " AND ", "1")
}
