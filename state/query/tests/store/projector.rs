//! A projector that goes on, begins anew, and says what is missing.

use crate::feed::{Bench, Log, PARTITION, instance_names, quick_directory};
use crate::log::{NOW, Writer};
use ringbolt_exporters::StatePart;
use ringbolt_query::{History, Pace, StoreEvent, Waited};
use ringbolt_record::{EntryBuilder, EntryMeta, EntryRef, Position};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

fn log_of(entries: Vec<Vec<u8>>) -> Arc<Mutex<Log>> {
    Arc::new(Mutex::new(Log { entries, life: 1, ..Log::default() }))
}

fn count(bytes: &[u8]) -> u64 {
    u64::from(EntryRef::parse(bytes).unwrap().record_count())
}

fn dump_of(entries: &[Vec<u8>], sizes: Vec<usize>) -> String {
    let directory = quick_directory();
    let mut bench = Bench::new(directory.path(), &log_of(entries.to_vec()), sizes);
    bench.run();
    bench.dump()
}

/// What was written is not read again, and what was not is; the log is acknowledged only when that is on stable storage.
#[test]
fn a_projector_goes_on_where_the_tables_are() {
    let entries = Writer::new().create(1).complete(1).create(2).complete(1).entries;
    let whole = dump_of(&entries, vec![1]);
    let directory = quick_directory();
    let log = log_of(entries);
    for turns in 1..4 {
        let mut bench = Bench::new(directory.path(), &log, vec![1]);
        for _ in 0..turns {
            bench.turn();
        }
        // It ends without a word, as by a crash.
        assert_eq!(log.lock().unwrap().acknowledged, Some(1));
    }
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    assert_eq!(bench.dump(), whole);
    bench.later(1_000);
    bench.turn();
    let last = bench.visible.position(PARTITION).unwrap();
    assert_eq!(log.lock().unwrap().acknowledged, Some(last.0 + 1));
    assert_eq!(bench.waits_for(last.0), Waited::Visible);
    assert_eq!(bench.waits_for(last.0 + 1), Waited::TimedOut);
}

fn unix_ms() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as i64
}

/// How many instances are in no table, and how far behind what was written the first of them began.
fn young_in(bench: &Bench) -> (u64, u64) {
    let young = "SELECT length(young) / 8, position + 1 - resume FROM store";
    bench.hot().query_row(young, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

/// Wherever it ends without a word, and again while it reads again: nothing is missing and nothing is there twice.
#[test]
fn instances_that_were_in_memory_only_are_read_again() {
    let writer = Writer::new().create(3).complete(2).create(2).complete(1).create(3).complete(4);
    let entries = writer.entries;
    let whole = dump_of(&entries, vec![1]);
    let mut most = 0;
    for (turns, turns_again) in (1..entries.len()).flat_map(|turns| [(turns, 0), (turns, 1), (turns, 4)]) {
        let directory = quick_directory();
        let log = log_of(entries.clone());
        for turns in [turns, turns_again] {
            let mut bench = Bench::young(directory.path(), &log, vec![1], 4);
            for _ in 0..turns {
                bench.turn();
            }
            most = most.max(if turns > 0 { young_in(&bench).0 } else { 0 });
        }
        // What was in memory is read again by who keeps nothing there, too.
        let mut bench = Bench::young(directory.path(), &log, vec![2, 1], turns as u64 % 2 * 3);
        bench.run();
        assert_eq!(bench.dump(), whole, "ended after {turns} turns and {turns_again} more");
        assert_eq!(young_in(&bench), (0, 0));
    }
    assert!(most >= 3, "only {most} at once");
}

/// A young instance is in no table until it is old or somebody waits for it; the log is acknowledged up to it only.
#[test]
fn who_waits_for_a_young_instance_finds_it() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    let last = log.lock().unwrap().entries.iter().map(|bytes| count(bytes)).sum::<u64>();
    let deployed = count(&log.lock().unwrap().entries[0]);
    let mut bench = Bench::young(directory.path(), &log, vec![9], 100_000);
    let has_rows = |bench: &Bench| bench.dump().contains("process_instances process_instance_key");
    bench.turn();
    bench.turn();
    bench.later(2_000);
    bench.turn();
    assert!(!has_rows(&bench));
    assert_eq!(young_in(&bench), (1, last - deployed));
    assert_eq!(bench.visible.position(PARTITION), Some(Position(deployed)));
    assert_eq!(log.lock().unwrap().acknowledged, Some(deployed + 1));
    assert_eq!(log.lock().unwrap().shown.exported, Position(deployed + 1));
    let visible = bench.visible.clone();
    let waits = std::thread::spawn(move || {
        visible.wait(PARTITION, Position(last), Instant::now() + Duration::from_secs(60))
    });
    while bench.visible.wanted(PARTITION).is_none() {
        std::thread::yield_now();
    }
    bench.turn();
    assert_eq!(waits.join().unwrap(), Waited::Visible);
    assert!(has_rows(&bench));
    assert_eq!(young_in(&bench), (0, 0));
}

/// What grows old is written though nothing more happens.
#[test]
fn a_young_instance_grows_old() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    let mut bench = Bench::young(directory.path(), &log, vec![9], 50);
    bench.turn();
    bench.later(47);
    let before_ms = unix_ms();
    bench.turn();
    assert_eq!(young_in(&bench).0, 1);
    // Up to when everything can be found is before it began.
    let complete_at_ms = log.lock().unwrap().shown.complete_at_ms;
    let young_ms = unix_ms() - complete_at_ms;
    assert!(complete_at_ms >= before_ms - 48 && young_ms >= 48, "{young_ms}");
    bench.later(1);
    bench.turn();
    assert_eq!(young_in(&bench), (0, 0));
    assert!(bench.dump().contains("process_instances process_instance_key"));
}

