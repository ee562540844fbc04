//! Files that are damaged and that a search finds so, and files that are written again without what was deleted.

use crate::batches::{found, is, two_of_five_deleted};
use crate::feed::{Bench, Log, PARTITION, quick_directory, rows};
use crate::log::{NOW, Writer};
use ringbolt_query::views::instances::{PROCESS_INSTANCES, VARIABLES};
use ringbolt_query::{
    Cancel, Error, Filter, FinishedFile, History, Order, Page, Query, Searcher, Start, StoreEvent, Value,
    view::View,
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
    let parent = quick_directory();
    // By another name than the system has for it.
    let (real, directory) = (parent.path().join("real"), parent.path().join("link"));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &directory).unwrap();
    let log = log_of(Writer::new().create(5).complete(3).entries);
    let mut bench = Bench::keeping(&directory, &log, vec![1], files_of(1));
    bench.run();
    bench.settle(0);
    assert_eq!(all(&Searcher::new(bench.files.clone()), &VARIABLES), Ok(5));
    let partition = bench.files.partition(PARTITION).unwrap();
    let listed = partition.finished(&bench.hot(), partition.generation()).unwrap();
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
    assert!(directory.join("partition-1/aside-000002.db").exists());
    // So it is after the next start.
    drop(bench);
    let mut bench = Bench::keeping(&directory, &log, vec![1], files_of(1));
    bench.run();
    assert_eq!(all(&Searcher::new(bench.files.clone()), &VARIABLES), Ok(5 - gone));
    assert_eq!(bench.files.complete_since(i64::MAX), Some(NOW.0 + 1));
}

/// One that somebody removed, or emptied, is not passed over in silence.
#[test]
fn a_file_that_is_gone_or_empty_is_done_without() {
    for (what, harm) in [
        ("gone", (|path| fs::remove_file(path).unwrap()) as fn(&Path)),
        ("empty", |path| fs::write(path, b"").unwrap()),
    ] {
        let directory = quick_directory();
        let log = log_of(Writer::new().create(5).complete(3).entries);
        let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
        bench.run();
        bench.settle(0);
        let partition = bench.files.partition(PARTITION).unwrap();
        let listed = partition.finished(&bench.hot(), partition.generation()).unwrap();
        harm(&partition.finished_file(2));
        let searcher = Searcher::new(bench.files.clone());
        assert!(matches!(all(&searcher, &VARIABLES), Err(Error::Damaged(..))), "{what}");
        bench.turn();
        assert!(matches!(&bench.events[..], [StoreEvent::Lost { .. }]), "{what}: {:?}", bench.events);
        let gone = listed.iter().find(|file| file.number == 2).unwrap().instances;
        assert_eq!(all(&searcher, &VARIABLES), Ok(5 - gone), "{what}");
        assert_eq!(bench.files.complete_since(i64::MAX), Some(NOW.0 + 1), "{what}");
    }
}

/// Without `hot.db` nobody knows what the other files are: they are kept, aside.
#[test]
fn files_of_finished_instances_are_set_aside_where_nothing_lists_them() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(5).complete(3).entries);
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
    bench.run();
    bench.settle(0);
    drop(bench);
    for name in ["hot.db", "hot.db-wal", "hot.db-shm"] {
        let _ = fs::remove_file(directory.path().join("partition-1").join(name));
    }
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], files_of(1));
    bench.turn();
    assert!(matches!(&bench.events[..], [StoreEvent::SetAside { .. }]), "{:?}", bench.events);
    let aside = fs::read_dir(directory.path().join("partition-1.aside-1")).unwrap();
    let names = aside.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().any(|name| name.starts_with("finished-")));
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

#[test]
fn what_a_search_cannot_open_is_set_aside_where_nothing_is_written() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    let hot = directory.path().join("partition-1/hot.db");
    for name in ["hot.db-wal", "hot.db-shm"] {
        let _ = fs::remove_file(hot.with_file_name(name));
    }
    fs::write(&hot, vec![0xa5; PAGE]).expect("written");
    bench.turn();
    assert_eq!(bench.events, [], "who writes nothing does not meet it");
    let searcher = Searcher::new(bench.files.clone());
    assert!(all(&searcher, &PROCESS_INSTANCES).is_err());
    bench.turn();
    assert!(matches!(&bench.events[..], [StoreEvent::SetAside { .. }]), "{:?}", bench.events);
    bench.later(1_000);
    bench.run();
    assert_eq!(all(&searcher, &PROCESS_INSTANCES), Ok(1), "it heals");
}

