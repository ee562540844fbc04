//! Files that are damaged and that a search finds so, and files that are written again without what was deleted.

use crate::batches::{found, is};
use crate::feed::{Bench, Log, PARTITION, quick_directory, rows};
use crate::log::{NOW, Writer};
use ringbolt_query::views::instances::{PROCESS_INSTANCES, VARIABLES};
use ringbolt_query::{
    Cancel, Error, Filter, History, Order, Page, Query, Searcher, Start, StoreEvent, Value, view::View,
};
use ringbolt_record::{BatchOperationCommand, HistoryDeletionType};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Bytes of a page of a file.
const PAGE: usize = 16 * 1024;

fn log_of(entries: Vec<Vec<u8>>) -> Arc<Mutex<Log>> {
    Arc::new(Mutex::new(Log { entries, life: 1, ..Log::default() }))
}

/// One file for so many finished instances, which are never past their time.
fn files_of(file_instances: u64) -> History {
    History { file_instances, age_max_ms: i64::MAX / 4, ..History::default() }
}

fn all(searcher: &Searcher, view: &'static View) -> Result<u64, Error> {
    let query = Query {
        view,
        output: view.columns.iter().take(1).collect(),
        filter: Filter::All(Vec::new()),
        sort: Vec::new(),
        page: Page { start: Start::From(0), limit: 100 },
        is_counted: true,
    };
    let cancel = Cancel::at(Instant::now() + Duration::from_secs(10));
    searcher.search(&query, &cancel, |_| Ok(())).map(|found| found.total)
}

/// Overwrites the first page of a table or index.
fn damage(path: &Path, name: &str) {
    let file = Connection::open(path).unwrap();
    let page = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
    let page: usize = file.query_row(page, [name], |row| row.get(0)).unwrap();
    file.close().unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[(page - 1) * PAGE..page * PAGE].fill(0xa5);
    fs::write(path, bytes).unwrap();
}

/// The others are found as before, and it is said since when everything is there.
#[test]
fn a_damaged_file_of_finished_instances_is_done_without() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(5).complete(3).entries);
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
    bench.run();
    bench.settle(0);
    assert_eq!(all(&Searcher::new(bench.files.clone()), &VARIABLES), Ok(5));
    let partition = bench.files.partition(PARTITION).unwrap();
    let listed = partition.finished(&bench.hot()).unwrap();
    let gone = listed.iter().find(|file| file.number == 2).unwrap().instances;
    damage(&partition.finished_file(2), "variables");
    let searcher = Searcher::new(bench.files.clone());
    assert!(matches!(all(&searcher, &VARIABLES), Err(Error::Damaged(..))));
    bench.events.clear();
    bench.turn();
    let lost = |event: &StoreEvent| matches!(event, StoreEvent::Lost { instances, .. } if *instances == gone);
    assert!(matches!(&bench.events[..], [event] if lost(event)), "{:?}", bench.events);
    assert_eq!(
        (all(&searcher, &VARIABLES), all(&searcher, &PROCESS_INSTANCES)),
        (Ok(5 - gone), Ok(5 - gone))
    );
    assert_eq!(bench.files.complete_since(i64::MAX), Some(NOW.0 + 1));
    assert!(directory.path().join("partition-1/aside-000002.db").exists());
    // So it is after the next start.
    drop(bench);
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
    bench.run();
    assert_eq!(all(&Searcher::new(bench.files.clone()), &VARIABLES), Ok(5 - gone));
    assert_eq!(bench.files.complete_since(i64::MAX), Some(NOW.0 + 1));
}

/// Of finished instances only those files are read whose rows may be the next ones.
#[test]
fn a_file_that_cannot_have_the_next_rows_is_not_read() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).complete(1).create(1).complete(1).create(1).complete(1).entries);
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
    bench.run();
    bench.settle(0);
    let partition = bench.files.partition(PARTITION).unwrap();
    damage(&partition.finished_file(1), "process_instances");
    let searcher = Searcher::new(bench.files.clone());
    let first = |name: &str, order| {
        let column = PROCESS_INSTANCES.column(name).unwrap();
        let query = Query {
            view: &PROCESS_INSTANCES,
            output: vec![column],
            filter: Filter::All(Vec::new()),
            sort: vec![(column, order)],
            page: Page { start: Start::From(0), limit: 1 },
            is_counted: false,
        };
        let cancel = Cancel::at(Instant::now() + Duration::from_secs(10));
        searcher.search(&query, &cancel, |_| Ok(())).map(|_| ())
    };
    assert_eq!(first("processInstanceKey", Order::Descending), Ok(()));
    assert!(matches!(first("processInstanceKey", Order::Ascending), Err(Error::Damaged(..))));
    // All of them ended at the same moment.
    assert!(matches!(first("endDate", Order::Descending), Err(Error::Damaged(..))));
    let alive = is(&PROCESS_INSTANCES, "state", Value::Int(0));
    assert_eq!(found(&searcher, &PROCESS_INSTANCES, alive), 0);
}