/// What a projector has in memory when it ends in good order is written.
#[test]
fn the_end_writes_what_is_young() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    let mut bench = Bench::young(directory.path(), &log, vec![9], 100_000);
    bench.turn();
    bench.projector.finish();
    assert!(bench.dump().contains("process_instances process_instance_key"));
    let last = bench.visible.position(PARTITION).unwrap();
    assert_eq!(log.lock().unwrap().acknowledged, Some(last.0 + 1));
}

#[test]
fn what_cannot_be_used_is_set_aside_and_begun_anew() {
    let entries = Writer::new().create(1).entries;
    let whole = dump_of(&entries, vec![1]);
    let spoil: [&dyn Fn(&Path); 3] = [
        &|hot| std::fs::write(hot, "no database at all, but long enough to be read as one").unwrap(),
        &|hot| {
            let connection = rusqlite::Connection::open(hot).unwrap();
            connection.pragma_update(None, "user_version", 99).unwrap();
        },
        &|hot| {
            let connection = rusqlite::Connection::open(hot).unwrap();
            connection.execute("UPDATE store SET life = x'00000000000000000000000000000009'", []).unwrap();
        },
    ];
    for spoil in spoil {
        let directory = quick_directory();
        let log = log_of(entries.clone());
        let hot = {
            let mut bench = Bench::new(directory.path(), &log, vec![1]);
            bench.run();
            bench.files.partition(PARTITION).unwrap().hot()
        };
        let _ = std::fs::remove_file(hot.with_extension("db-wal"));
        spoil(&hot);
        let mut bench = Bench::new(directory.path(), &log, vec![1]);
        bench.visible.advance(PARTITION, Position(1));
        assert_eq!(bench.turn(), Pace::Waiting);
        assert!(matches!(&bench.events[..], [StoreEvent::SetAside { .. }]), "{:?}", bench.events);
        let unavailable = bench.files.partition(PARTITION).unwrap().unavailable();
        assert!(unavailable.is_some(), "it says why");
        assert!(bench.files.are_opening(), "who searches waits");
        assert!(bench.files.filling().eq([PARTITION]), "and is told that not all may be there");
        assert_eq!(bench.visible.position(PARTITION), Some(Position(0)), "nothing that was is there");
        assert!(log.lock().unwrap().shown.failing.is_some());
        assert!(directory.path().join("partition-1.aside-1/hot.db").exists());
        bench.later(10_000);
        bench.run();
        assert_eq!(bench.dump(), whole);
        assert!(matches!(bench.events.last(), Some(StoreEvent::Recovered { .. })), "{:?}", bench.events);
        assert_eq!(log.lock().unwrap().shown.failing, None);
        assert!(!bench.files.are_opening());
    }
}

