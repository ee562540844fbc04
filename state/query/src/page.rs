//! Pages of a sorted search: by offset, or by cursors.
//!
//! A cursor holds the sort's values and the key of a row, the number of the store, and a checksum over them and the sort that they are for: one
//! that was altered, or comes from another search or store, is refused. SQLite's order holds everywhere: what is absent, then numbers, then texts by their bytes.

use crate::sql::Sql;
use crate::view::{Column, Kind, View};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rusqlite::types::ValueRef;
use std::cmp::Ordering;

/// A value of a cursor.
pub use rusqlite::types::Value as Bound;

/// Rows of a page, at most.
pub const LIMIT_MAX: u32 = 10_000;
/// Rows of a page unless the client says otherwise.
pub const LIMIT_DEFAULT: u32 = 100;
/// Rows that a page may leave out at most; whoever wants to go further goes by cursors.
pub const OFFSET_MAX: u32 = 100_000;
/// Rows are counted up to here.
pub const TOTAL_MAX: u64 = 10_000;
/// Longest cursor, characters.
const CURSOR_CHARS_MAX: usize = 64 * 1024;
/// Characters of a long text by which rows are sorted.
const SORTED_CHARS: usize = 256;
/// When a process instance began: that is always known, and an index has it.
const NEVER_ABSENT: [&str; 2] = ["p.start_date", "e.process_start_date"];
/// First byte of a cursor.
const CURSOR_VERSION: u8 = 2;

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

/// Columns and their directions; rows that are alike in them are in the order of their keys.
pub type Sort = Vec<(&'static Column, Order)>;

/// Which part of the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Where it begins, or ends.
    pub start: Start,
    /// Rows at most.
    pub limit: u32,
}

/// Where a page begins, or ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// Behind so many rows.
    From(u32),
    /// Behind the row of a cursor.
    After(Cursor),
    /// Before the row of a cursor: the last rows there.
    Before(Cursor),
}

impl Start {
    /// Of which store its cursor is, if a client was told that.
    pub(crate) fn store(&self, view: &View, sort: &Sort) -> Option<&Bound> {
        match self {
            Self::From(_) => None,
            Self::After(cursor) | Self::Before(cursor) => cursor.get(sort.len() + view.key.len()),
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { start: Start::From(0), limit: LIMIT_DEFAULT }
    }
}

/// A row's place in a sort. Behind it stands of which store it is, where a client was told it.
pub type Cursor = Vec<Bound>;

/// It is no cursor of this search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCursor;

/// How a sort reads its columns: their SQL and directions, the key at the end.
pub(crate) fn sorted(view: &View, sort: &Sort) -> Vec<(String, Order)> {
    let by = |(column, order): &(&'static Column, Order)| match column.kind {
        Kind::LongText | Kind::Value => (format!("substr({}, 1, {SORTED_CHARS})", column.sql), *order),
        _ => (column.sql.to_owned(), *order),
    };
    let key = view.key.iter().map(|sql| ((*sql).to_owned(), Order::Ascending));
    sort.iter().map(by).chain(key).collect()
}

impl Order {
    pub(crate) fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    pub(crate) fn of(self, ordering: Ordering) -> Ordering {
        if self == Self::Ascending { ordering } else { ordering.reverse() }
    }

    pub(crate) fn word(self) -> &'static str {
        if self == Self::Ascending { " ASC" } else { " DESC" }
    }
}

/// The condition of rows behind a place.
pub(crate) fn behind(sorted: &[(String, Order)], cursor: &[Bound]) -> Sql {
    let Some((((read, order), value), rest)) =
        sorted.iter().zip(cursor).next().map(|first| (first, (&sorted[1..], &cursor[1..])))
    else {
        return Sql::of("0");
    };
    let further = match (order, value) {
        (Order::Ascending, Bound::Null) => Sql::of(&format!("{read} IS NOT NULL")),
        (Order::Descending, Bound::Null) => Sql::of("0"),
        (Order::Ascending, value) => compared(read, " > ", value),
        (Order::Descending, value) if NEVER_ABSENT.contains(&read.as_str()) => compared(read, " < ", value),
        (Order::Descending, value) => {
            let less = compared(read, " < ", value);
            Sql::joined(vec![less, Sql::of(&format!("{read} IS NULL"))], " OR ", "0")
        }
    };
    if rest.0.is_empty() {
        return further;
    }
    let alike = Sql::joined(vec![compared(read, " IS ", value), behind(rest.0, rest.1)], " AND ", "1");
    let either = Sql::joined(vec![further, alike], " OR ", "0");
    // The bound alone, which an index can go by.
    match (order, value) {
        (Order::Ascending, value) if *value != Bound::Null => {
            Sql::joined(vec![compared(read, " >= ", value), either], " AND ", "1")
        }
        (Order::Descending, value) if NEVER_ABSENT.contains(&read.as_str()) => {
            Sql::joined(vec![compared(read, " <= ", value), either], " AND ", "1")
        }
        (Order::Ascending | Order::Descending, _) => either,
    }
}

