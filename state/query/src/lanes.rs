//! How the rows of a search are read in a file: as one, or in lanes whose rows come in order from an index.
//!
//! A list of a process, or of what stands at one of its elements, by when instances began: most instances may match, and to sort them all takes
//! a second for a million. So the definitions that are meant are looked up first, and for each of them and each state a statement of its own
//! reads an index that begins with both. Rows of lanes are merged like those of files.
//!
//! A list of all by something that many lack (when they ended, a business id) has two lanes: those that have it, by its index, and those that lack it, by their keys.
//!
//! Other lanes are for instances that are alive: those that ended stand in files of a bounded size, which are read by their dates as far as needed.

mod variables;

use crate::codes::{ELEMENT_INSTANCE_STATES, PROCESS_INSTANCE_STATES};
use crate::filter::{Filter, STATE_OF_INSTANCE, Test, Value};
use crate::page::Order;
use crate::place::{LIVE, RECENT};
use crate::readers::{Error, Source, broken};
use crate::search::Query;
use crate::sql::Sql;
use crate::view::{By, Column, Place};
use crate::views::instances::{
    DEFINITION_OF_ELEMENTS, DEFINITION_OF_INSTANCE, ELEMENTS_OF_INSTANCE, PROCESS_INSTANCES,
};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;
use variables::{Ranked, ranked};

/// Definitions that a search looks up, at most; with more of them what matches is sorted.
const DEFINITIONS_MAX: usize = 16;
/// Lanes of a partition, at most.
const LANES_MAX: usize = 96;
/// What a process instance may lack: how it is read, and by which index of the living.
const MAY_BE_ABSENT: [(&str, &str); 2] = [
    ("p.end_date", " INDEXED BY live_process_instances_end"),
    (BUSINESS_ID, " INDEXED BY live_process_instances_business"),
];
/// That of them which instances that ended may lack too.
const BUSINESS_ID: &str = "p.business_id";

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
    is_absent: bool,
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
    /// Some are of when it began.
    has_dates: bool,
    /// There are others, for which there may be better indexes.
    has_others: bool,
}

/// What is read of all files.
///
/// # Errors
/// When rows cannot be read.
pub(crate) fn parts(query: &Query, sources: &[Source<'_>]) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let mut asked = Asked::plainly(&query.filter);
    let are_alive = query.view.place == Place::Instances && query.filter.is_of_the_living();
    for (source, file) in sources.iter().enumerate() {
        if file.file.is_none() {
            let of_it = sources[source + 1..].iter().take_while(|other| other.file.is_some());
            asked = Asked::of(query, file, of_it.last())?;
        }
        let from = query.view.from;
        let lane = |set, Lane { from, by, condition, read, is_absent }| Part {
            source,
            from,
            by,
            condition,
            set,
            read,
            is_in_order: true,
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
        if !are_alive && asked.lanes.is_none() && asked.ranked.is_none() {
            parts.push(whole("", asked.filter.sql()));
            continue;
        }
        if !are_alive {
            parts.extend(RECENT.map(|set| whole(set, recent.sql())));
        }
        match asked.lanes.take() {
            Some(lanes) => parts.extend(lanes.into_iter().map(|of_one| lane(LIVE, of_one))),
            None => parts.push(whole(LIVE, indexed.sql())),
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
        let tests = Tests::of(&query.filter);
        if let [(column, _)] = query.sort.as_slice()
            && let Some((read, by)) = MAY_BE_ABSENT.iter().find(|(read, _)| *read == column.sql)
            && !tests.are_of_few()
        {
            let lanes = Some(tests.lanes_by(read, by, " NOT INDEXED"));
            let finished = if *read == BUSINESS_ID { tests.lanes_by(read, "", "") } else { Vec::new() };
            return Ok(Self { lanes, finished, ..as_it_is });
        }
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
                Filter::Is(column, _) if column.name == "startDate" => tests.has_dates = true,
                Filter::Is(column, _) if column.name == "tenantId" => {}
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
        let keys: Vec<i64> = hot.read(|connection| {
            let mut statement = connection.prepare_cached(&sql.text).map_err(broken(connection))?;
            let keys = statement.query_map(params_from_iter(&sql.values), |row| row.get(0));
            keys.and_then(Iterator::collect).map_err(broken(connection))
        })?;
        Ok((keys.len() <= DEFINITIONS_MAX).then_some(keys))
    }

    /// Whether there are conditions for which there may be better ways than that of a sort.
    fn are_of_few(&self) -> bool {
        self.has_others || self.has_dates || !self.definitions.is_empty() || !self.elements.is_empty()
    }

    /// Those that have something by an index that has only them, and those that lack it by their keys.
    fn lanes_by(&self, read: &str, has: &'static str, lacks: &'static str) -> Vec<Lane> {
        let lane = |by, is_absent| {
            let word = if is_absent { "IS NULL" } else { "IS NOT NULL" };
            let which = Sql::of(&format!("{read} {word}"));
            let condition = Sql::joined(vec![which, self.rest()], " AND ", "1");
            Lane { from: PROCESS_INSTANCES.from, by, condition, read: None, is_absent }
        };
        vec![lane(has, false), lane(lacks, true)]
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
        Lane { from: PROCESS_INSTANCES.from, by, condition: self.rest(), read: None, is_absent: false }
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
            return Lane { from: PROCESS_INSTANCES.from, by: "", condition, read: None, is_absent: false };
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
            is_absent: false,
        }
    }
}