/// What fails for a moment is tried again before searches are refused, and heals.
#[test]
fn searches_are_refused_when_it_fails_for_long() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    let refused =
        |bench: &Bench| bench.files.partition(PARTITION).unwrap().unavailable().map(|why| why.reason);
    let fail = |cause: Option<&str>| log.lock().unwrap().failing = cause.map(str::to_owned);
    fail(Some("a hiccup"));
    bench.turn();
    assert_eq!(log.lock().unwrap().shown.failing.as_deref(), Some("a hiccup"));
    assert_eq!(refused(&bench), None);
    fail(None);
    bench.later(200);
    bench.turn();
    assert_eq!(log.lock().unwrap().shown.failing, None);
    fail(Some("worse"));
    for _ in 0..10 {
        assert_eq!(refused(&bench), None, "not before a second has passed");
        bench.later(99);
        bench.turn();
    }
    let complete_at_ms = log.lock().unwrap().shown.complete_at_ms;
    assert!(complete_at_ms > 0, "it said up to when all is there");
    log.lock().unwrap().entries = Writer::new().create(2).entries;
    bench.later(2_000);
    bench.turn();
    assert_eq!(refused(&bench).as_deref(), Some("worse"));
    assert_eq!(log.lock().unwrap().shown.complete_at_ms, complete_at_ms, "nothing of later is there");
    fail(None);
    bench.later(5_000);
    bench.run();
    assert_eq!(refused(&bench), None);
    assert!(log.lock().unwrap().shown.complete_at_ms >= complete_at_ms);
    assert!(matches!(bench.events.last(), Some(StoreEvent::Recovered { .. })), "{:?}", bench.events);
}

/// Until it is opened, or known to fail, who waits a moment can read it.
#[test]
fn what_is_opened_is_waited_for() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    assert!(bench.files.are_opening());
    bench.turn();
    assert!(!bench.files.are_opening());
    // A directory that cannot be made.
    let blocked = quick_directory();
    std::fs::write(blocked.path().join("partition-1"), "a file").unwrap();
    let mut bench = Bench::new(blocked.path(), &log, vec![1]);
    for _ in 0..3 {
        bench.turn();
        assert!(bench.files.are_opening());
        bench.later(300);
    }
    bench.later(1_000);
    bench.turn();
    assert!(!bench.files.are_opening());
    assert!(bench.files.partition(PARTITION).unwrap().unavailable().is_some());
}

#[test]
fn what_the_log_no_longer_has_is_said() {
    let entries = Writer::new().create(2).entries;
    let log = log_of(entries);
    log.lock().unwrap().gone = 1;
    let directory = quick_directory();
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    assert!(matches!(&bench.events[..], [StoreEvent::Gap { .. }]), "{:?}", bench.events);
    let since: i64 = bench.hot().query_row("SELECT complete_since FROM store", [], |row| row.get(0)).unwrap();
    assert_eq!(since, NOW.0);
    assert_eq!(bench.files.complete_since(i64::MAX), Some(NOW.0));
    // The next start knows it too.
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    assert_eq!(bench.files.complete_since(i64::MAX), None);
    bench.turn();
    assert_eq!(bench.files.complete_since(i64::MAX), Some(NOW.0));
    // The elements of what is not known are called by their numbers.
    assert!(bench.dump().contains("element_id=\"1\""), "{}", bench.dump());
}

/// As after a life whose last entries went with it: nothing may ever come behind them.
#[test]
fn what_the_log_lacks_at_its_end_is_waited_for_by_nobody() {
    let entries = Writer::new().create(2).entries;
    let end = EntryRef::parse(entries.last().unwrap()).unwrap().first_position().0 + count(&entries[2]);
    let log = log_of(entries);
    {
        let mut log = log.lock().unwrap();
        (log.gone, log.acknowledged) = (log.entries.len(), Some(2));
        log.state = Some(Box::new(move |_| {
            let mut told = EntryBuilder::default();
            told.begin(&EntryMeta { first_position: Position(1), ..EntryMeta::default() });
            let position = Position(end - 1);
            Some(StatePart { position, entry: told.finish(1).to_vec(), next: None, is_past_instances: true })
        }));
    }
    let directory = quick_directory();
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.run();
    bench.turn();
    assert_eq!(bench.waits_for(end - 1), Waited::Visible);
    let shown = log.lock().unwrap().shown.clone();
    assert_eq!((shown.exported, shown.gap_positions, shown.is_filling), (Position(end), end - 1, false));
    // Everything is there from that moment on, whether anything comes or not.
    let since = bench.files.complete_since(i64::MAX).expect("not all is there");
    assert!(since < i64::MAX, "nothing came, so it is not known");
    // The next start goes on there.
    bench.later(1_000);
    bench.turn();
    let mut bench = Bench::new(directory.path(), &log, vec![1]);
    bench.turn();
    assert_eq!((bench.waits_for(end - 1), bench.events.len()), (Waited::Visible, 0));
    assert_eq!(bench.files.complete_since(i64::MAX), Some(since));
}