fn compared(read: &str, word: &str, value: &Bound) -> Sql {
    let mut sql = Sql::of(read);
    sql.put(word).bind(value.clone());
    sql
}

/// SQLite's order of two values.
pub(crate) fn ordering(a: &Bound, b: &Bound) -> Ordering {
    let rank = |value: &Bound| match value {
        Bound::Null => 0,
        Bound::Integer(_) | Bound::Real(_) => 1,
        Bound::Text(_) => 2,
        Bound::Blob(_) => 3,
    };
    match (a, b) {
        (Bound::Integer(a), Bound::Integer(b)) => a.cmp(b),
        (Bound::Text(a), Bound::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

/// A value of a row, kept.
pub(crate) fn kept(value: ValueRef<'_>) -> Bound {
    match value {
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Bound::Null,
        ValueRef::Integer(number) => Bound::Integer(number),
        ValueRef::Text(text) => Bound::Text(String::from_utf8_lossy(text).into_owned()),
    }
}

/// A place in a store as a client is told it.
pub fn encoded(view: &View, sort: &Sort, cursor: &[Bound], store: i64) -> String {
    let mut bytes = vec![CURSOR_VERSION];
    for value in cursor.iter().chain([&Bound::Integer(store)]) {
        match value {
            Bound::Integer(number) => {
                bytes.push(1);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            Bound::Text(text) => {
                bytes.push(2);
                // It was cut to 256 characters, or is an id.
                bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or_default().to_be_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
            Bound::Null | Bound::Real(_) | Bound::Blob(_) => bytes.push(0),
        }
    }
    let checksum = checksum(view, sort, &bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    BASE64_STANDARD.encode(&bytes)
}

/// The place that a client was told, and behind it of which store it is.
///
/// # Errors
/// When it is none of this search.
pub fn decoded(view: &View, sort: &Sort, text: &str) -> Result<Cursor, NoCursor> {
    if text.len() > CURSOR_CHARS_MAX {
        return Err(NoCursor);
    }
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| NoCursor)?;
    let (content, said) = bytes.split_last_chunk::<4>().ok_or(NoCursor)?;
    if u32::from_be_bytes(*said) != checksum(view, sort, content) {
        return Err(NoCursor);
    }
    let mut rest = content.strip_prefix(&[CURSOR_VERSION]).ok_or(NoCursor)?;
    let mut cursor = Cursor::new();
    while let Some((kind, after)) = rest.split_first() {
        let (value, after) = match kind {
            0 => (Bound::Null, after),
            1 => {
                let (number, after) = after.split_first_chunk::<8>().ok_or(NoCursor)?;
                (Bound::Integer(i64::from_be_bytes(*number)), after)
            }
            2 => {
                let (length, after) = after.split_first_chunk::<4>().ok_or(NoCursor)?;
                let (text, after) =
                    after.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or(NoCursor)?;
                (Bound::Text(String::from_utf8(text.to_vec()).map_err(|_| NoCursor)?), after)
            }
            _ => return Err(NoCursor),
        };
        cursor.push(value);
        rest = after;
    }
    if cursor.len() == sort.len() + view.key.len() + 1 { Ok(cursor) } else { Err(NoCursor) }
}

fn checksum(view: &View, sort: &Sort, bytes: &[u8]) -> u32 {
    let mut sum = crc32c::crc32c(view.from.as_bytes());
    for (column, order) in sort {
        sum = crc32c::crc32c_append(sum, column.name.as_bytes());
        sum = crc32c::crc32c_append(sum, order.word().as_bytes());
    }
    crc32c::crc32c_append(sum, bytes)
}
