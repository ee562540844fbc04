//! Lists that are read in lanes have the rows of those that are sorted as a whole.

use super::{Store, base, is, query, soon, store, text, variable};
use crate::lanes::parts;
use crate::merge::sql_of_places;
use crate::page;
use crate::readers::Wanted;
use crate::views::instances::PROCESS_INSTANCES;
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

fn lists() -> Vec<Vec<Filter>> {
    let number = |value: i64| Test::Eq(Value::Int(value));
    let processes = [
        vec![is("processDefinitionId", Test::Eq(text("order")))],
        vec![is("processDefinitionKey", number(13))],
        vec![is("processDefinitionId", Test::Eq(text("order"))), is("processDefinitionVersion", number(2))],
        vec![is("processDefinitionId", Test::Eq(text("nobody")))],
        vec![],
    ];
    let states = [
        vec![],
        vec![is("state", number(0))],
        vec![is("state", number(1))],
        vec![is("state", Test::Neq(Value::Int(1)))],
        vec![is("startDate", Test::Lt(Value::Int(150)))],
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
        hot.execute_batch(&format!(
            "UPDATE live_process_instances SET state = NULL WHERE process_instance_key = {}",
            base(number) + 33_000
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
        for order in [Order::Ascending, Order::Descending] {
            // As the API has them: one condition that holds several.
            let by = ("startDate", order);
            let in_lanes = pages(&store, &Filter::All(vec![Filter::All(filters.clone())]), by);
            let sorted = pages(&store, &sorted_as_a_whole(&filters), by);
            assert_eq!(in_lanes, sorted, "{filters:?} {order:?}");
            rows += sorted.1;
        }
    }
    assert!(rows > 1_000, "{rows} rows");
}

/// By what some lack: those that have it and those that lack it are read each in their order.
#[test]
fn lists_by_what_may_be_absent_have_the_rows_of_sorted_ones() {
    let store = store();
    let none = || is("businessId", Test::Exists(true));
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
            let of_few = query(Filter::All(vec![none()]), &[(name, order)], Page::default());
            assert_eq!(plans(&store, &of_few).len(), 1, "what has an index of its own is read by that");
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
        let hot = Connection::open(files.hot()).expect("a file");
        for set in ["live_", "recent_a_"] {
            let sql = format!(
                "INSERT INTO {set}variables SELECT process_instance_key + 7, process_instance_key, process_instance_key, \
                 process_instance_key, 'common', '1', NULL FROM {set}process_instances"
            );
            hot.execute(&sql, []).expect("SQL");
        }
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

/// How SQLite reads each part of a search in `hot.db`.
fn plans(store: &Store, query: &Query) -> Vec<String> {
    let wanted = Wanted::by(query.view.place, &query.filter);
    let read = store.searcher.read(&wanted, &soon(), |sources| {
        let sorted = page::sorted(query.view, &query.sort);
        let mut plans = Vec::new();
        for part in parts(query, &sources[..1]).expect("they can be read") {
            let sql = sql_of_places(&part, &sorted, None, 50);
            let plan = sources[0].read(|connection| {
                let explain = format!("EXPLAIN QUERY PLAN {}", sql.text);
                let mut statement = connection.prepare(&explain).expect("SQL");
                let rows = statement.query_map(params_from_iter(&sql.values), |row| row.get::<_, String>(3));
                Ok(rows.expect("a query").map(|row| row.expect("a row") + "\n").collect::<String>())
            });
            plans.push(plan.expect("it can be read"));
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
