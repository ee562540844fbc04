//! Searches over files that were filled by SQL.

mod lanes;

use crate::blocks::{self, SetWriter};
use crate::like::Pattern;
use crate::page::{self, OFFSET_MAX, TOTAL_MAX};
use crate::place::RecentSet;
use crate::schema::{APPLICATION_ID, FINISHED_DDL, FINISHED_INDEXES, INSTANCE_TABLES, SCHEMA_VERSION};
use crate::views::definitions::{
    DECISION_DEFINITIONS, DECISION_REQUIREMENTS, FORMS, PROCESS_DEFINITIONS, RESOURCES,
};
use crate::views::instances::{
    DECISION_INSTANCES, ELEMENT_INSTANCES, INCIDENTS_VIEW, PROCESS_INSTANCES, SEQUENCE_FLOWS, VARIABLES,
    VARIABLES_OF_INSTANCE,
};
use crate::views::jobs::{JOB_ERRORS, JOBS, TIMERS, USER_TASKS, WAIT_STATES};
use crate::views::messages::{CORRELATED_MESSAGE_SUBSCRIPTIONS, MESSAGE_SUBSCRIPTIONS};
use crate::writing::Ending;
use crate::{
    Cancel, Column, Error, Figures, Files, Filter, Found, Kind, Order, Page, Place, Query, Searcher, Start,
    Test, Value, View,
};
use ringbolt_record::PartitionId;
use rusqlite::Connection;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant};
use tempfile::TempDir;

static VIEWS: [&View; 17] = [
    &PROCESS_DEFINITIONS,
    &DECISION_DEFINITIONS,
    &DECISION_REQUIREMENTS,
    &FORMS,
    &RESOURCES,
    &PROCESS_INSTANCES,
    &ELEMENT_INSTANCES,
    &SEQUENCE_FLOWS,
    &VARIABLES,
    &INCIDENTS_VIEW,
    &DECISION_INSTANCES,
    &WAIT_STATES,
    &TIMERS,
    &JOB_ERRORS,
    &JOBS,
    &USER_TASKS,
    &MESSAGE_SUBSCRIPTIONS,
];

/// The smallest key of a partition, less one.
const fn base(partition: i64) -> i64 {
    partition << 51
}

pub(crate) struct Store {
    searcher: Searcher,
    files: Arc<Files>,
    _directory: TempDir,
}

/// Two partitions of 40 instances each: the first ten of each stand in a file of finished instances.
fn store() -> Store {
    let directory = tempfile::tempdir().expect("a directory");
    let files = Arc::new(Files::new(directory.path(), [PartitionId(1), PartitionId(2)]));
    for partition in files.partitions() {
        std::fs::create_dir_all(partition.directory()).expect("a directory");
        let hot = crate::store::open(partition).expect("a file");
        let recent = Connection::open_in_memory().expect("memory");
        recent.execute_batch(FINISHED_DDL).expect("SQL");
        let finished = Connection::open(partition.finished_file(1)).expect("a file");
        finished.execute_batch(FINISHED_DDL).expect("SQL");
        finished.pragma_update(None, "user_version", SCHEMA_VERSION).expect("a version");
        finished.pragma_update(None, "application_id", APPLICATION_ID).expect("an id");
        for connection in [&hot, &finished] {
            connection
                .execute_batch(
                    "INSERT INTO process_definitions VALUES (11, 'order', 'Order', 1, NULL, 'o.bpmn', 0, NULL, 0, 9, NULL),
                     (12, 'order', 'Order', 2, 'v2', 'o.bpmn', 0, NULL, 0, 9, NULL), (13, 'pay', NULL, 1, NULL, 'p.bpmn', 0, NULL, 0, 9, NULL);
                     INSERT INTO elements (process_definition_key, element_id) VALUES (11, 'task'), (12, 'task'), (13, 'task'), (13, 'other');",
                )
                .expect("SQL");
        }
        let number = i64::from(partition.partition().0);
        for at in 0..40 {
            let (connection, table) = match at {
                ..10 => (&finished, ""),
                10..20 => (&recent, ""),
                _ => (&hot, "live_"),
            };
            insert(connection, table, base(number) + 1000 * (at + 1), at, number);
        }
        end(&hot, &recent);
        finished.execute_batch(FINISHED_INDEXES).expect("SQL");
        let list = format!(
            "INSERT INTO finished_files VALUES (1, 10, 1, {}, {}, {}, 500, 509)",
            base(number) + 1000,
            base(number) + 10_999,
            100 + number
        );
        hot.execute_batch(&list).expect("SQL");
        partition.set_available();
    }
    Store { searcher: Searcher::new(files.clone()), files, _directory: directory }
}

