//! How the rows of a search are read in a file: as one, or in lanes whose rows come in order from an index.
//!
//! A list of a process, or of what stands at one of its elements, by when instances began: most instances may match, and to sort them all takes
//! a second for a million. So the definitions that are meant are looked up first, and for each of them and each state a statement of its own
//! reads an index that begins with both. Rows of lanes are merged like those of files.
//!
//! Lanes are for instances that are alive: those that ended stand in files of a bounded size, which are read by their dates as far as needed.

use crate::codes::{ELEMENT_INSTANCE_STATES, PROCESS_INSTANCE_STATES};
use crate::filter::{Filter, STATE_OF_INSTANCE, Test, Value};
use crate::page::Order;
use crate::readers::{Error, Source, broken};
use crate::search::Query;
use crate::sql::Sql;
use crate::view::{By, Column, Place};
use crate::views::instances::{
    DEFINITION_OF_ELEMENTS, DEFINITION_OF_INSTANCE, ELEMENTS_OF_INSTANCE, PROCESS_INSTANCES,
};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;

/// Definitions that a search looks up, at most; with more of them what matches is sorted.
const DEFINITIONS_MAX: usize = 16;
/// Lanes of a partition, at most.
const LANES_MAX: usize = 96;
/// The set of tables of what is alive.
const LIVE: &str = "live_";
/// Those of what has ended.
const RECENT: [&str; 2] = ["recent_a_", "recent_b_"];

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
}

/// What a search asks of one partition.
struct Asked {
    /// Its filter, with what was looked up.
    filter: Filter,
    /// None where it has no lanes.
    lanes: Option<Vec<Lane>>,
}

#[derive(Debug)]
struct Lane {
    from: &'static str,
    by: &'static str,
    condition: Sql,
    read: Option<[&'static str; 2]>,
}

/// A filter taken apart.
#[derive(Default)]
struct Tests<'f> {
    /// Of the definition, as SQL of its table.
    definitions: Vec<Sql>,
    /// Of an element instance, as SQL of its table, and which element that must be.
    elements: Vec<Sql>,
    element_id: Option<&'f Value>,
    element_state: Option<i64>,
    state: Option<i64>,
    /// All that are not of an element instance.
    rest: Vec<&'f Filter>,
    /// There are others, for which there may be better indexes.
    has_others: bool,
}

