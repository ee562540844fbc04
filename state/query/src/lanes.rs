//! How the rows of a search are read in a file: as one, or in lanes whose rows come in order from an index.
//!
//! A list of a process, or of what stands at one of its elements, by when instances began: most instances may match, and to sort them all takes
//! a second for a million. So the definitions that are meant are looked up first, and for each of them and each state a statement of its own
//! reads an index that begins with both. Rows of lanes are merged like those of files.
//!
//! A list of all by something that many lack (when they ended, a business id) has two lanes: those that have it, by its index, and those that lack it, by their keys.
//! Those of a process that have not ended are read by an index that has them in the order of their keys.
//!
//! Where few are meant, of which an index has those alone, they are read by that and sorted ([`lists`]).
//!
//! Other lanes are for instances that are alive: those that ended stand in files of a bounded size, which are read by their dates as far as needed. Lists of
//! those that ended alone do not ask the living.

mod lists;
mod variables;

use crate::filter::{Filter, Test, Value};
use crate::page::{self, Order};
use crate::place::{LIVE, RECENT};
use crate::readers::{Error, Source};
use crate::search::Query;
use crate::sql::Sql;
use crate::view::{By, Column, Place};
use crate::views::instances::{DEFINITION_OF_ELEMENTS, ELEMENTS_OF_INSTANCE, PROCESS_INSTANCES};
use lists::{Lists, SortedBy};
use variables::{Ranked, ranked};