/// Five finished instances in files of so many, of which the second and third were deleted, before those are written again.
struct Rewritten {
    bench: Bench,
    _directory: tempfile::TempDir,
    deleted: Vec<i64>,
    writer: Writer,
    log: Arc<Mutex<Log>>,
}

/// `happens` before the deletions are known, of the one that is deleted first and all others.
fn rewritten(file_instances: u64, happens: impl FnOnce(&Bench, i64)) -> Rewritten {
    let (writer, keys, before) = two_of_five_deleted();
    let log = log_of(writer.entries[..before].to_vec());
    let directory = quick_directory();
    // The deletions are of a day in the future.
    let history = History { rewrite_ms: i64::MIN / 4, ..files_of(file_instances) };
    let mut bench = Bench::keeping(directory.path(), &log, vec![1], history);
    bench.run();
    bench.settle(0);
    happens(&bench, keys[1].to_wire());
    log.lock().unwrap().entries = writer.entries.clone();
    bench.run();
    let deleted = keys[1..3].iter().map(|key| key.to_wire()).collect();
    Rewritten { bench, _directory: directory, deleted, writer, log }
}

/// Turns until nothing of a deletion is in any file.
fn forget_deletions(bench: &mut Bench, also: impl Fn()) {
    let began = Instant::now();
    while rows(&bench.hot(), "deleted_history", "*").lines().count() > 0 {
        bench.turn();
        also();
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", bench.events);
        std::thread::yield_now();
    }
}

/// A file that is damaged is found when it is looked through for what was deleted, and lost alone: the other one and the store stay.
#[test]
fn a_file_that_is_to_be_written_again_may_be_damaged() {
    // How many a file has depends on how soon those before are done: it is one that has something of what was deleted.
    let mut lost = String::new();
    let harm = |bench: &Bench, deleted: i64| {
        let partition = bench.files.partition(PARTITION).unwrap();
        let has = |file: &&FinishedFile| (file.key_min..=file.key_max).contains(&deleted);
        let listed = partition.finished(&bench.hot(), partition.generation()).unwrap();
        let file = listed.iter().find(has).unwrap();
        let open = partition.open_finished(file.number).unwrap().unwrap();
        lost = rows(&open, "process_instances", "process_instance_key, state");
        damage(&partition.finished_file(file.number), "process_instances");
    };
    let Rewritten { mut bench, _directory, deleted, writer, .. } = rewritten(1, harm);
    forget_deletions(&mut bench, || {});
    let count = lost.lines().count() as u64;
    let is_lost =
        |event: &StoreEvent| matches!(event, StoreEvent::Lost { instances, .. } if *instances == count);
    assert!(matches!(&bench.events[..], [event] if is_lost(event)), "{count} of {:?}", bench.events);
    let searcher = Searcher::new(bench.files.clone());
    let is_kept = |key: &i64| !lost.contains(&key.to_string()) && !deleted.contains(key);
    let kept = writer.instances().iter().map(|key| key.to_wire()).filter(is_kept).count() as u64;
    assert_eq!((all(&searcher, &VARIABLES), all(&searcher, &PROCESS_INSTANCES)), (Ok(kept), Ok(kept)));
}

#[test]
fn files_are_written_again_without_what_was_deleted() {
    for file_instances in [1, 5] {
        let Rewritten { mut bench, _directory, deleted, mut writer, log } =
            rewritten(file_instances, |_, _| {});
        let searcher = Searcher::new(bench.files.clone());
        assert_eq!(all(&searcher, &VARIABLES), Ok(3), "they are left out before");
        forget_deletions(&mut bench, || assert_eq!(all(&searcher, &VARIABLES), Ok(3), "and all the while"));
        let partition = bench.files.partition(PARTITION).unwrap();
        let listed = partition.finished(&bench.hot(), partition.generation()).unwrap();
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
        // Connections that know of deletions that nobody else does any more learn of the next ones.
        let (kind, key) = (HistoryDeletionType::ProcessInstance, writer.instances()[3]);
        writer.ask(BatchOperationCommand::DeleteHistory { kind, key });
        log.lock().unwrap().entries = writer.entries.clone();
        bench.run();
        assert_eq!(all(&searcher, &VARIABLES), Ok(2));
        forget_deletions(&mut bench, || assert_eq!(all(&searcher, &VARIABLES), Ok(2)));
        assert_eq!(bench.events, []);
    }
}