/// What is read of all files.
///
/// # Errors
/// When rows cannot be read.
pub(crate) fn parts(query: &Query, sources: &[Source<'_>]) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let mut asked = Asked { filter: query.filter.clone(), lanes: None };
    let are_alive = query.view.place == Place::Instances && query.filter.is_of_the_living();
    for (source, file) in sources.iter().enumerate() {
        if file.file.is_none() {
            asked = Asked::of(query, file)?;
        }
        let from = query.view.from;
        let mut whole =
            |set| parts.push(Part { source, from, by: "", condition: asked.filter.sql(), set, read: None });
        match &mut asked.lanes {
            _ if file.file.is_some() => whole(""),
            None if are_alive => whole(LIVE),
            None => whole(""),
            Some(lanes) => {
                if !are_alive {
                    RECENT.into_iter().for_each(whole);
                }
                let part = |Lane { from, by, condition, read }| Part {
                    source,
                    from,
                    by,
                    condition,
                    set: LIVE,
                    read,
                };
                parts.extend(lanes.drain(..).map(part));
            }
        }
    }
    Ok(parts)
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
    fn of(query: &Query, hot: &Source<'_>) -> Result<Self, Error> {
        let as_it_is = Self { filter: query.filter.clone(), lanes: None };
        if query.view.from != PROCESS_INSTANCES.from || groups_of_elements(&query.filter) > 1 {
            return Ok(as_it_is);
        }
        let tests = Tests::of(&query.filter);
        let is_by_start = matches!(query.sort.as_slice(), [(column, _)] if column.name == "startDate");
        let has_lanes = is_by_start && !tests.has_others;
        let Some(definitions) = tests.definitions(hot)? else {
            let lanes = (has_lanes && tests.elements.is_empty()).then(|| vec![tests.lane_of_all()]);
            return Ok(Self { lanes, ..as_it_is });
        };
        let lanes = has_lanes.then(|| tests.lanes(&definitions)).flatten();
        if tests.elements.is_empty() {
            return Ok(Self { lanes, ..as_it_is });
        }
        // Then an index has its element instances.
        let keys = definitions.into_iter().map(Value::Int).collect();
        let of_these = Filter::Is(&DEFINITION_OF_ELEMENTS, Test::In(keys));
        let mut filters: Vec<Filter> = flat(&query.filter).into_iter().cloned().collect();
        filters.push(of_these);
        Ok(Self { filter: Filter::All(filters), lanes })
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

/// The one number that a test lets through.
fn one(test: &Test) -> Option<i64> {
    match test {
        Test::Eq(Value::Int(number)) => Some(*number),
        Test::In(values) => match values.as_slice() {
            [Value::Int(number)] => Some(*number),
            _ => None,
        },
        _ => None,
    }
}

impl<'f> Tests<'f> {
    fn of(filter: &'f Filter) -> Self {
        let mut tests = Self::default();
        for filter in flat(filter) {
            match filter {
                Filter::Is(Column { by: By::Within(begin, read), kind, .. }, test)
                    if *begin == ELEMENTS_OF_INSTANCE =>
                {
                    match (*read, test) {
                        ("e.element_id", Test::Eq(id)) => tests.element_id = Some(id),
                        ("e.state", test) => tests.element_state = tests.element_state.or(one(test)),
                        _ => {}
                    }
                    tests.elements.push(test.sql(read, *kind));
                    continue;
                }
                Filter::Is(Column { by: By::Within(begin, read), kind, .. }, test)
                    if *begin == DEFINITION_OF_INSTANCE =>
                {
                    tests.definitions.push(test.sql(read, *kind));
                }
                Filter::Is(column, test) if column.name == "processDefinitionKey" => {
                    tests.definitions.push(test.sql("d.process_definition_key", column.kind));
                }
                Filter::Is(column, test) if column.sql == STATE_OF_INSTANCE => {
                    tests.state = tests.state.or(one(test));
                }
                Filter::Is(column, _) if ["startDate", "tenantId"].contains(&column.name) => {}
                _ => tests.has_others = true,
            }
            tests.rest.push(filter);
        }
        tests
    }

    /// The definitions that are meant; none where there may be any, or too many.
    fn definitions(&self, hot: &Source<'_>) -> Result<Option<Vec<i64>>, Error> {
        let mut tests = self.definitions.clone();
        if let Some(id) = self.element_id {
            let mut has = Sql::of(
                "EXISTS (SELECT 1 FROM elements n WHERE n.process_definition_key = d.process_definition_key AND n.element_id = ",
            );
            has.bind(id.clone().into()).put(")");
            tests.push(has);
        }
        if tests.is_empty() {
            return Ok(None);
        }
        let mut sql = Sql::of("SELECT d.process_definition_key FROM process_definitions d WHERE ");
        sql.add(Sql::joined(tests, " AND ", "1")).put(" LIMIT ");
        sql.bind(Bound::Integer(DEFINITIONS_MAX as i64 + 1));
        let mut statement = hot.prepare_cached(&sql.text).map_err(broken(hot))?;
        let keys = statement.query_map(params_from_iter(&sql.values), |row| row.get(0));
        let keys: Vec<i64> = keys.and_then(Iterator::collect).map_err(broken(hot))?;
        Ok((keys.len() <= DEFINITIONS_MAX).then_some(keys))
    }

    /// A lane for each definition and each state that an instance, or its element, may be in; none where there are too many.
    fn lanes(&self, definitions: &[i64]) -> Option<Vec<Lane>> {
        let is_of_element = !self.elements.is_empty();
        if is_of_element && self.element_id.is_none() {
            return None;
        }
        let states = |one: Option<i64>, count: usize| match one {
            Some(state) => vec![Bound::Integer(state)],
            None => (0..count).map(|state| Bound::Integer(state as i64)).collect(),
        };
        let states = if is_of_element {
            states(self.element_state, ELEMENT_INSTANCE_STATES.len())
        } else {
            let mut states = states(self.state, PROCESS_INSTANCE_STATES.len());
            if self.state.is_none() {
                // Of one that has not begun, or of which it is still to be told.
                states.push(Bound::Null);
            }
            states
        };
        if definitions.len() * states.len() > LANES_MAX {
            return None;
        }
        let each = definitions.iter().flat_map(|key| states.iter().map(move |state| (*key, state.clone())));
        Some(each.map(|(key, state)| self.lane(key, state)).collect())
    }

    /// The rows of all definitions. SQLite would sort what another index has of them, since it does not know how few are wanted.
    fn lane_of_all(&self) -> Lane {
        let by = " INDEXED BY live_process_instances_start";
        Lane { from: PROCESS_INSTANCES.from, by, condition: self.rest(), read: None }
    }

    /// All that is not said of an element instance.
    fn rest(&self) -> Sql {
        Filter::All(self.rest.iter().copied().cloned().collect()).sql()
    }

    fn lane(&self, definition: i64, state: Bound) -> Lane {
        let rest = self.rest();
        let of = |read: &str, word: &str, value: Bound| {
            let mut sql = Sql::of(read);
            sql.put(word).bind(value);
            sql
        };
        let definition = Bound::Integer(definition);
        let mut tests = Vec::new();
        if self.elements.is_empty() {
            tests.push(of("p.process_definition_key", " = ", definition));
            tests.push(match state {
                Bound::Null => Sql::of("p.state IS NULL"),
                state => of("p.state", " = ", state),
            });
            tests.push(rest);
            let condition = Sql::joined(tests, " AND ", "1");
            return Lane { from: PROCESS_INSTANCES.from, by: "", condition, read: None };
        }
        tests.push(of("e.process_definition_key", " = ", definition));
        tests.push(of("e.state", " = ", state));
        tests.extend(self.elements.iter().cloned());
        tests.push(Sql::of("p.process_instance_key = e.process_instance_key"));
        tests.push(rest);
        Lane {
            // In this order: that of the index.
            from: "element_instances e CROSS JOIN live_process_instances p",
            by: "",
            condition: Sql::joined(tests, " AND ", "1"),
            read: Some(["e.process_start_date", "e.process_instance_key"]),
        }
    }
}
