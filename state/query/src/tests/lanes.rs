//! Lists that are read in lanes have the rows of those that are sorted as a whole.

use super::{Store, base, end, is, query, soon, store, text, variable};
use crate::lanes::parts;
use crate::like::Pattern;
use crate::merge::sql_of_places;
use crate::page;
use crate::place::LIVE;
use crate::readers::Wanted;
use crate::schema::FINISHED_DDL;
use crate::sql::Sql;
use crate::views::instances::{ELEMENT_INSTANCES, INCIDENTS_VIEW, PROCESS_INSTANCES, VARIABLES};
use crate::views::jobs::{JOBS, USER_TASKS};
use crate::{By, Filter, Order, Page, Query, Start, Test, Value};
use ringbolt_record::PartitionId;
use rusqlite::{Connection, params_from_iter};

/// Beside one of several conditions nothing is read in lanes.
fn sorted_as_a_whole(filters: &[Filter]) -> Filter {
    let mut filters = filters.to_vec();
    filters.push(Filter::Any(vec![Filter::All(vec![])]));
    Filter::All(filters)
}

/// Pages of a list in both directions, as they are shown, and how many there are.
fn pages(store: &Store, filter: &Filter, by: (&str, Order)) -> (Vec<String>, u64) {
    let asked = |start| query(filter.clone(), &[by], Page { start, limit: 15 });
    let (mut shown, mut start, mut back) = (Vec::new(), Start::From(0), None);
    let total = loop {
        let query = asked(start);
        let (page, found) = store.found(&query);
        let Some(last) = found.last else { break found.total };
        shown.push(page);
        start = Start::After(page::decoded(query.view, &query.sort, &last).expect("a cursor"));
        back = found.first;
    };
    while let Some(first) = back {
        let query = asked(Start::From(0));
        let cursor = page::decoded(query.view, &query.sort, &first).expect("a cursor");
        let (page, found) = store.found(&asked(Start::Before(cursor)));
        back = found.first;
        shown.push(page);
    }
    shown.push(store.found(&asked(Start::From(7))).0);
    (shown, total)
}

fn like(pattern: &str) -> Test {
    Test::Like(Pattern::new(pattern).expect("a pattern"))
}

fn lists() -> Vec<Vec<Filter>> {
    let number = |value: i64| Test::Eq(Value::Int(value));
    let processes = [
        vec![is("processDefinitionId", Test::Eq(text("order")))],
        vec![is("processDefinitionKey", number(13))],
        vec![is("processDefinitionId", Test::Eq(text("order"))), is("processDefinitionVersion", number(2))],
        vec![is("processDefinitionId", Test::Eq(text("nobody")))],
        vec![is("processDefinitionId", Test::Eq(text("order"))), is("businessId", Test::Eq(text("b-03")))],
        vec![is("processDefinitionId", Test::Eq(text("order"))), is("businessId", like("b-0*"))],
        vec![],
    ];
    let states = [
        vec![],
        vec![is("state", number(0))],
        vec![is("state", number(1))],
        vec![is("state", number(2))],
        vec![is("state", Test::Neq(Value::Int(1)))],
        vec![is("state", Test::In(vec![Value::Int(0), Value::Int(2)]))],
        vec![is("state", number(0)), is("hasIncident", number(1))],
        vec![is("hasIncident", number(1)), is("startDate", Test::Gte(Value::Int(150)))],
        vec![is("startDate", Test::Lt(Value::Int(150)))],
        vec![is("startDate", Test::Lt(Value::Int(170)))],
    ];
    let elements = [
        vec![],
        vec![is("elementId", Test::Eq(text("task")))],
        vec![is("elementId", Test::Eq(text("task"))), is("elementInstanceState", number(0))],
        vec![is("elementId", Test::Eq(text("other"))), is("elementInstanceState", number(1))],
        vec![is("elementInstanceState", number(0))],
    ];
    let mut lists = Vec::new();
    for process in &processes {
        for state in &states {
            for element in &elements {
                lists.push([process.clone(), state.clone(), element.clone()].concat());
            }
        }
    }
    lists
}

