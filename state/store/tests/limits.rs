//! Full disks, full maps, rot, cut files: each has a clear outcome and none changes what can still be read.

mod common;

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;

use common::{CHILD_DIRECTORY, CHILD_PART, MAP_SIZE_BYTES, apply_round, check, child, mark, open};
use ringbolt_store::{
    CheckpointError, Error, FaultCause, Finished, MemoryDisk, Options, RowOwner, Store, TableId, open_lmdb,
};

const CHILD_TEST: &str = "child_process";
const DATA_FILE: &str = "data.mdb";

fn checkpoint(store: &mut Store, round: u64) -> Finished {
    apply_round(store, round);
    let outcome = store.freeze(mark(round)).run();
    store.finish_checkpoint(outcome)
}

fn commit(store: &mut Store, round: u64) {
    assert!(matches!(checkpoint(store, round), Finished::Committed(_)));
}

/// Lets no file of this process grow beyond `bytes`; writes beyond are errors, not signals.
#[allow(unsafe_code)]
fn limit_file_size(bytes: Option<u64>) {
    // SAFETY: ignoring a signal has no preconditions; `limit` outlives the calls that read and write it.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        assert_eq!(libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit), 0);
        limit.rlim_cur = bytes.unwrap_or(limit.rlim_max);
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &limit), 0);
    }
}

/// Runs out of space, goes on in memory, gets space, catches up: with room for next to nothing, and for a part.
fn run_out_of_space(directory: &Path, mut set_full: impl FnMut(bool, u64)) {
    let mut store = open(directory);
    commit(&mut store, 1);
    for (attempt, room_bytes) in [0, 5000, 64 << 10, 200 << 10].into_iter().enumerate() {
        let round = 2 + 2 * attempt as u64;
        set_full(true, room_bytes);
        let finished = checkpoint(&mut store, round);
        let Finished::NoSpace(CheckpointError::DiskFull(why)) = finished else { panic!("a full disk") };
        println!("room for {room_bytes} bytes: {why}");
        assert_eq!(store.mark(), &mark(round - 1));
        assert_eq!(store.newest_mark(), &mark(round));
        check(&store, round);
        apply_round(&mut store, round + 1);
        check(&store, round + 1);
        let outcome = store.retry_checkpoint().run();
        assert!(matches!(store.finish_checkpoint(outcome), Finished::NoSpace(_)));
        set_full(false, 0);
        let outcome = store.retry_checkpoint().run();
        assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
        assert_eq!(store.mark(), &mark(round));
        check(&store, round + 1);
        let outcome = store.freeze(mark(round + 1)).run();
        assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
        drop(store);
        store = open(directory);
        assert_eq!(store.mark(), &mark(round + 1));
        check(&store, round + 1);
    }
}

/// Fills the disk that holds `filler` but for `room_bytes`.
fn fill_disk(filler: &Path, room_bytes: u64) {
    let mut file = fs::File::create(filler).expect("a filler");
    let mut length = 0;
    while let Ok(written) = file.write(&[1; 4096]) {
        length += written as u64;
    }
    file.set_len(length.saturating_sub(room_bytes)).expect("the filler is cut");
}

fn run_on_small_disk(directory: &Path) {
    let filler = directory.join("filler");
    for room_bytes in [0, 4096, 8192, 16384] {
        fill_disk(&filler, room_bytes);
        let refused = open_lmdb(directory, Options { map_size_bytes: MAP_SIZE_BYTES });
        println!("opened with room for {room_bytes} bytes: {}", refused.err().expect("no room to open"));
        fs::remove_file(&filler).expect("the filler goes");
    }
    run_out_of_space(directory, |full, room_bytes| {
        if full {
            fill_disk(&filler, room_bytes);
        } else {
            fs::remove_file(&filler).expect("the filler goes");
        }
    });
}

fn run_child(part: &str, directory: &Path) {
    match part {
        "file size limit" => run_out_of_space(directory, |full, room_bytes| {
            let length = fs::metadata(directory.join(DATA_FILE)).expect("the data file").len();
            limit_file_size(full.then_some(length + room_bytes));
        }),
        "small disk" => run_on_small_disk(directory),
        other => panic!("unknown part {other}"),
    }
}

