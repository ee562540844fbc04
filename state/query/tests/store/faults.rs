//! What fails around a store: a gap in the log with an error behind it, damage in `hot.db` alone, files that are open or grow.

use crate::batches::{found, is, two_of_five_deleted};
use crate::feed::{Bench, Log, PARTITION, quick_directory};
use crate::log::{NOW, Writer};
use ringbolt_query::views::instances::{PROCESS_INSTANCES, VARIABLES};
use ringbolt_query::views::jobs::JOBS;
use ringbolt_query::{
    Cancel, Error, Filter, History, Order, Page, Query, Searcher, Start, StoreEvent, Value, View,
};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn log_of(entries: Vec<Vec<u8>>) -> Arc<Mutex<Log>> {
    Arc::new(Mutex::new(Log { entries, life: 1, ..Log::default() }))
}

/// One file for so many finished instances, which are never past their time.
fn files_of(file_instances: u64) -> History {
    History { file_instances, age_max_ms: i64::MAX / 4, ..History::default() }
}

/// Overwrites the first page of a table of `hot.db`, while nobody uses it.
fn damage_hot(directory: &Path, table: &str) {
    const PAGE: usize = 16 * 1024;
    let path = directory.join("partition-1/hot.db");
    let file = Connection::open(&path).unwrap();
    let page = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
    let page: usize = file.query_row(page, [table], |row| row.get(0)).unwrap();
    file.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[(page - 1) * PAGE..page * PAGE].fill(0xa5);
    fs::write(path, bytes).unwrap();
}

/// What the log lacks is told of though what stands behind it cannot be folded at first.
#[test]
fn a_gap_is_not_lost_with_an_error_behind_it() {
    let entries = Writer::new().create(4).complete(2).entries;
    let directory = quick_directory();
    let log = log_of(entries[..2].to_vec());
    let mut bench = Bench::new(directory.path(), &log, vec![100]);
    bench.run();
    {
        let mut log = log.lock().unwrap();
        (log.entries, log.gone, log.is_torn) = (entries, 3, true);
    }
    bench.turn();
    assert!(log.lock().unwrap().shown.failing.is_some());
    log.lock().unwrap().is_torn = false;
    bench.later(1_000);
    bench.run();
    let gap = |event: &StoreEvent| matches!(event, StoreEvent::Gap { .. });
    assert_eq!(bench.events.iter().filter(|event| gap(event)).count(), 1, "{:?}", bench.events);
    assert_eq!(log.lock().unwrap().shown.gaps, 1);
    assert_eq!(bench.files.complete_since(i64::MAX), Some(NOW.0));
    assert!(bench.files.filling().next().is_some(), "what is alive is to be told");
}

/// Finished instances stand in files of their own: what is wrong with `hot.db` does not concern them, nor brings back what was deleted.
#[test]
fn files_of_finished_instances_outlive_damage_beside_them() {
    let (writer, keys, before) = two_of_five_deleted();
    for (table, kept) in [("live_variables", 3), ("live_jobs", 3), ("deleted_history", 0)] {
        let directory = quick_directory();
        let log = log_of(writer.entries[..before].to_vec());
        let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
        bench.run();
        bench.settle(0);
        log.lock().unwrap().entries = writer.entries.clone();
        bench.run();
        bench.later(1_000);
        bench.turn();
        drop(bench);
        damage_hot(directory.path(), table);
        let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
        bench.run();
        let searcher = Searcher::new(bench.files.clone());
        let partition = bench.files.partition(PARTITION).unwrap().clone();
        // Who reads what is damaged finds it, if the projector did not.
        let asked = [&VARIABLES, &JOBS].map(|view| ask(&searcher, view));
        let is_found = asked.iter().any(|found| matches!(found, Err(Error::Damaged(..))));
        assert!(is_found || !bench.events.is_empty(), "{table}: {asked:?}");
        bench.turn();
        bench.later(1_000);
        bench.run();
        let aside = bench.events.iter().filter(|event| matches!(event, StoreEvent::SetAside { .. })).count();
        assert_eq!(aside, 1, "{table}: {:?}", bench.events);
        let state = |code| is(&PROCESS_INSTANCES, "state", Value::Int(code));
        assert_eq!(found(&searcher, &PROCESS_INSTANCES, state(1)), kept, "{table}: {:?}", bench.events);
        for key in &keys[1..3] {
            let one = is(&PROCESS_INSTANCES, "processInstanceKey", Value::Int(key.to_wire()));
            assert_eq!(found(&searcher, &PROCESS_INSTANCES, one), 0, "what was deleted stays so");
        }
        assert!(partition.directory().with_extension("aside-1").join("hot.db").exists());
        assert!(bench.files.complete_since(i64::MAX).is_some(), "what had ended and was in no file is lost");
    }
}