/// Adds the rows of another connection's tables to the first set of recent ones.
fn end(hot: &Connection, rows: &Connection) {
    let next = AtomicI64::new(blocks::last_number(hot).expect("a number") + 1);
    let mut ending = Ending::default();
    for (table, name) in INSTANCE_TABLES.iter().enumerate() {
        let mut statement = rows.prepare(&format!("SELECT * FROM {name}")).expect("SQL");
        let mut rows = statement.query([]).expect("a query");
        while let Some(row) = rows.next().expect("a row") {
            ending.put_read(table, row).expect("values");
        }
    }
    ending.write(&SetWriter::new(hot, RecentSet::A, &next)).expect("it is written");
}

/// An instance with a variable and an element.
fn insert(connection: &Connection, table: &str, key: i64, at: i64, partition: i64) {
    let state = if at < 20 { 1 } else { 0 };
    let business = if at % 4 == 0 { "NULL".to_owned() } else { format!("'b-{:02}'", at % 7) };
    let tags = if at % 5 == 0 { "'[\"red\",\"x:1\"]'" } else { "NULL" };
    let flows = if at < 20 && at % 2 == 0 { "'[\"in\",\"out\"]'" } else { "NULL" };
    let end = if at < 20 { (500 + at).to_string() } else { "NULL".to_owned() };
    let (start, definition) = (100 + at * 2 + partition, 11 + at % 3);
    let sql = format!(
        "INSERT INTO {table}process_instances VALUES ({key}, {definition}, {state}, {start}, {end}, NULL, NULL, NULL, {key}, {}, {business}, NULL, {tags}, {flows}, NULL);
         INSERT INTO {table}variables VALUES ({}, {key}, {key}, {key}, 'n', '{at}', NULL), ({}, {key}, {key}, {key}, 'long', '\"{}{at}\"', NULL);
         INSERT INTO {table}element_instances VALUES ({}, {key}, {definition}, {key}, {key}, 'task', 20, {state}, {start}, {end}, 0, NULL, {start}, NULL);",
        i64::from(at == 25),
        key + 1,
        key + 2,
        "x".repeat(60),
        key + 3,
    );
    connection.execute_batch(&sql).expect("SQL");
}

fn soon() -> Cancel {
    Cancel::at(Instant::now() + Duration::from_secs(30))
}

fn column(view: &View, name: &str) -> &'static Column {
    view.column(name).unwrap_or_else(|| panic!("{name}"))
}

fn query(filter: Filter, sort: &[(&str, Order)], page: Page) -> Query {
    let view = &PROCESS_INSTANCES;
    let sort = sort.iter().map(|(name, order)| (column(view, name), *order)).collect();
    Query { view, output: vec![column(view, "processInstanceKey")], filter, sort, page, is_counted: true }
}

impl Store {
    /// Instances as `partition.number`, and what else was found.
    fn found(&self, query: &Query) -> (String, Found) {
        let mut shown = String::new();
        let found = self.searcher.search(query, &soon(), |row| {
            let key = row.int(0).expect("a key");
            let gap = if shown.is_empty() { "" } else { " " };
            write!(shown, "{gap}{}.{}", key >> 51, (key & ((1 << 51) - 1)) / 1000 - 1).expect("text");
            Ok(())
        });
        (shown, found.expect("an answer"))
    }

    fn count(&self, filter: Filter) -> u64 {
        self.found(&query(filter, &[], Page { start: Start::From(0), limit: 0 })).1.total
    }
}