/// Some instances stand at an element several times, or have stood there too; one was not told of yet.
fn many_elements(store: &Store) {
    for number in [1, 2] {
        let files = store.files.partition(PartitionId(number)).expect("a partition");
        let hot = Connection::open(files.hot()).expect("a file");
        let number = i64::from(number);
        for at in [21, 25, 30, 31] {
            let (key, start) = (base(number) + 1000 * (at + 1), 100 + at * 2 + number);
            for (element, state) in [("task", 0), ("task", 1), ("other", 1)] {
                let sql = "INSERT INTO live_element_instances SELECT max(element_instance_key) + 1, ?1, ?2, ?1, ?1, ?3, 20, ?4, ?5, NULL, 0, NULL, ?5, NULL \
                     FROM live_element_instances WHERE process_instance_key = ?1";
                hot.execute(sql, (key, 11 + at % 3, element, state, start)).expect("SQL");
            }
        }
        let of = |at: &[i64]| {
            at.iter().map(|at| (base(number) + 1000 * at).to_string()).collect::<Vec<_>>().join(",")
        };
        hot.execute_batch(&format!(
            "UPDATE live_process_instances SET state = NULL WHERE process_instance_key = {};
             UPDATE live_process_instances SET state = 2 WHERE process_instance_key IN ({});
             UPDATE live_process_instances SET incident_count = 2 WHERE process_instance_key IN ({});",
            base(number) + 33_000,
            // Few in one partition, more in the other.
            of(if number == 1 { &[22, 29, 34, 35] } else { &[22, 24, 26, 27, 28, 34, 36, 37, 38, 39] }),
            of(if number == 1 { &[23, 24, 25, 26, 30, 31, 32, 37, 40] } else { &[23, 34, 40] }),
        ))
        .expect("SQL");
    }
}

#[test]
fn lanes_have_the_rows_of_a_sorted_list() {
    let store = store();
    many_elements(&store);
    let mut rows = 0;
    for filters in lists() {
        for by in ["startDate", "endDate"] {
            for order in [Order::Ascending, Order::Descending] {
                // As the API has them: one condition that holds several.
                let in_lanes = pages(&store, &Filter::All(vec![Filter::All(filters.clone())]), (by, order));
                let sorted = pages(&store, &sorted_as_a_whole(&filters), (by, order));
                assert_eq!(in_lanes, sorted, "{filters:?} {by} {order:?}");
                rows += sorted.1;
            }
        }
    }
    assert!(rows > 5_000, "{rows} rows");
}

/// Lists by the end of those that have none: by their keys, not sorted, as many as there may be.
#[test]
fn lists_of_a_process_by_what_the_living_lack_are_read_in_the_order_of_an_index() {
    let store = store();
    let order = is("processDefinitionId", Test::Eq(text("order")));
    let states = |states: &[i64]| {
        states.iter().map(|state| is("state", Test::Eq(Value::Int(*state)))).collect::<Vec<_>>()
    };
    // A lane for each version and each state, also that which is not known yet.
    for (filters, lanes) in [(states(&[0]), 2), (states(&[2]), 2), (states(&[]), 2 * 5)] {
        for direction in [Order::Ascending, Order::Descending] {
            let filters = [vec![order.clone()], filters.clone()].concat();
            let mut asked = query(Filter::All(filters.clone()), &[("endDate", direction)], Page::default());
            for is_first in [true, false] {
                let alive = plans_of_the_living(&store, &asked, 1);
                assert_eq!(alive.len(), lanes, "{filters:?} {alive:?}");
                for plan in alive {
                    let bound = if is_first { "" } else { " AND rowid>?" };
                    let index =
                        format!("live_process_instances_alive (process_definition_key=? AND state=?{bound})");
                    assert!(plan.contains(&index) && !plan.contains("B-TREE FOR ORDER BY"), "{plan}");
                }
                asked.page.start =
                    Start::After(vec![page::Bound::Null, page::Bound::Integer(base(1) + 30_000)]);
            }
        }
    }
}

