//! What can be searched: the columns of a view, each declared once.
//!
//! A column says its name in the API, how SQL reads it, what it is, and how a condition on it is written. Which columns an operation
//! shows, filters and sorts by is said by the API's objects, which name them.

/// Rows of one kind.
#[derive(Debug)]
pub struct View {
    /// What one of them is called where it is not found.
    pub thing: &'static str,
    /// The table with its letter.
    pub from: &'static str,
    /// What tells rows apart, as SQL. It ends every sort.
    pub key: &'static [&'static str],
    /// Which files have them.
    pub place: Place,
    /// All columns.
    pub columns: &'static [Column],
}

/// Which files have rows of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Those of all partitions, also those of finished instances.
    Instances,
    /// What every partition has alike: that of the deployment partition which is written.
    Definitions,
    /// What each partition has besides rows of instances.
    Partitions,
}

/// A column of a view.
#[derive(Debug)]
pub struct Column {
    /// Its name in the API.
    pub name: &'static str,
    /// How it is read.
    pub sql: &'static str,
    /// What it is.
    pub kind: Kind,
    /// How a condition on it is written.
    pub by: By,
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key, which the API writes as text.
    Key,
    /// A whole number.
    Int,
    /// Milliseconds since 1970.
    Time,
    /// 0 or 1.
    Flag,
    /// A text.
    Text,
    /// A text that may be long: rows are sorted by its begin.
    LongText,
    /// A value of a variable, as JSON text: long, and found by its begin.
    Value,
    /// The code of a name among these.
    Enum(&'static [&'static str]),
    /// JSON, which the API writes as it is.
    Json,
}

/// How a condition on a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// As it is read.
    Itself,
    /// As it is read; and its value names the partition, and the files of finished instances that may have it.
    Own,
    /// Inside a subquery, which this begins and a parenthesis ends. Conditions of one filter with the same begin stand in one.
    Within(&'static str, &'static str),
    /// Inside a subquery over several values, of which one must be so; what denies something denies it of all.
    Any(&'static str, &'static str),
}

impl View {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A column that is filtered as it is read.
pub const fn plain(name: &'static str, sql: &'static str, kind: Kind) -> Column {
    Column { name, sql, kind, by: By::Itself }
}

/// A key that the row's partition made, of its instance or something in it.
pub const fn own(name: &'static str, sql: &'static str) -> Column {
    Column { name, sql, kind: Kind::Key, by: By::Own }
}

/// A column that is only filtered by, inside a subquery.
pub const fn within(name: &'static str, begin: &'static str, sql: &'static str, kind: Kind) -> Column {
    Column { name, sql: "NULL", kind, by: By::Within(begin, sql) }
}
