//! A search: the same SQL on every file that may have rows, merged by the sort.
//!
//! First the places of the page's rows are found, then those rows are read: what is sorted holds no more than the sort's values. Each
//! file is read only when its rows may be the next ones, and a piece at a time ([`merge`](crate::merge)); some of its rows in
//! [`lanes`](crate::lanes) that have an order already. Where the page has room for all that was found they are counted by that.

use crate::filter::{Filter, Value};
use crate::lanes::{Part, parts};
use crate::merge::Merge;
use crate::page::{self, Cursor, OFFSET_MAX, Page, Sort, Start, TOTAL_MAX};
use crate::readers::{Cancel, Error, Searcher, Source, Wanted, broken};
use crate::sql::Sql;
use crate::view::{Column, Place, View};
use rusqlite::types::{Value as Bound, ValueRef};
use rusqlite::{Connection, params_from_iter};
use std::collections::{BTreeMap, HashSet};

/// Groups of figures, at most; more are an error.
const GROUPS_MAX: usize = 10_000;

/// What is searched.
#[derive(Debug)]
pub struct Query {
    /// In which rows.
    pub view: &'static View,
    /// What is read of each, in this order.
    pub output: Vec<&'static Column>,
    /// Which of them.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// Which part.
    pub page: Page,
    /// Whether all rows are counted.
    pub is_counted: bool,
}

/// What a search found beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Rows without regard to the page, at most [`TOTAL_MAX`].
    pub total: u64,
    /// There are more than that.
    pub has_more: bool,
    /// The place of the page's first row.
    pub first: Option<String>,
    /// The place of its last.
    pub last: Option<String>,
}

/// A row that was found.
pub struct Row<'a>(&'a rusqlite::Row<'a>);

impl Row<'_> {
    /// A number; none for what is absent.
    pub fn int(&self, at: usize) -> Option<i64> {
        self.0.get_ref(at).ok()?.as_i64().ok()
    }

    /// A text or bytes; none for what is absent.
    pub fn bytes(&self, at: usize) -> Option<&[u8]> {
        match self.0.get_ref(at).ok()? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Bytes of its texts.
    pub fn bytes_len(&self) -> usize {
        (0..)
            .map_while(|at| self.0.get_ref(at).ok())
            .map(|value| value.as_bytes().map_or(8, <[u8]>::len))
            .sum()
    }

    /// A text; none for what is absent.
    pub fn text(&self, at: usize) -> Option<&str> {
        std::str::from_utf8(self.bytes(at)?).ok()
    }
}

/// Numbers of rows by groups: SQL with a condition in it.
#[derive(Debug)]
pub struct Figures {
    /// Which files have the rows.
    pub place: Place,
    /// SQL before the condition: first what groups are told apart by, then numbers that are added over files.
    pub before: &'static str,
    /// The condition.
    pub filter: Filter,
    /// SQL behind it.
    pub after: &'static str,
    /// How many columns tell groups apart.
    pub keys: usize,
}

/// A group: what tells it apart, and its numbers.
pub type Group = (Vec<Option<Value>>, Vec<i64>);

impl Searcher {
    /// Searches, and hands the page's rows over in their order.
    ///
    /// # Errors
    /// When rows cannot be read, it takes too long, or `each` fails.
    pub fn search(
        &self,
        query: &Query,
        cancel: &Cancel,
        mut each: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<Found, Error> {
        let store = self.identity();
        if query.page.start.store(query.view, &query.sort).is_some_and(|of| *of != Bound::Integer(store)) {
            return Err(Error::OtherStore);
        }
        let wanted = Wanted::by(query.view.place, &query.filter);
        self.read(&wanted, cancel, |sources| {
            let parts = parts(query, sources)?;
            let (mut places, all) = query.places(sources, &parts, cancel)?;
            let total = match all {
                _ if !query.is_counted => 0,
                Some(all) => all,
                None => query.total(sources, &parts, cancel)?,
            };
            if matches!(query.page.start, Start::Before(_)) {
                places.reverse();
            }
            query.read(sources, &places, cancel, &mut each)?;
            let told = |place: Option<&(usize, Cursor)>| {
                place.map(|(_, cursor)| page::encoded(query.view, &query.sort, cursor, store))
            };
            Ok(Found {
                total: total.min(TOTAL_MAX),
                has_more: total > TOTAL_MAX,
                first: told(places.first()),
                last: told(places.last()),
            })
        })
    }

    /// Counts, by groups in their order.
    ///
    /// # Errors
    /// When rows cannot be read, it takes too long, or there are too many groups.
    pub fn figures(&self, figures: &Figures, cancel: &Cancel) -> Result<Vec<Group>, Error> {
        let mut sql = Sql::of(figures.before);
        sql.add(figures.filter.sql()).put(figures.after);
        let wanted = Wanted::by(figures.place, &figures.filter);
        self.read(&wanted, cancel, |sources| {
            let mut groups: BTreeMap<Vec<Ordered>, Vec<i64>> = BTreeMap::new();
            for source in sources {
                cancel.check()?;
                source.read(|connection| add_groups(connection, &sql, figures.keys, &mut groups))?;
            }
            let value = |Ordered(value)| match value {
                Bound::Integer(number) => Some(Value::Int(number)),
                Bound::Text(text) => Some(Value::Text(text)),
                Bound::Null | Bound::Real(_) | Bound::Blob(_) => None,
            };
            Ok(groups
                .into_iter()
                .map(|(keys, numbers)| (keys.into_iter().map(value).collect(), numbers))
                .collect())
        })
    }
}

/// A value in SQLite's order.
#[derive(PartialEq)]
struct Ordered(Bound);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        page::ordering(&self.0, &other.0)
    }
}

