//! Which lanes a list of process instances has among the living.
//!
//! Nobody stands among the living who has ended, so that a list of them by their end is one by their keys.

use super::{Lane, flat};
use crate::codes::{ELEMENT_INSTANCE_STATES, PROCESS_INSTANCE_STATES};
use crate::filter::{BUSINESS_ID, Filter, STATE_OF_INSTANCE, SUSPENDED, Test, Value};
use crate::page::Sort;
use crate::place::LIVE;
use crate::readers::{Error, Source, broken};
use crate::sql::Sql;
use crate::view::{By, Column, Kind};
use crate::views::instances::{DEFINITION_OF_INSTANCE, ELEMENTS_OF_INSTANCE, PROCESS_INSTANCES};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Bound;

/// Definitions that a search looks up, at most; with more of them what matches is sorted.
const DEFINITIONS_MAX: usize = 16;
/// Lanes of a partition, at most.
const LANES_MAX: usize = 96;
/// So many instances are few: to sort them takes some milliseconds. Tests have some of which there are more.
const FEW_MAX: i64 = if cfg!(test) { 6 } else { 20_000 };
/// How it is read when an instance ended.
const END: &str = "p.end_date";
/// Suspended instances by when they began.
const SUSPENDED_ALONE: &str = "process_instances p INDEXED BY live_process_instances_suspended";
/// As that index says it.
const IS_SUSPENDED: &str = "p.state = 2";
/// Elements of an instance that was found otherwise.
const ELEMENTS_OF_THIS: &str =
    "EXISTS (SELECT 1 FROM element_instances e WHERE e.process_instance_key = p.process_instance_key AND ";

/// What a list is sorted by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SortedBy {
    Start,
    End,
    Business,
    Other,
}

/// A filter taken apart.
#[derive(Default)]
pub(super) struct Lists<'f> {
    /// Of the definition, as SQL of its table.
    definitions: Vec<Sql>,
    /// Of an element instance, as SQL of its table, and which element that must be.
    elements: Vec<Sql>,
    element_id: Option<&'f Value>,
    element_state: Option<i64>,
    state: Option<i64>,
    /// Of when it began.
    dates: Vec<Sql>,
    has_incident: bool,
    /// Of its business id, where an index has those.
    business: Vec<Sql>,
    /// All that are not of an element instance.
    rest: Vec<&'f Filter>,
    /// There are others, for which there may be better indexes.
    has_others: bool,
}

/// A way to instances of which there may be few: their table and an index, and what that says of them.
struct Way {
    from: &'static str,
    condition: Sql,
    /// The same of element instances, where these lead to them.
    of_elements: Option<Sql>,
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

impl SortedBy {
    pub(super) fn of(sort: &Sort) -> Self {
        match sort.as_slice() {
            [(column, _)] if column.name == "startDate" => Self::Start,
            [(column, _)] if column.sql == END => Self::End,
            [(column, _)] if column.sql == BUSINESS_ID => Self::Business,
            _ => Self::Other,
        }
    }
}

impl<'f> Lists<'f> {
    pub(super) fn of(filter: &'f Filter) -> Self {
        let mut lists = Self::default();
        for filter in flat(filter) {
            match filter {
                Filter::Is(Column { by: By::Within(begin, read), kind, .. }, test)
                    if *begin == ELEMENTS_OF_INSTANCE =>
                {
                    match (*read, test) {
                        ("e.element_id", Test::Eq(id)) => lists.element_id = Some(id),
                        ("e.state", test) => lists.element_state = lists.element_state.or(one(test)),
                        _ => {}
                    }
                    lists.elements.push(test.sql(read, *kind));
                    continue;
                }
                Filter::Is(Column { by: By::Within(begin, read), kind, .. }, test)
                    if *begin == DEFINITION_OF_INSTANCE =>
                {
                    lists.definitions.push(test.sql(read, *kind));
                }
                Filter::Is(column, test) if column.name == "processDefinitionKey" => {
                    lists.definitions.push(test.sql("d.process_definition_key", column.kind));
                }
                Filter::Is(column, test) if column.sql == STATE_OF_INSTANCE => {
                    lists.state = lists.state.or(one(test));
                }
                Filter::Is(column, test) if column.name == "startDate" => {
                    lists.dates.push(test.sql(column.sql, column.kind));
                }
                Filter::Is(column, test) if column.name == "hasIncident" => {
                    lists.has_incident |= one(test) == Some(1);
                }
                Filter::Is(column, test) if column.sql == BUSINESS_ID => {
                    let has_range = match test {
                        Test::Eq(_) | Test::In(_) | Test::Exists(true) => true,
                        Test::Like(pattern) => !pattern.prefix().is_empty(),
                        _ => false,
                    };
                    lists.business.extend(has_range.then(|| test.sql(column.sql, column.kind)));
                }
                Filter::Is(column, _) if column.name == "tenantId" => {}
                _ => lists.has_others = true,
            }
            lists.rest.push(filter);
        }
        lists
    }

    /// Whether something is asked of an element instance.
    pub(super) fn are_of_elements(&self) -> bool {
        !self.elements.is_empty()
    }