/// Not a test of its own: what the other tests run in a process of its own.
#[test]
fn child_process() {
    if let (Ok(part), Some(directory)) = (std::env::var(CHILD_PART), std::env::var_os(CHILD_DIRECTORY)) {
        run_child(&part, Path::new(&directory));
    }
}

#[test]
fn a_file_size_limit_keeps_the_frozen_overlay_and_a_retry_commits_it() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let output = child(CHILD_TEST, "file size limit", directory.path()).output().expect("the child starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The child gets a file system of its own with 4 MiB. Where the kernel refuses that to this user, the test says so
/// and the file size limit above stands for it.
#[test]
#[allow(unsafe_code)]
fn a_full_disk_keeps_the_frozen_overlay_and_a_retry_commits_it() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut command = child(CHILD_TEST, "small disk", directory.path());
    let target = std::ffi::CString::new(directory.path().as_os_str().as_encoded_bytes()).expect("a path");
    // SAFETY: between fork and exec only system calls are made, with strings that were built before the fork.
    unsafe {
        command.pre_exec(move || {
            let (tmpfs, options, root) = (c"tmpfs", c"size=4m", c"/");
            let private = libc::MS_REC | libc::MS_PRIVATE;
            let unshared = libc::unshare(libc::CLONE_NEWNS) == 0
                || libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS) == 0;
            let mounted = unshared
                && libc::mount(std::ptr::null(), root.as_ptr(), std::ptr::null(), private, std::ptr::null())
                    == 0
                && libc::mount(tmpfs.as_ptr(), target.as_ptr(), tmpfs.as_ptr(), 0, options.as_ptr().cast())
                    == 0;
            if mounted { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        });
    }
    match command.output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => {
            let refused = [libc::EPERM, libc::EACCES, libc::ENOSPC, libc::EINVAL];
            assert!(error.raw_os_error().is_some_and(|code| refused.contains(&code)), "{error}");
            eprintln!("NOT TESTED: no file system of its own for the child: {error}");
        }
    }
}

#[test]
fn a_full_map_is_named_and_a_larger_map_takes_the_checkpoint() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut store = open_lmdb(directory.path(), Options { map_size_bytes: 1 << 20 }).expect("the base opens");
    store.put(TableId(1), b"small", b"fits");
    let outcome = store.freeze(mark(1)).run();
    assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
    store.put(TableId(1), b"large", &vec![5; 2 << 20]);
    let outcome = store.freeze(mark(2)).run();
    let Finished::NoSpace(error) = store.finish_checkpoint(outcome) else { panic!("a full map") };
    assert_eq!(error, CheckpointError::MapFull { map_size_bytes: 1 << 20 });
    assert_eq!(store.get(TableId(1), b"large").map(<[u8]>::len), Some(2 << 20));
    assert_eq!((store.mark(), store.fault()), (&mark(1), None));
    drop(store);
    let mut store = open(directory.path());
    assert_eq!(store.get(TableId(1), b"small"), Some(&b"fits"[..]));
    store.put(TableId(1), b"large", &vec![5; 2 << 20]);
    let outcome = store.freeze(mark(2)).run();
    assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
    assert_eq!(store.get(TableId(1), b"large").map(<[u8]>::len), Some(2 << 20));
}

/// Flips a bit of the only place in the data file where `pattern` stands.
fn corrupt(directory: &Path, pattern: &[u8]) {
    let path = directory.join(DATA_FILE);
    let mut bytes = fs::read(&path).expect("the data file");
    let places: Vec<usize> = bytes
        .windows(pattern.len())
        .enumerate()
        .filter(|(_, window)| *window == pattern)
        .map(|(at, _)| at)
        .collect();
    let [at] = places[..] else { panic!("the pattern stands at {places:?}") };
    bytes[at + pattern.len() / 2] ^= 0x10;
    fs::write(&path, bytes).expect("the data file is written");
}