/// Where an index has few instances alone they are read by that, whatever else they are; where there are more, others lead to them.
#[test]
fn few_instances_are_read_by_what_they_are() {
    let store = store();
    many_elements(&store);
    let order = || is("processDefinitionId", Test::Eq(text("order")));
    let failed = || vec![is("state", Test::Eq(Value::Int(0))), is("hasIncident", Test::Eq(Value::Int(1)))];
    let suspended = || vec![is("state", Test::Eq(Value::Int(2)))];
    let pay = is("processDefinitionKey", Test::Eq(Value::Int(13)));
    let at_task = || is("elementId", Test::Eq(text("task")));
    let at_other = || is("elementId", Test::Eq(text("other")));
    for (partition, filters, sort, index) in [
        (1, [failed(), vec![order()]].concat(), "startDate", "live_process_instances_definition"),
        (2, [failed(), vec![order()]].concat(), "startDate", "live_process_instances_incident"),
        (2, [failed(), vec![order()]].concat(), "endDate", "live_process_instances_incident"),
        (
            1,
            [suspended(), vec![order(), at_task()]].concat(),
            "startDate",
            "live_process_instances_suspended",
        ),
        (2, [suspended(), vec![order(), at_task()]].concat(), "startDate", "live_element_instances_element"),
        (2, suspended(), "startDate", "live_process_instances_suspended"),
        (1, suspended(), "endDate", "live_process_instances_suspended"),
        (1, vec![order(), at_task()], "endDate", "live_process_instances_alive"),
        (1, vec![pay, at_other()], "endDate", "live_element_instances_element"),
        (1, vec![order(), is("businessId", like("b-03*"))], "startDate", "live_process_instances_business"),
        (1, vec![order(), is("businessId", like("b-0*"))], "startDate", "live_process_instances_definition"),
        (1, vec![order(), is("businessId", like("b-0*"))], "endDate", "live_process_instances_alive"),
        (1, vec![is("hasRetriesLeft", Test::Eq(Value::Int(1)))], "startDate", "live_jobs_retried"),
    ] {
        let asked = query(Filter::All(filters.clone()), &[(sort, Order::Descending)], Page::default());
        let alive = plans_of_the_living(&store, &asked, partition);
        assert!(!alive.is_empty(), "{filters:?}");
        for plan in alive {
            assert!(plan.contains(index), "{filters:?} by {sort} in partition {partition}: {plan}");
        }
    }
}

/// Of files of finished instances the index over business ids is gone through, not their rows in the order of the sort.
#[test]
fn business_ids_of_the_ended_are_matched_in_their_index() {
    let store = store();
    for pattern in ["*3*", "*-03", "?-03", "b-0*"] {
        for sort in ["startDate", "endDate"] {
            let filter = is("businessId", like(pattern));
            let asked = query(filter, &[(sort, Order::Descending)], Page::default());
            let wanted = Wanted::by(asked.view.place, &asked.filter);
            let plan = store.searcher.read(&wanted, &soon(), |sources| {
                let parts = parts(&asked, &sources[..2]).expect("they can be read");
                let part = parts.iter().find(|part| part.source == 1).expect("a file of finished instances");
                let sorted = page::sorted(asked.view, &asked.sort);
                let sql = sql_of_places(part, &sorted, None, 50).expect("there may be some");
                sources[1].read(|connection| Ok(explained(connection, &sql)))
            });
            let plan = plan.expect("it can be read");
            assert!(
                plan.contains("INDEX process_instances_business (business_id>?"),
                "{pattern} {sort}: {plan}"
            );
        }
    }
}

/// Nobody who has ended has an incident that is open, or work to do.
#[test]
fn what_only_the_living_have_is_looked_for_there() {
    let store = store();
    for (name, value) in [
        ("errorMessage", text("none")),
        ("incidentErrorHashCode", Value::Int(7)),
        ("hasRetriesLeft", Value::Int(1)),
    ] {
        let asked = query(is(name, Test::Eq(value)), &[("startDate", Order::Descending)], Page::default());
        assert!(asked.filter.is_of_the_living(), "{name}");
        let plans = plans(&store, &asked);
        assert!(plans.iter().all(|plan| !plan.contains("recent_")), "{name}: {plans:?}");
    }
}

/// Who has ended does not stand among the living: they are not asked.
#[test]
fn the_living_are_not_asked_for_those_that_ended() {
    let store = store();
    for (test, rows) in [
        (Test::Eq(Value::Int(1)), 40),
        (Test::In(vec![Value::Int(1), Value::Int(3)]), 40),
        (Test::Eq(Value::Int(3)), 0),
    ] {
        for by in ["startDate", "endDate", "businessId", "state"] {
            let asked = query(
                Filter::All(vec![is("state", test.clone())]),
                &[(by, Order::Descending)],
                Page::default(),
            );
            assert!(plans(&store, &asked).iter().all(|plan| !plan.contains("live_")), "{by}");
            assert_eq!(store.found(&asked).1.total, rows, "{by}");
        }
    }
}