    /// The definitions that are meant; none where there may be any, or too many.
    pub(super) fn definitions(&self, hot: &Source<'_>) -> Result<Option<Vec<i64>>, Error> {
        self.definitions_and(None, hot)
    }

    /// The same of those that have instances among the living.
    fn definitions_of_the_living(&self, hot: &Source<'_>) -> Result<Option<Vec<i64>>, Error> {
        let has = "EXISTS (SELECT 1 FROM process_instances p WHERE p.process_definition_key = d.process_definition_key)";
        self.definitions_and(Some(Sql::of(has).of_set(LIVE)), hot)
    }

    fn definitions_and(&self, also: Option<Sql>, hot: &Source<'_>) -> Result<Option<Vec<i64>>, Error> {
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
        tests.extend(also);
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

    /// The lanes of the living; none where all that match are sorted.
    pub(super) fn lanes(
        &self,
        by: SortedBy,
        definitions: Option<&[i64]>,
        hot: &Source<'_>,
    ) -> Result<Option<Vec<Lane>>, Error> {
        match by {
            _ if self.has_others => return Ok(None),
            SortedBy::Business if self.are_of_few() => return Ok(None),
            SortedBy::Business => {
                let by = " INDEXED BY live_process_instances_business";
                return Ok(Some(self.lanes_by(BUSINESS_ID, by, " NOT INDEXED")));
            }
            SortedBy::Other => return Ok(None),
            SortedBy::Start | SortedBy::End => {}
        }
        if definitions.is_some_and(<[i64]>::is_empty) {
            return Ok(Some(Vec::new()));
        }
        if let Some(few) = self.few(by, definitions, hot)? {
            return Ok(Some(vec![few]));
        }
        let living = match definitions {
            Some(definitions) => Some(definitions.to_vec()),
            None => self.definitions_of_the_living(hot)?,
        };
        let Some(definitions) = living else {
            return Ok(match by {
                _ if self.are_of_elements() => None,
                SortedBy::Start => Some(vec![self.lane_of_all()]),
                _ => Some(self.lanes_by(END, " INDEXED BY live_process_instances_end", " NOT INDEXED")),
            });
        };
        if self.are_of_elements() && self.element_id.is_none() {
            return Ok(None);
        }
        let states = self.states(by);
        if definitions.len() * states.len() > LANES_MAX {
            return Ok(None);
        }
        let each = definitions.iter().flat_map(|key| states.iter().map(move |state| (*key, state.clone())));
        Ok(Some(each.map(|(key, state)| self.lane(by, key, state)).collect()))
    }

    /// Those of files of finished instances, by their business ids.
    pub(super) fn lanes_of_the_ended(&self) -> Vec<Lane> {
        self.lanes_by(BUSINESS_ID, "", "")
    }

    /// Whether there are conditions for which there may be better ways than that of a sort.
    fn are_of_few(&self) -> bool {
        self.has_incident
            || !self.business.is_empty()
            || !self.dates.is_empty()
            || !self.definitions.is_empty()
            || !self.elements.is_empty()
    }

    /// One lane, which is sorted, where few instances are meant, and no other lane leads to them in order.
    fn few(
        &self,
        by: SortedBy,
        definitions: Option<&[i64]>,
        hot: &Source<'_>,
    ) -> Result<Option<Lane>, Error> {
        let is_by_end = by == SortedBy::End;
        let way = |from, condition| Way { from, condition, of_elements: None };
        let mut ways = Vec::new();
        if self.has_incident {
            let from = "process_instances p INDEXED BY live_process_instances_incident";
            ways.push(way(from, Sql::of("(p.incident_count > 0)")));
        }
        if !self.business.is_empty() {
            let from = "process_instances p INDEXED BY live_process_instances_business";
            let tests =
                [Sql::of("p.business_id IS NOT NULL")].into_iter().chain(self.business.iter().cloned());
            ways.push(way(from, Sql::joined(tests.collect(), " AND ", "1")));
        }
        let no_lane_has_state = self.are_of_elements() || is_by_end && self.definitions.is_empty();
        if self.state == Some(SUSPENDED) && no_lane_has_state {
            ways.push(way(SUSPENDED_ALONE, Sql::of(IS_SUSPENDED)));
        }
        if is_by_end && !self.dates.is_empty() {
            let from = "process_instances p INDEXED BY live_process_instances_start";
            ways.push(way(from, Sql::joined(self.dates.clone(), " AND ", "1")));
        }
        if let Some(definitions) = definitions
            && self.element_id.is_some()
            && (is_by_end || !ways.is_empty())
        {
            let keys = definitions.iter().copied().map(Value::Int).collect();
            let mut tests = vec![Test::In(keys).sql("e.process_definition_key", Kind::Key)];
            tests.extend(self.elements.iter().cloned());
            let tests = Sql::joined(tests, " AND ", "1");
            let mut condition = Sql::of(ELEMENTS_OF_INSTANCE);
            condition.add(tests.clone()).put(")");
            // By their keys.
            let from = "process_instances p NOT INDEXED";
            ways.push(Way { from, condition, of_elements: Some(tests) });
        }
        let mut fewest: Option<(i64, Way)> = None;
        for way in ways {
            let most = fewest.as_ref().map_or(FEW_MAX, |(count, _)| *count);
            let count = way.count(most, hot)?;
            if count <= most {
                fewest = Some((count, way));
            }
        }
        Ok(fewest.map(|(_, way)| {
            let mut tests = vec![way.condition, self.rest()];
            if way.of_elements.is_none() {
                tests.extend(self.elements_of_this());
            }
            let condition = Sql::joined(tests, " AND ", "1");
            Lane { from: way.from, by: "", condition, read: None, is_in_order: false, is_absent: false }
        }))
    }

    /// Those that have something by an index that has only them, and those that lack it by their keys.
    fn lanes_by(&self, read: &str, has: &'static str, lacks: &'static str) -> Vec<Lane> {
        let lane = |by, is_absent| {
            let word = if is_absent { "IS NULL" } else { "IS NOT NULL" };
            let which = Sql::of(&format!("{read} {word}"));
            let condition = Sql::joined(vec![which, self.rest()], " AND ", "1");
            Lane { from: PROCESS_INSTANCES.from, by, condition, read: None, is_in_order: true, is_absent }
        };
        vec![lane(has, false), lane(lacks, true)]
    }

    /// The states of which each has a lane: of the instance, or of its element where that has them in order.
    fn states(&self, by: SortedBy) -> Vec<Bound> {
        let states = |one: Option<i64>, count: usize| match one {
            Some(state) => vec![Bound::Integer(state)],
            None => (0..count).map(|state| Bound::Integer(state as i64)).collect(),
        };
        if self.are_of_elements() && by == SortedBy::Start {
            return states(self.element_state, ELEMENT_INSTANCE_STATES.len());
        }
        let mut states = states(self.state, PROCESS_INSTANCE_STATES.len());
        if self.state.is_none() {
            // Of one that has not begun, or of which it is still to be told.
            states.push(Bound::Null);
        }
        states
    }

    /// The rows of all definitions. SQLite would sort what another index has of them, since it does not know how few are wanted.
    fn lane_of_all(&self) -> Lane {
        let (from, by, which) = match self.state {
            Some(SUSPENDED) => (SUSPENDED_ALONE, "", Some(Sql::of(IS_SUSPENDED))),
            _ => (PROCESS_INSTANCES.from, " INDEXED BY live_process_instances_start", None),
        };
        let condition = Sql::joined(which.into_iter().chain([self.rest()]).collect(), " AND ", "1");
        Lane { from, by, condition, read: None, is_in_order: true, is_absent: false }
    }

    /// All that is not said of an element instance.
    fn rest(&self) -> Sql {
        Filter::All(self.rest.iter().copied().cloned().collect()).sql()
    }

    /// What is said of an element instance, asked of one process instance after the other.
    fn elements_of_this(&self) -> Option<Sql> {
        if self.elements.is_empty() {
            return None;
        }
        let mut sql = Sql::of(ELEMENTS_OF_THIS);
        sql.add(Sql::joined(self.elements.clone(), " AND ", "1")).put(")");
        Some(sql)
    }

    /// The rows of one definition and state in the order of an index.
    fn lane(&self, by: SortedBy, definition: i64, state: Bound) -> Lane {
        let rest = self.rest();
        let of = |read: &str, word: &str, value: Bound| {
            let mut sql = Sql::of(read);
            sql.put(word).bind(value);
            sql
        };
        let definition = Bound::Integer(definition);
        let mut tests = Vec::new();
        if self.elements.is_empty() || by == SortedBy::End {
            tests.push(of("p.process_definition_key", " = ", definition));
            tests.push(match state {
                Bound::Null => Sql::of("p.state IS NULL"),
                state => of("p.state", " = ", state),
            });
            let is_absent = by == SortedBy::End;
            if is_absent {
                tests.push(Sql::of("p.end_date IS NULL"));
            }
            tests.push(rest);
            tests.extend(self.elements_of_this());
            return Lane {
                from: PROCESS_INSTANCES.from,
                by: if is_absent { " INDEXED BY live_process_instances_alive" } else { "" },
                condition: Sql::joined(tests, " AND ", "1"),
                read: None,
                is_in_order: true,
                is_absent,
            };
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
            is_in_order: true,
            is_absent: false,
        }
    }
}

impl Way {
    /// How many there are among the living, or one more than `most`.
    fn count(&self, most: i64, hot: &Source<'_>) -> Result<i64, Error> {
        let (from, condition) = match &self.of_elements {
            Some(tests) => ("element_instances e", tests),
            None => (self.from, &self.condition),
        };
        let mut sql = Sql::of("SELECT count(*) FROM (SELECT 1 FROM ");
        sql.put(from).put(" WHERE ").add(condition.clone());
        sql.put(" LIMIT ").bind(Bound::Integer(most + 1)).put(")");
        let sql = sql.of_set(LIVE);
        hot.read(|connection| {
            let mut statement = connection.prepare_cached(&sql.text).map_err(broken(connection))?;
            let count = statement.query_row(params_from_iter(&sql.values), |row| row.get(0));
            count.map_err(broken(connection))
        })
    }
}