fn three_rows(directory: &Path) {
    let mut store = open(directory);
    for (key, value) in [(b"key-1", "first-value"), (b"key-2", "second-value"), (b"key-3", "third-value")] {
        store.put(TableId(9), key, value.as_bytes());
    }
    let outcome = store.freeze(mark(1)).run();
    assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
}

#[test]
fn a_changed_value_is_a_fault_that_names_table_and_key() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    three_rows(directory.path());
    corrupt(directory.path(), b"second-value");
    let store = open(directory.path());
    assert_eq!(store.get(TableId(9), b"key-1"), Some(&b"first-value"[..]));
    assert_eq!(store.fault(), None);
    assert_eq!(store.get(TableId(9), b"key-2"), None);
    let fault = store.fault().expect("a fault").clone();
    assert_eq!((fault.table, fault.key.as_slice()), (Some(TableId(9)), &b"key-2"[..]));
    assert!(matches!(fault.why, FaultCause::Checksum { .. }), "{fault}");
    assert!(fault.to_string().starts_with("state table 9 key 0x6b65792d32: checksum mismatch"), "{fault}");
    assert_eq!(store.get(TableId(9), b"key-3"), Some(&b"third-value"[..]));
    assert_eq!(store.fault(), Some(&fault), "the first fault stays");
    drop(store);
    let store = open(directory.path());
    assert_eq!(store.range(TableId(9), b"key", &[]).count(), 1, "the range ends at the fault");
    assert_eq!(store.fault(), Some(&fault));
}

#[test]
fn a_changed_key_or_mark_is_noticed_too() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    three_rows(directory.path());
    corrupt(directory.path(), b"key-3");
    let store = open(directory.path());
    assert_eq!(store.range(TableId(9), &[], &[]).count(), 2);
    assert!(store.fault().is_some());
    drop(store);
    corrupt(directory.path(), b"round 1");
    let refused = open_lmdb(directory.path(), Options { map_size_bytes: MAP_SIZE_BYTES });
    assert!(matches!(refused.err(), Some(Error::Damaged { .. })));
}

#[test]
fn a_file_that_is_no_base_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join(DATA_FILE), vec![7; 64 << 10]).expect("a file");
    let refused = open_lmdb(directory.path(), Options { map_size_bytes: MAP_SIZE_BYTES });
    assert!(matches!(refused.err(), Some(Error::Damaged { .. })));
}

#[test]
fn a_creation_that_was_cut_short_is_begun_again() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let staging = directory.path().join("creating");
    fs::create_dir(&staging).expect("a directory");
    fs::write(staging.join(DATA_FILE), vec![0; 4096]).expect("half a file");
    commit(&mut open(directory.path()), 1);
    assert!(!staging.exists());
    // Cut short after the file had its name.
    fs::create_dir(&staging).expect("a directory");
    check(&open(directory.path()), 1);
    assert!(!staging.exists());
}

#[test]
fn another_layout_version_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    drop(open(directory.path()));
    let path = directory.path().join(DATA_FILE);
    let mut bytes = fs::read(&path).expect("the data file");
    let is_version = |window: &[u8]| window == b"format\x01\0\0\0";
    let places: Vec<usize> = (0..bytes.len() - 10).filter(|at| is_version(&bytes[*at..at + 10])).collect();
    let [at] = places[..] else { panic!("the version stands at {places:?}") };
    bytes[at + 6] = 2;
    fs::write(&path, bytes).expect("the data file is written");
    let refused =
        open_lmdb(directory.path(), Options { map_size_bytes: MAP_SIZE_BYTES }).err().expect("refused");
    assert!(matches!(refused, Error::Format { found: 2, expected: 1, .. }), "{refused}");
}