/// Adds the numbers that a file has of groups.
fn add_groups(
    connection: &Connection,
    sql: &Sql,
    keys: usize,
    groups: &mut BTreeMap<Vec<Ordered>, Vec<i64>>,
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(&sql.text).map_err(broken(connection))?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(&sql.values)).map_err(broken(connection))?;
    while let Some(row) = rows.next().map_err(broken(connection))? {
        let kept = |at: usize| row.get_ref(at).map(page::kept).map(Ordered).map_err(broken(connection));
        let group: Vec<Ordered> = (0..keys).map(kept).collect::<Result<_, _>>()?;
        let numbers = groups.entry(group).or_insert_with(|| vec![0; columns - keys]);
        for (at, number) in numbers.iter_mut().enumerate() {
            let more = row.get::<_, Option<i64>>(keys + at).map_err(broken(connection))?;
            *number += more.unwrap_or_default();
        }
        if groups.len() > GROUPS_MAX {
            return Err(Error::TooManyGroups(GROUPS_MAX));
        }
    }
    Ok(())
}

/// Places of rows, each with the number of its file.
type Places = Vec<(usize, Cursor)>;

impl Query {
    fn total(&self, sources: &[Source<'_>], parts: &[Part], cancel: &Cancel) -> Result<u64, Error> {
        let mut total = 0;
        // Instances of which a file may tell more than once.
        let mut told = HashSet::new();
        for part in parts {
            cancel.check()?;
            let most = TOTAL_MAX + 1 - total - told.len() as u64;
            let key = part.read.map_or("1".to_owned(), |[_, key]| format!("DISTINCT {key}"));
            let mut rows = part.any(&key);
            rows.put(" LIMIT ").bind(Bound::Integer(i64::try_from(most).unwrap_or_default()));
            sources[part.source].read(|connection| {
                if part.read.is_some() {
                    let mut statement = connection.prepare_cached(&rows.text).map_err(broken(connection))?;
                    let keys =
                        statement.query_map(params_from_iter(&rows.values), |row| row.get::<_, i64>(0));
                    for key in keys.map_err(broken(connection))? {
                        told.insert(key.map_err(broken(connection))?);
                    }
                } else {
                    let mut sql = Sql::of("SELECT count(*) FROM ");
                    sql.add(rows.enclosed(""));
                    let mut statement = connection.prepare_cached(&sql.text).map_err(broken(connection))?;
                    let count =
                        statement.query_row(params_from_iter(&sql.values), |row| row.get::<_, i64>(0));
                    total += u64::try_from(count.map_err(broken(connection))?).unwrap_or_default();
                }
                Ok(())
            })?;
            if total + told.len() as u64 > TOTAL_MAX {
                break;
            }
        }
        Ok(total + told.len() as u64)
    }

    /// The places of the page's rows; and how many rows there are, where that is known by now.
    fn places(
        &self,
        sources: &[Source<'_>],
        parts: &[Part],
        cancel: &Cancel,
    ) -> Result<(Places, Option<u64>), Error> {
        let mut sorted = page::sorted(self.view, &self.sort);
        let (skipped, cursor) = match &self.page.start {
            Start::From(skipped) => (usize::try_from(*skipped.min(&OFFSET_MAX)).unwrap_or_default(), None),
            Start::After(cursor) => (0, Some(cursor)),
            Start::Before(cursor) => {
                sorted.iter_mut().for_each(|(_, order)| *order = order.reversed());
                (0, Some(cursor))
            }
        };
        let limit = self.page.limit as usize;
        let mut places = Vec::new();
        if limit == 0 {
            return Ok((places, None));
        }
        let mut merge = Merge::of(self, &sorted, sources, parts, skipped + limit);
        let mut passed = 0;
        while places.len() < limit {
            cancel.check()?;
            let Some((source, place)) = merge.next(cursor)? else {
                let all = passed + places.len() as u64;
                return Ok((places, cursor.is_none().then_some(all)));
            };
            if passed < skipped as u64 {
                passed += 1;
            } else {
                places.push((source, place));
            }
        }
        Ok((places, None))
    }

    /// Reads the rows of places.
    fn read(
        &self,
        sources: &[Source<'_>],
        places: &[(usize, Cursor)],
        cancel: &Cancel,
        each: &mut impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let read: Vec<&str> = self.output.iter().map(|column| column.sql).collect();
        let keys: Vec<String> = self.view.key.iter().map(|key| format!("{key} = ?")).collect();
        let sql = format!("SELECT {} FROM {} WHERE {}", read.join(", "), self.view.from, keys.join(" AND "));
        for of_one in places.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((source, _)) = of_one.first() else { continue };
            sources[*source].read(|connection| {
                let mut statement = connection.prepare_cached(&sql).map_err(broken(connection))?;
                for (_, place) in of_one {
                    let key = &place[place.len() - self.view.key.len()..];
                    let mut rows = statement.query(params_from_iter(key)).map_err(broken(connection))?;
                    if let Some(row) = rows.next().map_err(broken(connection))? {
                        each(&Row(row))?;
                    }
                    cancel.check()?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