/// Finished instances move into files, each with its rows and its indexes, and are found all the same.
#[test]
fn finished_instances_move_into_files() {
    let writer = Writer::new().create(7).complete(3).create(2).complete(4);
    let entries = writer.entries;
    let whole = dump_of(&entries, vec![1]);
    let directory = quick_directory();
    let history = History { file_instances: 2, age_max_ms: i64::MAX, ..History::default() };
    let log = log_of(entries.clone());
    for sizes in [vec![1], vec![3]] {
        // The second time it goes on with what is there.
        let mut bench = Bench::keeping(directory.path(), &log, sizes, history);
        bench.run();
        bench.settle(1);
        let partition = bench.files.partition(PARTITION).unwrap();
        let files = partition.finished(&bench.hot(), partition.generation()).unwrap();
        assert!(files.len() >= 2, "{files:?}");
        assert!(files.is_sorted_by_key(|file| file.number));
        let mut all: Vec<String> = bench.dump_instances().lines().map(str::to_owned).collect();
        for file in &files {
            assert!(file.instances >= 2 && file.key_min < file.key_max && file.bytes > 0, "{file:?}");
            let finished = partition.open_finished(file.number).unwrap().expect("it is there");
            all.extend(crate::feed::instances(&finished).lines().map(str::to_owned));
            let indexes = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
            let indexes: u32 = finished.query_row(indexes, [], |row| row.get(0)).unwrap();
            assert!(indexes > 20, "{indexes}");
        }
        let mut expected: Vec<&str> = whole
            .lines()
            .filter(|line| instance_names().any(|name| line.split(' ').next() == Some(name)))
            .collect();
        all.sort();
        expected.sort_unstable();
        assert_eq!(all, expected);
    }
}

/// Who is written once has its sequence flows in its own row, who lives from batch to batch a row for each. They are found alike, in files too.
#[test]
fn sequence_flows_of_who_is_written_once_stand_in_its_row() {
    let entries = Writer::new().create(2).complete(2).entries;
    let whole = dump_of(&entries, vec![1]);
    for (sizes, rows_and_lists) in [(vec![1], (4, 0)), (vec![usize::MAX], (0, 2))] {
        let standing = |connection: &rusqlite::Connection| {
            let sql = "SELECT (SELECT count(*) FROM sequence_flows), count(flows) FROM process_instances";
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        };
        let directory = quick_directory();
        let history = History { file_instances: 2, age_max_ms: i64::MAX / 4, ..History::default() };
        let mut bench = Bench::new(directory.path(), &log_of(entries.clone()), sizes.clone());
        bench.run();
        assert_eq!(standing(&bench.hot()), Ok(rows_and_lists), "{sizes:?}");
        assert_eq!(bench.dump(), whole);
        let directory = quick_directory();
        let mut bench = Bench::keeping(directory.path(), &log_of(entries.clone()), sizes, history);
        bench.run();
        bench.settle(0);
        let finished = bench.files.partition(PARTITION).unwrap().open_finished(1).unwrap().expect("a file");
        assert_eq!(standing(&finished), Ok(rows_and_lists));
        let dump = crate::feed::instances(&finished);
        assert_eq!(dump.matches("taken_flows ").count(), 4, "{dump}");
        assert!(whole.contains(&dump), "{dump}");
    }
}

#[test]
fn what_is_past_its_time_is_removed_and_strays_too() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(3).complete(2).entries);
    let history = History { file_instances: 1, age_max_ms: i64::MAX, ..History::default() };
    let mut bench = Bench::keeping(directory.path(), &log, vec![2], history);
    bench.run();
    bench.settle(0);
    drop(bench);
    let stray = directory.path().join("partition-1/finished-000099.db-draft");
    std::fs::write(&stray, "half").unwrap();
    // The entries are of a day in the future: nothing is old.
    let mut bench =
        Bench::keeping(directory.path(), &log, vec![2], History { bytes_max: Some(1), ..history });
    bench.run();
    assert!(!stray.exists());
    let partition = bench.files.partition(PARTITION).unwrap();
    assert_eq!(partition.finished(&bench.hot(), partition.generation()).unwrap(), []);
    assert!(partition.open_finished(1).unwrap().is_none());
    let removed = StoreEvent::Removed { partition: PARTITION, instances: 2, until: NOW.0 };
    assert!(bench.events.contains(&removed), "{:?}", bench.events);
    // What is alive stays, whatever it takes.
    assert!(bench.dump().contains("process_instances process_instance_key"));
}

/// Who has nothing to do after a start says so all the same.
#[test]
fn how_far_it_is_is_said_at_once() {
    let directory = quick_directory();
    let log = log_of(Writer::new().create(1).entries);
    Bench::new(directory.path(), &log, vec![1]).run();
    let reached = std::mem::take(&mut log.lock().unwrap().shown).exported;
    Bench::new(directory.path(), &log, vec![1]).turn();
    assert_eq!(log.lock().unwrap().shown.exported, reached);
}
