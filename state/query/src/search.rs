//! A search: the same SQL on every file that may have rows, merged by the sort.
//!
//! First the places of the page's rows are found, then those rows are read: what is sorted holds no more than the sort's values. Each
//! file is asked for as many places as the page needs, and read only as far; some of its rows in [`lanes`](crate::lanes) that have an order already.

use crate::filter::{Filter, Value};
use crate::lanes::{Part, parts};
use crate::page::{self, Cursor, OFFSET_MAX, Order, Page, Sort, Start, TOTAL_MAX};
use crate::readers::{Cancel, Error, Searcher, Source, Wanted, broken};
use crate::sql::Sql;
use crate::view::{By, Column, Place, View};
use rusqlite::types::{Value as Bound, ValueRef};
use rusqlite::{CachedStatement, params_from_iter};
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
        let wanted = Wanted::by(query.view.place, &query.filter);
        self.read(&wanted, cancel, |sources| {
            let parts = parts(query, sources)?;
            let total = if query.is_counted { query.total(sources, &parts)? } else { 0 };
            let mut places = query.places(sources, &parts, cancel)?;
            if matches!(query.page.start, Start::Before(_)) {
                places.reverse();
            }
            query.read(sources, &places, cancel, &mut each)?;
            let told = |place: Option<&(usize, Cursor)>| {
                place.map(|(_, cursor)| page::encoded(query.view, &query.sort, cursor))
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
                let mut statement = source.prepare_cached(&sql.text).map_err(broken(source))?;
                let columns = statement.column_count();
                let mut rows = statement.query(params_from_iter(&sql.values)).map_err(broken(source))?;
                while let Some(row) = rows.next().map_err(broken(source))? {
                    let kept =
                        |at: usize| row.get_ref(at).map(page::kept).map(Ordered).map_err(broken(source));
                    let group: Vec<Ordered> = (0..figures.keys).map(kept).collect::<Result<_, _>>()?;
                    let numbers = groups.entry(group).or_insert_with(|| vec![0; columns - figures.keys]);
                    for (at, number) in numbers.iter_mut().enumerate() {
                        *number += row
                            .get::<_, Option<i64>>(figures.keys + at)
                            .map_err(broken(source))?
                            .unwrap_or_default();
                    }
                    if groups.len() > GROUPS_MAX {
                        return Err(Error::TooManyGroups(GROUPS_MAX));
                    }
                }
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

impl Query {
    fn total(&self, sources: &[Source<'_>], parts: &[Part]) -> Result<u64, Error> {
        let mut total = 0;
        // Instances of which a file may tell more than once.
        let mut told = HashSet::new();
        for part in parts {
            let source = &sources[part.source];
            let most = TOTAL_MAX + 1 - total - told.len() as u64;
            let key = part.read.map_or("1".to_owned(), |[_, key]| format!("DISTINCT {key}"));
            let mut rows = part.any(&key);
            rows.put(" LIMIT ").bind(Bound::Integer(i64::try_from(most).unwrap_or_default()));
            if part.read.is_some() {
                let mut statement = source.prepare_cached(&rows.text).map_err(broken(source))?;
                let keys = statement.query_map(params_from_iter(&rows.values), |row| row.get::<_, i64>(0));
                for key in keys.map_err(broken(source))? {
                    told.insert(key.map_err(broken(source))?);
                }
            } else {
                let mut sql = Sql::of("SELECT count(*) FROM ");
                sql.add(rows.enclosed(""));
                let mut statement = source.prepare_cached(&sql.text).map_err(broken(source))?;
                let count = statement.query_row(params_from_iter(&sql.values), |row| row.get::<_, i64>(0));
                total += u64::try_from(count.map_err(broken(source))?).unwrap_or_default();
            }
            if total + told.len() as u64 > TOTAL_MAX {
                break;
            }
        }
        Ok(total + told.len() as u64)
    }

    /// The places of the page's rows, each with the number of its file.
    fn places(
        &self,
        sources: &[Source<'_>],
        parts: &[Part],
        cancel: &Cancel,
    ) -> Result<Vec<(usize, Cursor)>, Error> {
        let mut sorted = page::sorted(self.view, &self.sort);
        let (mut skipped, cursor) = match &self.page.start {
            Start::From(skipped) => (usize::try_from(*skipped.min(&OFFSET_MAX)).unwrap_or_default(), None),
            Start::After(cursor) => (0, Some(cursor)),
            Start::Before(cursor) => {
                sorted.iter_mut().for_each(|(_, order)| *order = order.reversed());
                (0, Some(cursor))
            }
        };
        let limit = self.page.limit as usize;
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut statements = Vec::with_capacity(parts.len());
        for part in parts {
            let sql = sql_of_places(part, &sorted, cursor, skipped + limit);
            let source = &sources[part.source];
            statements.push((source.prepare_cached(&sql.text).map_err(broken(source))?, sql.values));
        }
        let mut rows = Vec::with_capacity(parts.len());
        for ((statement, values), part) in statements.iter_mut().zip(parts) {
            rows.push(statement.query(params_from_iter(&*values)).map_err(broken(&sources[part.source]))?);
        }
        let mut next = |at: usize| -> Result<Option<Cursor>, Error> {
            let source = &sources[parts[at].source];
            let Some(row) = rows[at].next().map_err(broken(source))? else { return Ok(None) };
            let kept = |at: usize| row.get_ref(at).map(page::kept).map_err(broken(source));
            (0..sorted.len()).map(kept).collect::<Result<Cursor, Error>>().map(Some)
        };
        // What is read of a file is read only when its rows may be the next ones.
        let unread = |part: &Part| self.unread(&sorted[0], &sources[part.source]);
        let mut heads: Vec<Head> = parts.iter().map(unread).collect();
        let (mut places, mut last) = (Vec::new(), None);
        while places.len() < limit {
            cancel.check()?;
            let heads_in_order = heads.iter().enumerate().filter(|(_, head)| !matches!(head, Head::None));
            let first = heads_in_order.min_by(|(_, a), (_, b)| a.compared(b, &sorted));
            let Some((at, _)) = first else { break };
            let following = next(at)?.map_or(Head::None, Head::Row);
            let Head::Row(place) = std::mem::replace(&mut heads[at], following) else { continue };
            if parts[at].read.is_some() && last.replace(place.clone()).as_ref() == Some(&place) {
                continue;
            }
            if skipped > 0 {
                skipped -= 1;
            } else {
                places.push((parts[at].source, place));
            }
        }
        Ok(places)
    }

    /// What is known of a file's first row before it is read.
    fn unread(&self, first: &(String, Order), source: &Source<'_>) -> Head {
        let Some(file) = source.file else { return Head::Unread(None) };
        let (read, order) = first;
        let own = |column: &&Column| column.sql == read.as_str() && column.by == By::Own;
        let is_key = self.view.key.first().is_some_and(|key| key == read)
            && self.view.columns.iter().any(|column| own(&column));
        let is_past = self.sort.first().is_some_and(|(column, _)| PAST.contains(&column.name));
        Head::Unread(match order {
            Order::Ascending if is_key => Some(file.key_min),
            Order::Descending if is_key => Some(file.key_max),
            Order::Ascending if read == START_OF_INSTANCE => Some(file.start_date_min),
            Order::Descending if is_past => Some(file.end_date_max),
            Order::Ascending | Order::Descending => None,
        })
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
        let mut statements: Vec<Option<CachedStatement<'_>>> = sources.iter().map(|_| None).collect();
        for (at, place) in places {
            let source = &sources[*at];
            let statement = match &mut statements[*at] {
                Some(statement) => statement,
                unprepared => unprepared.insert(source.prepare_cached(&sql).map_err(broken(source))?),
            };
            let key = &place[place.len() - self.view.key.len()..];
            let mut rows = statement.query(params_from_iter(key)).map_err(broken(source))?;
            if let Some(row) = rows.next().map_err(broken(source))? {
                each(&Row(row))?;
            }
            cancel.check()?;
        }
        Ok(())
    }
}

/// What reads the places of a part's rows in order.
pub(crate) fn sql_of_places(
    part: &Part,
    sorted: &[(String, Order)],
    cursor: Option<&Cursor>,
    most: usize,
) -> Sql {
    let sorted = part.sorted(sorted);
    let read: Vec<&str> = sorted.iter().map(|(read, _)| read.as_str()).collect();
    let by: Vec<String> = sorted.iter().map(|(read, order)| format!("{read}{}", order.word())).collect();
    let mut sql = part.in_order(&read.join(", "));
    if let Some(cursor) = cursor {
        sql.put(" AND (").add(page::behind(&sorted, cursor)).put(")");
    }
    sql.put(" ORDER BY ").put(&by.join(", "));
    // How many rows tell of an instance is not known.
    if part.read.is_none() {
        sql.put(" LIMIT ").bind(Bound::Integer(i64::try_from(most).unwrap_or(i64::MAX)));
    }
    sql
}

/// How it is read when a process instance began, which is always known.
const START_OF_INSTANCE: &str = "p.start_date";
/// Times that are no later than the end of the instance.
const PAST: [&str; 7] =
    ["startDate", "endDate", "creationDate", "creationTime", "completionDate", "endTime", "evaluationDate"];

/// The next row of a file.
enum Head {
    /// It was not read yet: its first value is this one at best, if that is known.
    Unread(Option<i64>),
    /// Its place.
    Row(Cursor),
    /// There is none.
    None,
}

impl Head {
    /// Which is to be looked at first. What is not known comes before everything.
    fn compared(&self, other: &Self, sorted: &[(String, Order)]) -> std::cmp::Ordering {
        let value = |head: &Self| match head {
            Self::Unread(best) => best.map(Bound::Integer),
            Self::Row(place) => place.first().cloned(),
            Self::None => None,
        };
        if let (Self::Row(a), Self::Row(b)) = (self, other) {
            return compared(sorted, a, b);
        }
        match (value(self), value(other)) {
            (Some(a), Some(b)) => {
                let is_read = |head: &Self| matches!(head, Self::Row(_));
                // Of those that may be alike what is not read comes first: the rest of the sort is not known.
                sorted[0].1.of(page::ordering(&a, &b)).then(is_read(self).cmp(&is_read(other)))
            }
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }
}

/// The order of two places.
fn compared(sorted: &[(String, Order)], a: &Cursor, b: &Cursor) -> std::cmp::Ordering {
    let each = sorted.iter().zip(a.iter().zip(b));
    each.map(|((_, order), (a, b))| order.of(page::ordering(a, b)))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
}
