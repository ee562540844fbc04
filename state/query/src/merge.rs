//! The places of rows of several files, in the order of a sort.
//!
//! What is read of a file is read a piece at a time, each piece behind the last row of the one before, and only when its rows may be the next ones: so no
//! statement stays open, and a file need not be open while others are read.

use crate::lanes::Part;
use crate::page::{self, Cursor, Order};
use crate::readers::{Error, Source, broken};
use crate::search::Query;
use crate::sql::Sql;
use crate::view::{By, Column};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;
use std::collections::VecDeque;

/// Rows of the first piece of what has an order, or is one of many files.
const FIRST: usize = 64;
/// How much larger a piece is than the one before.
const GROWTH: usize = 8;
/// Rows of a piece, at most.
const PIECE_MAX: usize = 8 * 1024;
/// How it is read when a process instance began, which is always known.
const START_OF_INSTANCE: &str = "p.start_date";
/// Times that are no later than the end of the instance.
const PAST: [&str; 7] =
    ["startDate", "endDate", "creationDate", "creationTime", "completionDate", "endTime", "evaluationDate"];
/// How it is read when a process instance ended: what stands in a file of finished ones has.
const END_OF_INSTANCE: &str = "p.end_date";

/// What is known of the next row of a part.
enum Head {
    /// It is still to be read: its first value is this one at best, if that is known.
    Unread(Option<Bound>),
    /// Rows that were read; never none.
    Rows(VecDeque<Cursor>),
    /// There is none.
    None,
}

/// One part as far as it was read.
struct Run<'q> {
    part: &'q Part,
    head: Head,
    /// The last row that was read.
    last: Option<Cursor>,
    /// Rows of the next piece.
    piece: usize,
    has_more: bool,
}

/// All parts of a search.
pub(crate) struct Merge<'q> {
    sources: &'q [Source<'q>],
    sorted: &'q [(String, Order)],
    runs: Vec<Run<'q>>,
    /// Rows that are still wanted.
    wanted: usize,
    /// The last row of a part that may have one several times.
    told: Option<Cursor>,
}

impl<'q> Merge<'q> {
    /// Nothing is read yet; so many rows are wanted at most.
    pub(crate) fn of(
        query: &Query,
        sorted: &'q [(String, Order)],
        sources: &'q [Source<'q>],
        parts: &'q [Part],
        wanted: usize,
    ) -> Self {
        let run = |part: &'q Part| {
            let source = &sources[part.source];
            let is_sorted_whole = source.file.is_none() && !part.is_in_order;
            Run {
                part,
                head: Head::Unread(match part.is_absent {
                    true => Some(Bound::Null),
                    false => best(query, &sorted[0], source).map(Bound::Integer),
                }),
                last: None,
                // What has to be sorted as a whole is sorted once.
                piece: if is_sorted_whole { PIECE_MAX } else { FIRST },
                has_more: true,
            }
        };
        let runs = parts.iter().map(run).collect();
        Self { sources, sorted, runs, wanted, told: None }
    }

    /// The next row's place, and the number of its file; `begin` is behind which place the first one is.
    pub(crate) fn next(&mut self, begin: Option<&Cursor>) -> Result<Option<(usize, Cursor)>, Error> {
        loop {
            let heads = self.runs.iter().enumerate().filter(|(_, run)| !matches!(run.head, Head::None));
            let first = heads.min_by(|(_, a), (_, b)| a.head.compared(&b.head, self.sorted));
            let Some((at, _)) = first else { return Ok(None) };
            let run = &mut self.runs[at];
            let Head::Rows(rows) = &mut run.head else {
                run.read(self.sources, self.sorted, begin, self.wanted)?;
                continue;
            };
            let place = rows.pop_front().expect("there are some");
            if rows.is_empty() {
                run.head = match run.has_more {
                    true => Head::Unread(place.first().cloned()),
                    false => Head::None,
                };
            }
            let may_be_told = run.part.read.is_some();
            if may_be_told && self.told.replace(place.clone()).as_ref() == Some(&place) {
                continue;
            }
            self.wanted = self.wanted.saturating_sub(1);
            return Ok(Some((run.part.source, place)));
        }
    }
}