fn is(name: &str, test: Test) -> Filter {
    Filter::Is(column(&PROCESS_INSTANCES, name), test)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn files_are_merged_by_the_sort_and_paged_both_ways() {
    let store = store();
    for sort in [
        &[("startDate", Order::Descending)][..],
        &[("businessId", Order::Ascending)],
        &[("businessId", Order::Descending), ("endDate", Order::Ascending)],
        &[("endDate", Order::Descending)],
        &[("processDefinitionName", Order::Ascending), ("startDate", Order::Descending)],
        &[],
    ] {
        let all = store.found(&query(Filter::All(vec![]), sort, Page::default()));
        assert_eq!(all.0.split(' ').count(), 80, "{sort:?}");
        assert_eq!((all.1.total, all.1.has_more), (80, false));
        let mut pages = Vec::new();
        let (mut start, mut back) = (Start::From(0), None);
        loop {
            let query = query(Filter::All(vec![]), sort, Page { start, limit: 7 });
            let (shown, found) = store.found(&query);
            let Some(last) = found.last else { break };
            pages.push(shown);
            start = Start::After(page::decoded(query.view, &query.sort, &last).expect("a cursor"));
            back = found.first;
        }
        assert_eq!(pages.join(" "), all.0, "{sort:?}");
        let offset =
            store.found(&query(Filter::All(vec![]), sort, Page { start: Start::From(70), limit: 100 }));
        assert!(all.0.ends_with(&offset.0) && offset.0.split(' ').count() == 10, "{sort:?}");
        let mut before = back.expect("a page");
        for wanted in pages.iter().rev().skip(1) {
            let mut query = query(Filter::All(vec![]), sort, Page::default());
            let cursor = page::decoded(query.view, &query.sort, &before).expect("a cursor");
            query.page = Page { start: Start::Before(cursor), limit: 7 };
            let (shown, found) = store.found(&query);
            assert_eq!(&shown, wanted, "{sort:?}");
            before = found.first.expect("a row");
        }
    }
}

#[test]
fn cursors_of_other_searches_are_none() {
    let store = store();
    let by_start = query(Filter::All(vec![]), &[("startDate", Order::Ascending)], Page::default());
    let last = store.found(&by_start).1.last.expect("a row");
    let decoded = |sort: &[(&str, Order)], text: &str| {
        let query = query(Filter::All(vec![]), sort, Page::default());
        page::decoded(query.view, &query.sort, text).is_ok()
    };
    assert!(decoded(&[("startDate", Order::Ascending)], &last));
    for sort in [&[("startDate", Order::Descending)][..], &[("endDate", Order::Ascending)], &[]] {
        assert!(!decoded(sort, &last), "{sort:?}");
    }
    let other = page::decoded(&JOBS, &vec![(column(&JOBS, "deadline"), Order::Ascending)], &last);
    assert!(other.is_err());
    for at in 0..last.len() {
        let mut altered = last.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("text");
        assert!(!decoded(&[("startDate", Order::Ascending)], &altered), "{at}");
    }
    for text in ["", "A", "AAAA", "====", "é", &"A".repeat(1 << 20)] {
        assert!(!decoded(&[("startDate", Order::Ascending)], text));
    }
}

fn like(pattern: &str) -> Test {
    Test::Like(Pattern::new(pattern).expect("a pattern"))
}

fn variable(name: &str, test: Test) -> Filter {
    let tests = vec![("v.name", Kind::Text, Test::Eq(text(name))), ("v.value", Kind::Value, test)];
    Filter::Has(VARIABLES_OF_INSTANCE, tests, ")")
}

impl Store {
    fn counts<const CASES: usize>(&self, cases: [(Filter, u64); CASES]) {
        for (filter, wanted) in cases {
            let shown = format!("{filter:?}");
            assert_eq!(self.count(filter), wanted, "{}", &shown[..shown.len().min(300)]);
        }
    }
}

#[test]
fn conditions_find_what_they_say() {
    store().counts([
        (is("state", Test::Eq(Value::Int(0))), 40),
        (is("state", Test::In(vec![Value::Int(0), Value::Int(3)])), 40),
        (is("businessId", Test::Exists(false)), 20),
        (is("businessId", Test::Eq(text("b-01"))), 8),
        (is("businessId", Test::Neq(text("b-01"))), 72),
        (is("businessId", Test::NotIn(vec![text("b-01"), text("b-02")])), 80 - 8 - 10),
        (is("businessId", like("b-*")), 60),
        (is("businessId", like("*-0?")), 60),
        (is("businessId", like("b-01")), 8),
        (is("endDate", Test::Gte(Value::Int(519))), 2),
        (is("endDate", Test::Lt(Value::Int(501))), 2),
        (is("startDate", Test::Gt(Value::Int(-5))), 80),
        (is("startDate", Test::Lte(Value::Int(0))), 0),
        (is("processDefinitionId", Test::Eq(text("pay"))), 26),
        (is("processDefinitionName", Test::Exists(false)), 26),
        (is("processDefinitionName", Test::Neq(text("Order"))), 26),
        (is("processDefinitionId", like("o*")), 54),
        (is("tags", Test::Eq(text("red"))), 16),
        (is("tags", Test::Neq(text("red"))), 64),
        (is("hasIncident", Test::Eq(Value::Int(1))), 2),
        (is("elementId", Test::Eq(text("task"))), 80),
        (is("processInstanceKey", Test::Eq(Value::Int(base(2) + 1000))), 1),
        (is("processInstanceKey", Test::Eq(Value::Int(base(3) + 1000))), 0),
        (
            is(
                "processInstanceKey",
                Test::In(vec![Value::Int(base(1) + 1000), Value::Int(base(2) + 30_000)]),
            ),
            2,
        ),
    ]);
}

#[test]
fn conditions_on_variables_and_several_at_once() {
    let long = format!("\"{}7\"", "x".repeat(60));
    store().counts([
        (variable("n", Test::Eq(text("7"))), 2),
        (variable("n", Test::Neq(text("7"))), 78),
        (variable("n", like("1*")), 22),
        (variable("long", Test::Eq(text(&long))), 2),
        (variable("long", Test::In(vec![text(&long), text("1")])), 2),
        (variable("long", like(&format!("\"{}7*", "x".repeat(60)))), 2),
        (Filter::Any(vec![]), 0),
        (
            Filter::All(vec![
                is("elementId", Test::Eq(text("task"))),
                is("elementInstanceState", Test::Eq(Value::Int(1))),
            ]),
            40,
        ),
        (
            Filter::Any(vec![
                Filter::All(vec![is("state", Test::Eq(Value::Int(1))), variable("n", Test::Eq(text("3")))]),
                is("processInstanceKey", Test::Eq(Value::Int(base(1) + 40_000))),
            ]),
            3,
        ),
        (
            Filter::Any(
                (0..1000).map(|at| is("processDefinitionVersion", Test::Eq(Value::Int(at)))).collect(),
            ),
            80,
        ),
    ]);
}

/// What an instance made before it was given its business id is without one, and is found so.
#[test]
fn a_business_id_that_came_later_is_not_of_what_was_before() {
    let store = store();
    let hot =
        Connection::open(store.files.partition(PartitionId(1)).expect("a partition").hot()).expect("a file");
    let instance = base(1) + 22_000;
    let job = |key: i64| {
        format!(
            "INSERT INTO live_jobs (job_key, process_instance_key, process_definition_key, root_process_instance_key, element_instance_key,
             element_id, type, worker, kind, listener_event_type, retries, priority)
             VALUES ({key}, {instance}, 11, {instance}, {instance}, 'task', 'w', '', 0, 0, 3, 0);"
        )
    };
    let given = format!(
        "UPDATE live_process_instances SET business_id = 'late', business_id_since = {} WHERE process_instance_key = {instance};",
        instance + 15
    );
    hot.execute_batch(&[job(instance + 10), job(instance + 20), given].concat()).expect("SQL");
    let found = |test: Test| {
        let query = Query {
            view: &JOBS,
            output: vec![column(&JOBS, "jobKey"), column(&JOBS, "businessId")],
            filter: Filter::Is(column(&JOBS, "businessId"), test),
            sort: vec![(column(&JOBS, "businessId"), Order::Descending)],
            page: Page { start: Start::From(0), limit: 9 },
            is_counted: true,
        };
        let mut shown = Vec::new();
        let found = store.searcher.search(&query, &soon(), |row| {
            shown.push((row.int(0).expect("a key") - instance, row.text(1).map(str::to_owned)));
            Ok(())
        });
        assert_eq!(found.expect("an answer").total, shown.len() as u64);
        shown
    };
    let (before, after) = ((10, None), (20, Some("late".to_owned())));
    assert_eq!(found(Test::Neq(text("x"))), [after.clone(), before.clone()]);
    for test in [Test::Eq(text("late")), Test::In(vec![text("late")]), like("l*"), Test::Exists(true)] {
        assert_eq!(found(test), std::slice::from_ref(&after));
    }
    for test in [Test::Neq(text("late")), Test::NotIn(vec![text("late")]), Test::Exists(false)] {
        assert_eq!(found(test), std::slice::from_ref(&before));
    }
}