/// By what some lack: those that have it and those that lack it are read each in their order.
#[test]
fn lists_by_what_may_be_absent_have_the_rows_of_sorted_ones() {
    let store = store();
    for name in ["endDate", "businessId"] {
        for order in [Order::Ascending, Order::Descending] {
            for state in [None, Some(0), Some(1), Some(2)] {
                let filters: Vec<Filter> =
                    state.iter().map(|state| is("state", Test::Eq(Value::Int(*state)))).collect();
                let in_lanes = pages(&store, &Filter::All(filters.clone()), (name, order));
                let sorted = pages(&store, &sorted_as_a_whole(&filters), (name, order));
                assert_eq!(in_lanes, sorted, "{name} {order:?} {state:?}");
            }
            let all = query(Filter::All(vec![]), &[(name, order)], Page::default());
            let lanes = plans(&store, &all);
            // Behind both sets of what has ended.
            let live = &lanes[2..];
            assert_eq!(live.len(), 2, "{lanes:?}");
            assert!(live.iter().all(|plan| !plan.contains("B-TREE FOR ORDER BY")), "{live:?}");
            let by_index = |plan: &&String| plan.contains("INDEX live_process_instances_");
            assert_eq!(live.iter().filter(by_index).count(), 1, "{live:?}");
            let few = is("businessId", Test::Eq(text("b-03")));
            let of_few = plans(&store, &query(Filter::All(vec![few]), &[(name, order)], Page::default()));
            let by_index = |plan: &String| plan.contains("live_process_instances_business (business_id=?");
            assert!(of_few.iter().any(by_index), "what has an index of its own is read by that: {of_few:?}");
        }
    }
}

/// What asks for the living among others is not asked of those that have ended.
#[test]
fn files_of_the_ended_are_not_asked_for_the_living() {
    let active = || is("state", Test::Eq(Value::Int(0)));
    let ended = |filter: Filter| filter.of_the_ended().sql().text;
    let business = || is("businessId", Test::Eq(text("b-01")));
    let both = Filter::Any(vec![business(), Filter::All(vec![active(), business()])]);
    assert_eq!(ended(both.clone()), ended(Filter::Any(vec![business()])));
    assert!(Filter::All(vec![business(), active()]).of_the_ended().is_never());
    assert!(
        Filter::Any(vec![active(), is("state", Test::In(vec![Value::Int(2)]))]).of_the_ended().is_never()
    );
    for kept in [
        Filter::All(vec![]),
        is("state", Test::Neq(Value::Int(0))),
        is("state", Test::In(vec![Value::Int(0), Value::Int(1)])),
    ] {
        assert_eq!(ended(kept.clone()), kept.sql().text);
    }
    let store = store();
    let (shown, found) = store.found(&query(both, &[("startDate", Order::Ascending)], Page::default()));
    assert_eq!(found.total, 8, "{shown}");
}

/// Whatever the order in which they are asked for.
#[test]
fn of_several_variables_the_rarest_is_looked_up() {
    let store = store();
    for number in [1, 2] {
        let files = store.files.partition(PartitionId(number)).expect("a partition");
        let hot = crate::store::open(files).expect("a file");
        let recent = Connection::open_in_memory().expect("memory");
        recent.execute_batch(FINISHED_DDL).expect("SQL");
        for (connection, set, table) in
            [(&hot, "live_", "live_variables"), (&recent, "recent_a_", "variables")]
        {
            let sql = format!("SELECT process_instance_key FROM {set}process_instances");
            let mut keys = hot.prepare(&sql).expect("SQL");
            for key in keys.query_map([], |row| row.get::<_, i64>(0)).expect("a query") {
                let key = key.expect("a key");
                let sql = format!("INSERT INTO {table} VALUES (?1 + 7, ?1, ?1, ?1, 'common', '1', NULL)");
                connection.execute(&sql, [key]).expect("SQL");
            }
        }
        end(&hot, &recent);
    }
    let common = || variable("common", Test::Eq(text("1")));
    let one_of = |values: &[&str]| variable("n", Test::In(values.iter().map(|value| text(value)).collect()));
    for filters in [
        vec![one_of(&["12", "25", "5"]), common()],
        vec![common(), one_of(&["12", "25", "5"])],
        vec![common(), one_of(&["12", "25"]), variable("n", Test::Neq(text("7")))],
    ] {
        let asked = query(Filter::All(filters.clone()), &[("startDate", Order::Ascending)], Page::default());
        let (shown, found) = store.found(&asked);
        assert_eq!((shown.as_str(), found.total), ("1.12 2.12 1.25 2.25", 4), "{filters:?}");
        let plans = plans(&store, &asked);
        assert_eq!(plans.len(), 3, "{plans:?}");
        let live = &plans[2];
        let (driver, others) = live.split_once("EXISTS").unwrap_or_else(|| panic!("{filters:?} {plans:?}"));
        assert!(driver.contains("live_variables_value (name=? AND <expr>=?)"), "{live}");
        assert!(
            others.contains("live_variables_value (name=? AND <expr>=? AND process_instance_key=?)"),
            "{live}"
        );
    }
}