/// The projector did not come to read what is damaged; who searches did.
#[test]
fn damage_that_a_search_finds_has_the_store_begin_anew() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(3).entries);
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    bench.later(1_000);
    bench.turn();
    drop(bench);
    let hot = directory.path().join("partition-1/hot.db");
    damage(&hot, "live_variables");
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    assert_eq!(bench.events, []);
    let searcher = Searcher::new(bench.files.clone());
    assert_eq!(all(&searcher, &PROCESS_INSTANCES), Ok(3));
    assert!(matches!(all(&searcher, &VARIABLES), Err(Error::Damaged(..))));
    bench.turn();
    assert!(matches!(&bench.events[..], [StoreEvent::SetAside { .. }]), "{:?}", bench.events);
    bench.later(1_000);
    bench.run();
    assert!(bench.events.iter().any(|event| matches!(event, StoreEvent::Gap { .. })), "{:?}", bench.events);
    assert!(all(&searcher, &VARIABLES).is_ok(), "it heals");
}

/// What files of so many instances have of five of which the second and third were deleted, before and after they are written again.
fn rewritten(file_instances: u64) -> (Bench, tempfile::TempDir, Vec<i64>) {
    let mut writer = Writer::new().create(5).complete(5);
    let keys = writer.instances();
    let before = writer.entries.len();
    for key in &keys[1..3] {
        let kind = HistoryDeletionType::ProcessInstance;
        writer.ask(BatchOperationCommand::DeleteHistory { kind, key: *key });
    }
    let log = log_of(writer.entries[..before].to_vec());
    let directory = quick_directory();
    // The deletions are of a day in the future.
    let history = History { rewrite_ms: i64::MIN / 4, ..files_of(file_instances) };
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], history);
    bench.run();
    bench.settle(0);
    log.lock().unwrap().entries = writer.entries.clone();
    bench.run();
    (bench, directory, keys[1..3].iter().map(|key| key.to_wire()).collect())
}

#[test]
fn files_are_written_again_without_what_was_deleted() {
    for file_instances in [1, 5] {
        let (mut bench, _directory, deleted) = rewritten(file_instances);
        let searcher = Searcher::new(bench.files.clone());
        assert_eq!(all(&searcher, &VARIABLES), Ok(3), "they are left out before");
        let known = |bench: &Bench| rows(&bench.hot(), "deleted_history", "*").lines().count();
        let began = Instant::now();
        while known(&bench) > 0 {
            bench.turn();
            assert_eq!(all(&searcher, &VARIABLES), Ok(3), "and all the while");
            assert!(began.elapsed() < Duration::from_secs(30), "{:?}", bench.events);
            std::thread::yield_now();
        }
        let partition = bench.files.partition(PARTITION).unwrap();
        let listed = partition.finished(&bench.hot()).unwrap();
        assert_eq!(listed.iter().map(|file| file.instances).sum::<u64>(), 3, "{listed:?}");
        let names = fs::read_dir(partition.directory()).unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.filter(|name| name.to_str().unwrap().starts_with("finished-")).count();
        assert_eq!(names, listed.len(), "the old ones are gone");
        for file in &listed {
            let file = partition.open_finished(file.number).unwrap().expect("it is there");
            for table in ["process_instances", "element_instances", "variables", "jobs"] {
                let there = rows(&file, table, "process_instance_key, tenant_id");
                assert!(!there.is_empty(), "{table}");
                let is_there = |key: &i64| there.contains(&key.to_string());
                assert!(!deleted.iter().any(is_there), "{table} {there}");
            }
        }
        assert_eq!((all(&searcher, &VARIABLES), all(&searcher, &PROCESS_INSTANCES)), (Ok(3), Ok(3)));
        let one = is(&PROCESS_INSTANCES, "processInstanceKey", Value::Int(deleted[0]));
        assert_eq!(found(&searcher, &PROCESS_INSTANCES, one), 0);
        assert_eq!(bench.events, []);
    }
}