/// The SQL of every column is right in each of its places, in each kind of file.
#[test]
fn every_column_is_read_filtered_and_sorted_by() {
    let store = store();
    for view in VIEWS.into_iter().chain([&CORRELATED_MESSAGE_SUBSCRIPTIONS]) {
        for column in view.columns {
            let value = || match column.kind {
                Kind::Text | Kind::LongText | Kind::Value | Kind::Json => text("a"),
                _ => Value::Int(1),
            };
            let tests = [
                Test::Eq(value()),
                Test::Neq(value()),
                Test::Exists(true),
                Test::Exists(false),
                Test::Gte(value()),
                Test::In(vec![value()]),
                Test::NotIn(vec![value(), value()]),
                Test::Like(Pattern::new("a*").expect("a pattern")),
            ];
            let query = Query {
                view,
                output: view.columns.iter().collect(),
                filter: Filter::Any(tests.into_iter().map(|test| Filter::Is(column, test)).collect()),
                sort: vec![(column, Order::Descending)],
                page: Page { start: Start::From(0), limit: 2 },
                is_counted: true,
            };
            let found = store.searcher.search(&query, &soon(), |_| Ok(()));
            assert!(found.is_ok(), "{} {}: {found:?}", view.from, column.name);
        }
    }
}

#[test]
fn totals_end_at_their_bound_and_figures_are_added_over_files() {
    let store = store();
    let hot =
        Connection::open(store.files.partition(PartitionId(1)).expect("a partition").hot()).expect("a file");
    hot.execute_batch("BEGIN").expect("SQL");
    for at in 0..10_100 {
        insert(&hot, "live_", base(1) + 1_000_000 + 10 * at, 21, 1);
    }
    hot.execute_batch("COMMIT").expect("SQL");
    let all = query(Filter::All(vec![]), &[], Page { start: Start::From(0), limit: 3 });
    let (shown, found) = store.found(&all);
    assert_eq!((found.total, found.has_more, shown.as_str()), (TOTAL_MAX, true, "1.0 1.1 1.2"));
    let figures = Figures {
        place: Place::Instances,
        before: "SELECT p.state, count(*), sum(p.incident_count) FROM process_instances p WHERE ",
        filter: is("startDate", Test::Gt(Value::Int(0))),
        after: " GROUP BY p.state",
        keys: 1,
    };
    let groups = store.searcher.figures(&figures, &soon()).expect("figures");
    let wanted = [(vec![Some(Value::Int(0))], vec![10_140, 2]), (vec![Some(Value::Int(1))], vec![40, 0])];
    assert_eq!(groups, wanted);
    let far = query(Filter::All(vec![]), &[], Page { start: Start::From(OFFSET_MAX), limit: 3 });
    assert_eq!(store.found(&far).0, "");
}