impl Run<'_> {
    /// Reads the next piece.
    fn read(
        &mut self,
        sources: &[Source<'_>],
        sorted: &[(String, Order)],
        begin: Option<&Cursor>,
        wanted: usize,
    ) -> Result<(), Error> {
        // How many rows tell of an instance is not known.
        let most = if self.part.read.is_some() { self.piece } else { self.piece.min(wanted.max(1)) };
        let Some(sql) = sql_of_places(self.part, sorted, self.last.as_ref().or(begin), most) else {
            self.head = Head::None;
            return Ok(());
        };
        let mut read = VecDeque::new();
        sources[self.part.source].read(|connection| {
            let mut statement = connection.prepare_cached(&sql.text).map_err(broken(connection))?;
            let mut rows = statement.query(params_from_iter(&sql.values)).map_err(broken(connection))?;
            while let Some(row) = rows.next().map_err(broken(connection))? {
                let kept = |at: usize| row.get_ref(at).map(page::kept).map_err(broken(connection));
                read.push_back((0..sorted.len()).map(kept).collect::<Result<Cursor, Error>>()?);
            }
            Ok(())
        })?;
        self.has_more = read.len() == most;
        self.piece = (self.piece * GROWTH).min(PIECE_MAX);
        if self.has_more {
            self.last = read.back().cloned();
        }
        self.head = if read.is_empty() { Head::None } else { Head::Rows(read) };
        Ok(())
    }
}

/// The first value of a file's rows at best, before it is read.
fn best(query: &Query, first: &(String, Order), source: &Source<'_>) -> Option<i64> {
    let file = source.file?;
    let (read, order) = first;
    let own = |column: &&Column| column.sql == read.as_str() && column.by == By::Own;
    let is_key = query.view.key.first().is_some_and(|key| key == read)
        && query.view.columns.iter().any(|column| own(&column));
    let is_past = query.sort.first().is_some_and(|(column, _)| PAST.contains(&column.name));
    match order {
        Order::Ascending if is_key => Some(file.key_min),
        Order::Descending if is_key => Some(file.key_max),
        Order::Ascending if read == START_OF_INSTANCE => Some(file.start_date_min),
        Order::Ascending if read == END_OF_INSTANCE => Some(file.end_date_min),
        Order::Descending if is_past => Some(file.end_date_max),
        Order::Ascending | Order::Descending => None,
    }
}

/// What reads the places of a part's rows in order, so many at most; none where none of them is behind the cursor.
pub(crate) fn sql_of_places(
    part: &Part,
    sorted: &[(String, Order)],
    cursor: Option<&Cursor>,
    most: usize,
) -> Option<Sql> {
    let sorted = part.sorted(sorted);
    let read: Vec<&str> = sorted.iter().map(|(read, _)| read.as_str()).collect();
    let by: Vec<String> = sorted.iter().map(|(read, order)| format!("{read}{}", order.word())).collect();
    let mut sql = part.in_order(&read.join(", "));
    if let Some(cursor) = cursor {
        let behind = match (&cursor[0], sorted[0].1) {
            _ if !part.is_absent => Some(page::behind(&sorted, cursor)),
            // All that lack it are alike in it.
            (Bound::Null, _) => Some(page::behind(&sorted[1..], &cursor[1..])),
            (_, Order::Descending) => None,
            (_, Order::Ascending) => return None,
        };
        if let Some(behind) = behind {
            sql.put(" AND (").add(behind).put(")");
        }
    }
    sql.put(" ORDER BY ").put(&by.join(", "));
    sql.put(" LIMIT ").bind(Bound::Integer(i64::try_from(most).unwrap_or(i64::MAX)));
    Some(sql)
}

impl Head {
    /// What is known of its first value.
    fn value(&self) -> Option<&Bound> {
        match self {
            Self::Unread(best) => best.as_ref(),
            Self::Rows(rows) => rows.front()?.first(),
            Self::None => None,
        }
    }

    /// Which is to be looked at first. What is not known comes before everything.
    fn compared(&self, other: &Self, sorted: &[(String, Order)]) -> std::cmp::Ordering {
        if let (Self::Rows(a), Self::Rows(b)) = (self, other)
            && let (Some(a), Some(b)) = (a.front(), b.front())
        {
            return compared(sorted, a, b);
        }
        match (self.value(), other.value()) {
            (Some(a), Some(b)) => {
                let is_read = |head: &Self| matches!(head, Self::Rows(_));
                // Of those that may be alike what is not read comes first: the rest of the sort is not known.
                sorted[0].1.of(page::ordering(a, b)).then(is_read(self).cmp(&is_read(other)))
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