#[test]
fn a_failed_sync_is_a_fault_and_rows_stay_readable() {
    let disk = MemoryDisk::new();
    let mut store = disk.open();
    commit(&mut store, 1);
    disk.fail_next_checkpoint(CheckpointError::Failed("fdatasync: input/output error".to_owned()));
    assert!(matches!(checkpoint(&mut store, 2), Finished::Failed));
    let fault = store.fault().expect("a fault");
    assert_eq!(fault.to_string(), "state checkpoint: cannot write: fdatasync: input/output error");
    assert_eq!(store.get(TableId(2), b"absent"), None);
    assert_eq!(store.mark(), &mark(1));
    drop(store);
    check(&disk.open(), 1);
}

#[test]
fn the_simulated_disk_rots_like_the_real_one() {
    let disk = MemoryDisk::new();
    let mut store = disk.open();
    store.put(TableId(4), b"key", b"value");
    let outcome = store.freeze(mark(1)).run();
    assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
    assert!(disk.corrupt(TableId(4), b"key", 10));
    assert!(!disk.corrupt(TableId(4), b"key", 13) && !disk.corrupt(TableId(4), b"no key", 0));
    assert_eq!(store.get(TableId(4), b"key"), Some(&b"value"[..]), "an open map shows the old page");
    let store = disk.open();
    assert_eq!(store.get(TableId(4), b"key"), None);
    assert_eq!(store.fault().map(|fault| fault.key.as_slice()), Some(&b"key"[..]));
}

#[test]
fn a_leader_that_steps_down_forgets_what_was_not_committed() {
    let mut store = MemoryDisk::new().open();
    commit(&mut store, 1);
    apply_round(&mut store, 2);
    let job = store.freeze(mark(2));
    apply_round(&mut store, 3);
    store.discard(Some(job));
    assert_eq!(store.newest_mark(), &mark(1));
    check(&store, 1);
    apply_round(&mut store, 2);
    let job = store.freeze(mark(2));
    apply_round(&mut store, 3);
    store.discard(None);
    assert_eq!(store.newest_mark(), &mark(2));
    check(&store, 2);
    let outcome = job.run();
    assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
    check(&store, 2);
}

#[test]
fn only_rows_that_cannot_lie_below_vanish_without_a_tombstone() {
    const OWN: u64 = 3 << 51;
    const OTHER: u64 = 4 << 51;
    let table = TableId(6);
    let mut store = MemoryDisk::new().open();
    let put = |store: &mut Store, key: u64| store.put(table, &key.to_be_bytes(), b"row");
    let active_rows_after_delete = |store: &mut Store, key: u64, owner: RowOwner| {
        store.delete(table, &key.to_be_bytes(), owner);
        assert_eq!(store.get(table, &key.to_be_bytes()), None);
        store.stats().active_rows
    };
    put(&mut store, OWN | 1);
    assert_eq!(active_rows_after_delete(&mut store, OWN | 1, RowOwner::Shared), 0, "nothing lies below");
    put(&mut store, OWN | 2);
    let job =
        store.freeze(ringbolt_store::Mark { position: 1, key_counter: OWN | 2, journal_info: Vec::new() });
    put(&mut store, OWN | 3);
    assert_eq!(active_rows_after_delete(&mut store, OWN | 3, RowOwner::Generated(OWN | 3)), 0, "born after");
    assert_eq!(active_rows_after_delete(&mut store, OWN | 2, RowOwner::Generated(OWN | 2)), 1, "frozen");
    assert_eq!(
        active_rows_after_delete(&mut store, OTHER | 9, RowOwner::Generated(OTHER | 9)),
        2,
        "not ours"
    );
    assert_eq!(active_rows_after_delete(&mut store, OWN | 9, RowOwner::Shared), 3, "not generated");
    let outcome = job.run();
    assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
    assert_eq!(store.dump().count(), 0, "the tombstones hide the base");
    let mark = ringbolt_store::Mark { position: 2, key_counter: OWN | 9, journal_info: Vec::new() };
    let outcome = store.freeze(mark).run();
    assert_eq!(outcome.result().map(|report| report.rows_deleted), Ok(3));
    assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
    let stats = store.stats();
    assert_eq!((stats.base_rows, stats.active_rows, stats.frozen_rows), (0, 0, 0), "tombstones are dropped");
}