/// How SQLite reads each part of a search in the `hot.db` of the first partition.
fn plans(store: &Store, query: &Query) -> Vec<String> {
    plans_of(store, query, 1).into_iter().map(|(_, plan)| plan).collect()
}

/// The same of those that are alive.
fn plans_of_the_living(store: &Store, query: &Query, partition: usize) -> Vec<String> {
    let plans = plans_of(store, query, partition).into_iter();
    plans.filter_map(|(set, plan)| (set == LIVE).then_some(plan)).collect()
}

fn explained(connection: &Connection, sql: &Sql) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text)).expect("SQL");
    let rows = statement.query_map(params_from_iter(&sql.values), |row| row.get::<_, String>(3));
    rows.expect("a query").map(|row| row.expect("a row") + "\n").collect()
}

fn plans_of(store: &Store, query: &Query, partition: usize) -> Vec<(&'static str, String)> {
    let wanted = Wanted::by(query.view.place, &query.filter);
    let read = store.searcher.read(&wanted, &soon(), |sources| {
        let sorted = page::sorted(query.view, &query.sort);
        let cursor = match &query.page.start {
            Start::After(cursor) => Some(cursor),
            Start::From(_) | Start::Before(_) => None,
        };
        let mut plans = Vec::new();
        let hot: Vec<usize> = (0..sources.len()).filter(|at| sources[*at].file.is_none()).collect();
        let at = hot[partition - 1];
        for part in parts(query, &sources[at..=at]).expect("they can be read") {
            let sql = sql_of_places(&part, &sorted, cursor, 50).expect("there may be some");
            let plan = sources[at].read(|connection| Ok(explained(connection, &sql)));
            plans.push((part.set, plan.expect("it can be read")));
        }
        Ok(plans)
    });
    read.expect("they can be read")
}

#[test]
fn lanes_are_read_in_the_order_of_an_index() {
    let store = store();
    let order = is("processDefinitionId", Test::Eq(text("order")));
    let active = is("state", Test::Eq(Value::Int(0)));
    let at_task = is("elementId", Test::Eq(text("task")));
    let stands = is("elementInstanceState", Test::Eq(Value::Int(0)));
    for (filters, lanes, index) in [
        (vec![active.clone()], 1, "live_process_instances_start"),
        (
            vec![order.clone(), active.clone()],
            2,
            "live_process_instances_definition (process_definition_key=? AND state=?)",
        ),
        (
            vec![order, active, at_task, stands],
            2,
            "live_element_instances_element (process_definition_key=? AND element_id=? AND state=?)",
        ),
    ] {
        for direction in [Order::Ascending, Order::Descending] {
            let asked = query(Filter::All(filters.clone()), &[("startDate", direction)], Page::default());
            let plans = plans(&store, &asked);
            assert_eq!(plans.len(), lanes, "one for each version that is meant: {plans:?}");
            for plan in plans {
                assert!(plan.contains(index) && !plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
            }
        }
    }
}

#[test]
fn what_is_alive_is_looked_for_where_it_stands() {
    let store = store();
    let active = is("state", Test::Eq(Value::Int(0)));
    for column in PROCESS_INSTANCES.columns {
        let value = if column.by == By::Own { base(1) + 25_000 } else { 1 };
        let also = Filter::Is(column, Test::Eq(Value::Int(value)));
        let asked = query(
            Filter::All(vec![active.clone(), also]),
            &[("endDate", Order::Descending)],
            Page::default(),
        );
        for plan in plans(&store, &asked) {
            assert!(!plan.is_empty() && !plan.contains("recent_"), "{}: {plan}", column.name);
        }
    }
}

/// The order of keys is the one of who asks for none: a page of it reads a page.
#[test]
fn a_page_by_keys_sorts_nothing() {
    let store = store();
    for view in [&PROCESS_INSTANCES, &ELEMENT_INSTANCES, &VARIABLES, &JOBS, &USER_TASKS, &INCIDENTS_VIEW] {
        for start in [Start::From(0), Start::Before(vec![rusqlite::types::Value::Integer(5)])] {
            let page = Page { start, ..Page::default() };
            let asked = Query { view, ..query(Filter::All(vec![]), &[], page) };
            let plans = plans_of(&store, &asked, 1);
            assert_eq!(plans.len(), 3, "{plans:?}");
            assert!(plans.iter().all(|(_, plan)| !plan.contains("TEMP B-TREE")), "{}: {plans:?}", view.from);
        }
    }
}