/// Rows of one file, which one statement reads.
#[derive(Debug)]
pub(crate) struct Part {
    /// The number of its file among those that are searched.
    pub(crate) source: usize,
    /// What stands between FROM and WHERE.
    pub(crate) from: &'static str,
    /// By which index it is read when rows are wanted in order; empty where SQLite chooses well.
    pub(crate) by: &'static str,
    /// Which rows.
    pub(crate) condition: Sql,
    /// What names of tables begin with.
    pub(crate) set: &'static str,
    /// When an instance began and its key, where these are read of something else than its row; what comes twice is one instance.
    pub(crate) read: Option<[&'static str; 2]>,
    /// An index has its rows in the order of the sort.
    pub(crate) is_in_order: bool,
    /// Its rows lack what they are sorted by.
    pub(crate) is_absent: bool,
}

/// What a search asks of one partition.
struct Asked {
    /// Its filter, with what was looked up.
    filter: Filter,
    /// None where it has no lanes.
    lanes: Option<Vec<Lane>>,
    /// Those of each file of finished instances, if they have some.
    finished: Vec<Lane>,
    /// The filter as variables are best looked up.
    ranked: Option<Ranked>,
}

#[derive(Clone, Debug)]
struct Lane {
    from: &'static str,
    by: &'static str,
    condition: Sql,
    read: Option<[&'static str; 2]>,
    is_in_order: bool,
    is_absent: bool,
}

/// What is read of all files.
///
/// # Errors
/// When rows cannot be read.
pub(crate) fn parts(query: &Query, sources: &[Source<'_>]) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let mut asked = Asked::plainly(&query.filter);
    let are_alive = query.view.place == Place::Instances && query.filter.is_of_the_living();
    let have_ended = query.view.from == PROCESS_INSTANCES.from && query.filter.is_of_the_ended();
    for (source, file) in sources.iter().enumerate() {
        if file.file.is_none() {
            let of_it = sources[source + 1..].iter().take_while(|other| other.file.is_some());
            asked = Asked::of(query, file, of_it.last())?;
        }
        let from = query.view.from;
        let lane = |set, Lane { from, by, condition, read, is_in_order, is_absent }| Part {
            source,
            from,
            by,
            condition,
            set,
            read,
            is_in_order,
            is_absent,
        };
        let whole = |set, condition| Part {
            source,
            from,
            by: "",
            condition,
            set,
            read: None,
            is_in_order: false,
            is_absent: false,
        };
        let (indexed, recent) = match &asked.ranked {
            Some(ranked) => (&ranked.indexed, &ranked.recent),
            None => (&asked.filter, &asked.filter),
        };
        if file.file.is_some() {
            match asked.finished.as_slice() {
                [] => {
                    let ended = indexed.of_the_ended();
                    if !ended.is_never() {
                        parts.push(whole("", ended.sql()));
                    }
                }
                lanes => parts.extend(lanes.iter().cloned().map(|of_one| lane("", of_one))),
            }
            continue;
        }
        if !are_alive && !have_ended && asked.lanes.is_none() && asked.ranked.is_none() {
            // In the order of keys each set has its rows already; a view over them all would have those of blocks sorted.
            match is_by_key(query) {
                true => parts.extend([LIVE, RECENT[0], RECENT[1]].map(|set| whole(set, asked.filter.sql()))),
                false => parts.push(whole("", asked.filter.sql())),
            }
            continue;
        }
        if !are_alive {
            parts.extend(RECENT.map(|set| whole(set, recent.sql())));
        }
        if have_ended {
            continue;
        }
        match asked.lanes.take() {
            Some(lanes) => parts.extend(lanes.into_iter().map(|of_one| lane(LIVE, of_one))),
            None => parts.push(whole(LIVE, indexed.sql())),
        }
    }
    Ok(parts)
}

/// Whether rows of instances are wanted in the order of their keys, of one column.
fn is_by_key(query: &Query) -> bool {
    let sorted = page::sorted(query.view, &query.sort);
    query.view.place == Place::Instances
        && matches!((query.view.key, &sorted[..]), ([key], [(read, _)]) if key == read)
}

impl Part {
    /// What is read of its rows, and how: the sort's values and the key.
    pub(crate) fn sorted(&self, sorted: &[(String, Order)]) -> Vec<(String, Order)> {
        match self.read {
            None => sorted.to_vec(),
            Some(read) => {
                read.iter().zip(sorted).map(|(read, (_, order))| ((*read).to_owned(), *order)).collect()
            }
        }
    }

    /// A statement over its rows in no order, which reads this of each.
    pub(crate) fn any(&self, read: &str) -> Sql {
        self.sql(read, "")
    }

    /// A statement over its rows by the index that has their order.
    pub(crate) fn in_order(&self, read: &str) -> Sql {
        self.sql(read, self.by)
    }

    fn sql(&self, read: &str, by: &str) -> Sql {
        let mut sql = Sql::of("SELECT ");
        sql.put(read).put(" FROM ").put(self.from).put(by).put(" WHERE ").add(self.condition.clone());
        sql.of_set(self.set)
    }
}

impl Asked {
    /// Without anything that was looked up.
    fn plainly(filter: &Filter) -> Self {
        Self { filter: filter.clone(), lanes: None, finished: Vec::new(), ranked: None }
    }

    /// What is asked of `hot.db` and the files beside it, of which `newest` is one, if there are some.
    fn of(query: &Query, hot: &Source<'_>, newest: Option<&Source<'_>>) -> Result<Self, Error> {
        let as_it_is = Self::plainly(&query.filter);
        if query.view.from != PROCESS_INSTANCES.from {
            return Ok(as_it_is);
        }
        let sample: Vec<&Source<'_>> = [hot].into_iter().chain(newest).collect();
        let ranked = ranked(&query.filter, &sample)?;
        if ranked.is_some() || groups_of_elements(&query.filter) > 1 {
            return Ok(Self { ranked, ..as_it_is });
        }
        let lists = Lists::of(&query.filter);
        let by = SortedBy::of(&query.sort);
        let definitions = lists.definitions(hot)?;
        let lanes = lists.lanes(by, definitions.as_deref(), hot)?;
        let finished = match by {
            SortedBy::Business if lanes.is_some() => lists.lanes_of_the_ended(),
            _ => Vec::new(),
        };
        let Some(definitions) = definitions.filter(|_| lists.are_of_elements()) else {
            return Ok(Self { lanes, finished, ..as_it_is });
        };
        // Then an index has its element instances.
        let keys = definitions.into_iter().map(Value::Int).collect();
        let of_these = Filter::Is(&DEFINITION_OF_ELEMENTS, Test::In(keys));
        let mut filters: Vec<Filter> = flat(&query.filter).into_iter().cloned().collect();
        filters.push(of_these);
        Ok(Self { lanes, ..Self::plainly(&Filter::All(filters)) })
    }
}

/// Conditions that must all hold, taken out of conditions that hold several.
fn flat(filter: &Filter) -> Vec<&Filter> {
    match filter {
        Filter::All(filters) => filters.iter().flat_map(flat).collect(),
        other => vec![other],
    }
}

/// Whether a condition is of an element instance. All of one group must hold for the same one.
fn is_of_element(filter: &Filter) -> bool {
    matches!(filter, Filter::Is(Column { by: By::Within(begin, _), .. }, _) if *begin == ELEMENTS_OF_INSTANCE)
}

/// How many groups of conditions are of element instances.
fn groups_of_elements(filter: &Filter) -> usize {
    match filter {
        Filter::All(filters) => {
            usize::from(filters.iter().any(is_of_element))
                + filters.iter().filter(|inner| !is_of_element(inner)).map(groups_of_elements).sum::<usize>()
        }
        other => usize::from(is_of_element(other)),
    }
}