fn ask(searcher: &Searcher, view: &'static View) -> Result<u64, Error> {
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

/// Files of finished instances that this process has open in a directory.
fn open_in(directory: &Path) -> usize {
    let links = fs::read_dir("/proc/self/fd").unwrap().flatten();
    let open = links.filter_map(|link| fs::read_link(link.path()).ok());
    open.filter(|path| path.starts_with(directory) && path.to_string_lossy().contains("finished-")).count()
}

/// However many there are: those that are kept, and the one that is read.
#[test]
fn a_search_has_no_more_files_open_than_are_reserved() {
    let directory = quick_directory();
    let mut writer = Writer::new();
    let log = log_of(Vec::new());
    let mut bench = Bench::keeping(directory.path(), &log, vec![9], files_of(1));
    for _ in 0..9 {
        writer = writer.create(1).complete(1);
        log.lock().unwrap().entries = writer.entries.clone();
        bench.run();
        bench.settle(0);
    }
    let partition = bench.files.partition(PARTITION).unwrap();
    let files = partition.finished(&bench.hot(), partition.generation()).unwrap().len();
    assert!(files >= 5, "{files}");
    for kept in [0, 2] {
        let searcher = Searcher::new(bench.files.clone()).keeping(kept);
        for limit in [1, 100] {
            let query = Query {
                view: &PROCESS_INSTANCES,
                output: vec![PROCESS_INSTANCES.column("businessId").unwrap()],
                filter: Filter::All(Vec::new()),
                sort: vec![(PROCESS_INSTANCES.column("processDefinitionName").unwrap(), Order::Ascending)],
                page: Page { start: Start::From(0), limit },
                is_counted: true,
            };
            let cancel = Cancel::at(Instant::now() + Duration::from_secs(10));
            let mut most = 0;
            let found = searcher.search(&query, &cancel, |_| {
                most = most.max(open_in(directory.path()));
                Ok(())
            });
            assert_eq!(found.map(|found| found.total), Ok(9));
            assert!(most <= kept + 1, "{most} of {files} files were open, {kept} may be kept");
            assert!(open_in(directory.path()) <= kept);
        }
    }
}

/// A file that is past its time, or was written again, stays until nobody reads who has seen it listed.
#[test]
fn a_file_stays_until_nobody_reads_it() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(2).complete(2).entries);
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
    bench.run();
    bench.settle(0);
    drop(bench);
    let history = History { bytes_max: Some(1), ..files_of(1) };
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], history);
    let partition = bench.files.partition(PARTITION).unwrap().clone();
    let pin = partition.pin();
    bench.run();
    assert_eq!(partition.finished(&bench.hot(), partition.generation()).unwrap(), []);
    assert!(partition.finished_file(1).exists(), "somebody may read it");
    let later = partition.pin();
    drop(pin);
    assert!(!partition.finished_file(1).exists(), "who came later has not seen it");
    drop(later);
}

/// All that it takes is counted, soon: the write-ahead log too.
#[test]
fn bytes_are_those_of_all_files_as_they_are() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1_000));
    bench.run();
    let there = || {
        let files = fs::read_dir(directory.path().join("partition-1")).unwrap().flatten();
        files.map(|file| file.metadata().unwrap().len()).sum::<u64>()
    };
    let before = there();
    log.lock().unwrap().entries = Writer::new().create(300).entries;
    bench.run();
    bench.later(1_000);
    bench.turn();
    assert!(there() > before);
    assert_eq!(log.lock().unwrap().shown.bytes, there());
}

/// What is committed and not written is behind from the start on, also while the first write has not ended, or fails.
#[test]
fn what_was_never_written_is_behind_since_the_start() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    log.lock().unwrap().failing = Some("the disk is full".to_owned());
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.turn();
    let shown = log.lock().unwrap().shown.clone();
    assert!(shown.complete_at_ms > 0 && shown.exported.0 <= 1, "{shown:?}");
}

/// A store of before has them after the next start, and all that it had.
#[test]
fn indexes_that_came_later_are_made_in_a_store_of_before() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(3).entries);
    let made = |bench: &Bench| {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'live%'";
        bench.hot().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    let all = made(&bench);
    drop(bench);
    let hot = Connection::open(directory.path().join("partition-1/hot.db")).unwrap();
    let older = "DROP INDEX live_process_instances_alive; DROP INDEX live_jobs_retried; DROP TABLE identity";
    hot.execute_batch(older).unwrap();
    drop(hot);
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    bench.later(1_000);
    bench.turn();
    assert_eq!((made(&bench), &bench.events[..]), (all, &[][..]));
    assert_eq!(ask(&Searcher::new(bench.files.clone()), &PROCESS_INSTANCES), Ok(3));
}

/// A cursor goes on after the next start; in another store, or in one that was begun anew, it is refused.
#[test]
fn cursors_are_of_their_store() {
    let page_after = |bench: &Bench, after: Option<&str>| {
        let sort = vec![(PROCESS_INSTANCES.column("startDate").unwrap(), Order::Descending)];
        let start = after.map_or(Start::From(0), |after| {
            Start::After(ringbolt_query::page::decoded(&PROCESS_INSTANCES, &sort, after).unwrap())
        });
        let query = Query {
            view: &PROCESS_INSTANCES,
            output: vec![PROCESS_INSTANCES.column("state").unwrap()],
            filter: Filter::All(Vec::new()),
            sort,
            page: Page { start, limit: 2 },
            is_counted: false,
        };
        let cancel = Cancel::at(Instant::now() + Duration::from_secs(10));
        Searcher::new(bench.files.clone()).search(&query, &cancel, |_| Ok(())).map(|found| found.last)
    };
    let [one, other] = [quick_directory(), quick_directory()];
    let log = log_of(Writer::new().create(5).entries);
    let open = |directory: &Path| {
        let mut bench = Bench::new(directory, &log, vec![1]);
        bench.run();
        bench.later(1_000);
        bench.turn();
        bench
    };
    let bench = open(one.path());
    let cursor = page_after(&bench, None).unwrap().unwrap();
    assert!(matches!(page_after(&bench, Some(&cursor)), Ok(Some(_))));
    drop(bench);
    let bench = open(one.path());
    assert!(matches!(page_after(&bench, Some(&cursor)), Ok(Some(_))), "after a start");
    assert_eq!(page_after(&open(other.path()), Some(&cursor)), Err(Error::OtherStore));
    drop(bench);
    fs::remove_dir_all(one.path().join("partition-1")).unwrap();
    assert_eq!(page_after(&open(one.path()), Some(&cursor)), Err(Error::OtherStore), "begun anew");
}