#[test]
fn a_search_ends_when_its_time_is_up_or_nobody_waits() {
    let store = store();
    let hot =
        Connection::open(store.files.partition(PartitionId(2)).expect("a partition").hot()).expect("a file");
    hot.execute_batch("BEGIN").expect("SQL");
    for at in 0..20_000 {
        insert(&hot, "live_", base(2) + 1_000_000 + 10 * at, at % 40, 2);
    }
    hot.execute_batch("COMMIT").expect("SQL");
    // A join of all with all, which no index helps.
    let figures = Figures {
        place: Place::Instances,
        before: "SELECT 1, count(*) FROM variables a, variables b WHERE a.value < b.value || '' AND ",
        filter: Filter::All(vec![]),
        after: "",
        keys: 1,
    };
    let begun = Instant::now();
    let soon_over = Cancel::at(begun + Duration::from_millis(50));
    let ended = store.searcher.figures(&figures, &soon_over);
    assert_eq!(ended, Err(Error::TimedOut));
    let given_up = soon();
    given_up.give_up();
    assert_eq!(store.searcher.figures(&figures, &given_up), Err(Error::GivenUp));
    assert!(begun.elapsed() < Duration::from_secs(10));
    // The connections work on.
    assert_eq!(store.count(is("state", Test::Eq(Value::Int(0)))), TOTAL_MAX);
}

#[test]
fn what_cannot_be_read_is_said() {
    let store = store();
    let partition = store.files.partition(PartitionId(2)).expect("a partition");
    partition.set_unavailable("the disk is full".to_owned());
    let all = query(Filter::All(vec![]), &[], Page::default());
    let found = store.searcher.search(&all, &soon(), |_| Ok(()));
    let said = found.expect_err("no answer").to_string();
    assert_eq!(said, "secondary storage of partition 2 cannot be read: the disk is full");
    // What it does not concern goes on.
    assert_eq!(store.count(is("processInstanceKey", Test::Eq(Value::Int(base(1) + 2000)))), 1);
    partition.set_available();
    assert_eq!(store.count(Filter::All(vec![])), 80);
    // A file that is listed and gone is not passed over in silence.
    std::fs::remove_file(partition.finished_file(1)).expect("a file");
    let other = Searcher::new(store.files.clone());
    let found = other.search(&all, &soon(), |_| Ok(())).expect_err("no answer");
    assert!(
        matches!(&found, Error::Damaged(path, _) if path.ends_with("partition-2/finished-000001.db")),
        "{found:?}"
    );
    // One that is past its time is not listed any more.
    let hot = Connection::open(partition.hot()).expect("it can be written");
    hot.execute("DELETE FROM finished_files WHERE number = 1", []).expect("SQL");
    assert_eq!(other.search(&all, &soon(), |_| Ok(())).expect("an answer").total, 70);
}
