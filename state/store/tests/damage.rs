//! Damage in a base's file: what it does to a running process and to the next start, and whether a look at the whole file
//! finds every flipped bit that changes anything.

mod common;

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use common::{
    CHILD_DIRECTORY, CHILD_PART, MAP_SIZE_BYTES, Random, apply_round, check, child, mark, open, rows_after,
};
use ringbolt_store::{
    DAMAGE_MARKER, Error, FaultCause, Finished, Options, Store, TableId, install_sigbus_handler,
    open_checked, verify_base,
};

const CHILD_TEST: &str = "child_process";
const DATA_FILE: &str = "data.mdb";
const ROUNDS: u64 = 6;
const PAGE: u64 = 4096;
/// Flips in one file; each is a look at all of it.
const FLIPS: u64 = 800;

fn options() -> Options {
    Options { map_size_bytes: MAP_SIZE_BYTES }
}

/// A base with trees of several levels, large values, free pages and reused ones.
fn write_base(directory: &Path) -> PathBuf {
    let mut store = open(directory);
    for round in 1..=ROUNDS {
        apply_round(&mut store, round);
        let outcome = store.freeze(mark(round)).run();
        assert!(matches!(store.finish_checkpoint(outcome), Finished::Committed(_)));
    }
    directory.join(DATA_FILE)
}

/// Whether reading everything in every way gives what was written.
fn reads_as_written(store: &Store) -> bool {
    let rows = rows_after(ROUNDS);
    let expected = rows.iter().map(|((table, key), value)| (*table, key.as_slice(), value.as_slice()));
    store.dump().eq(expected)
        && rows.iter().all(|((table, key), value)| store.get(*table, key) == Some(value))
        && store.mark() == &mark(ROUNDS)
        && store.fault().is_none()
}

#[test]
fn a_sound_base_is_found_sound_and_counted() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = write_base(directory.path());
    let report = verify_base(directory.path()).expect("a report");
    assert_eq!(report.findings, []);
    assert_eq!(report.rows, rows_after(ROUNDS).len() as u64);
    assert_eq!(report.mark, Some(mark(ROUNDS)));
    assert!(report.pages_free > 0, "the base has free pages: {report:?}");
    assert_eq!(report.bytes, fs::metadata(&path).expect("the file").len());
    let empty = tempfile::tempdir().expect("a directory");
    drop(open(empty.path()));
    let report = verify_base(empty.path()).expect("a report");
    assert_eq!((report.findings, report.rows, report.mark), (vec![], 0, None));
}

#[test]
fn every_flipped_bit_is_found_or_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = write_base(directory.path());
    let bytes = fs::read(&path).expect("the file");
    let file = fs::File::options().write(true).open(&path).expect("the file");
    let mut random = Random(0x51ab);
    let (mut found, mut passed_over) = (0, 0);
    let pages = bytes.len() as u64 / PAGE;
    // Everywhere, and again where the meaning is dense: the meta pages and the pages' headers.
    let anywhere = (0..FLIPS).map(|_| random.below(bytes.len() as u64)).collect::<Vec<_>>();
    let headers = (0..FLIPS / 3).map(|_| random.below(pages) * PAGE + random.below(32)).collect::<Vec<_>>();
    let metas = (0..2).flat_map(|page| (0..200).map(move |at| page * PAGE + at));
    for offset in anywhere.into_iter().chain(headers).chain(metas) {
        let byte = bytes[offset as usize];
        let bit = random.below(8);
        file.write_all_at(&[byte ^ 1 << bit], offset).expect("the flip");
        let report = verify_base(directory.path()).expect("a report");
        if report.is_sound() {
            passed_over += 1;
            let store = open(directory.path());
            assert!(reads_as_written(&store), "bit {bit} of the byte at {offset}");
        } else {
            found += 1;
        }
        file.write_all_at(&[byte], offset).expect("the byte is put back");
    }
    println!("{found} flips were found, {passed_over} change nothing");
    assert!(found > passed_over, "{found} of {}", found + passed_over);
    assert!(verify_base(directory.path()).expect("a report").is_sound());
}

#[test]
fn a_cut_file_is_found_at_every_length() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = write_base(directory.path());
    let bytes = fs::read(&path).expect("the file");
    let mut random = Random(77);
    for length in (0..40).map(|_| random.below(bytes.len() as u64)).chain([0, 1, PAGE, 2 * PAGE]) {
        fs::write(&path, &bytes[..length as usize]).expect("the cut file");
        let report = verify_base(directory.path()).expect("a report");
        // LMDB may leave free pages at the end out of the file.
        if report.is_sound() {
            assert!(reads_as_written(&open(directory.path())), "{length} bytes");
        }
    }
}

#[test]
fn a_base_that_lost_what_opening_needs_is_damaged_and_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = write_base(directory.path());
    let bytes = fs::read(&path).expect("the file");
    for (length, garbage) in [(0, None), (100, None), (bytes.len(), Some(0)), (bytes.len(), Some(16))] {
        let mut damaged = bytes[..length].to_vec();
        if let Some(from) = garbage {
            damaged[from..from + 4096].fill(0xa5);
            damaged[4096 + from..4096 + from + 64].fill(0xa5);
        }
        fs::write(&path, &damaged).expect("the damage");
        for _ in 0..2 {
            let Err(Error::Damaged { what, .. }) = open_checked(directory.path(), options()) else {
                panic!("{length} bytes, garbage from {garbage:?}: it is served from");
            };
            assert!(what.contains(DATA_FILE), "{what}");
            assert!(directory.path().join(DAMAGE_MARKER).exists());
        }
        assert_eq!(fs::read(&path).expect("the file"), damaged, "nothing is changed");
        fs::write(&path, &bytes).expect("the file");
        check(&open_checked(directory.path(), options()).expect("sound again"), ROUNDS);
        assert!(!directory.path().join(DAMAGE_MARKER).exists());
    }
}

#[test]
fn a_fault_lets_the_next_start_verify() {
    let directory = tempfile::tempdir().expect("a directory");
    write_base(directory.path());
    let store = open_checked(directory.path(), options()).expect("sound");
    store.report_missing(TableId(3), b"key", "a row of table 4");
    let fault = store.fault().expect("a fault");
    assert!(matches!(fault.why, FaultCause::Missing { .. }));
    assert_eq!(
        fault.to_string(),
        "state table 3 key 0x6b6579: the row is missing that a row of table 4 leads to"
    );
    let marker = directory.path().join(DAMAGE_MARKER);
    assert_eq!(fs::read_to_string(&marker).expect("a marker"), fault.to_string());
    drop(store);
    // Nothing is wrong with the bytes: the next start serves.
    check(&open_checked(directory.path(), options()).expect("sound"), ROUNDS);
    assert!(!marker.exists());
}

fn run_child(directory: &Path) {
    install_sigbus_handler().expect("the handler is installed");
    // Another base beside it: the message names the right one.
    let other = tempfile::tempdir().expect("a directory");
    let _other = open(other.path());
    let store = open(directory);
    let file = fs::File::options().write(true).open(directory.join(DATA_FILE)).expect("the file");
    file.set_len(2 * PAGE).expect("the file is cut");
    println!("rows that could still be read: {}", store.dump().count());
}

/// Not a test of its own: what the next test runs in a process of its own.
#[test]
fn child_process() {
    if let (Ok(_), Some(directory)) = (std::env::var(CHILD_PART), std::env::var_os(CHILD_DIRECTORY)) {
        run_child(Path::new(&directory));
    }
}

#[test]
fn a_page_that_cannot_be_read_ends_the_process_by_name_and_costs_the_next_start_that_base() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = write_base(directory.path());
    let bytes = fs::read(&path).expect("the file");
    let output = child(CHILD_TEST, "cut file", directory.path()).output().expect("the child starts");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(74), "{output:?}");
    let line = message.lines().find(|line| line.starts_with("ringbolt: fatal: SIGBUS: ")).expect("a line");
    let (file, rest) =
        line["ringbolt: fatal: SIGBUS: ".len()..].split_once(" at offset ").expect("an offset");
    assert_eq!(Path::new(file), fs::canonicalize(&path).expect("a path"));
    let offset: u64 = rest.split(':').next().and_then(|digits| digits.parse().ok()).expect("a number");
    assert!((2 * PAGE..bytes.len() as u64).contains(&offset), "{line}");
    assert!(rest.ends_with("a page of the mapped state cannot be read (disk error, or the file was cut)"));
    let marker = fs::read_to_string(directory.path().join(DAMAGE_MARKER)).expect("a marker");
    assert_eq!(marker.trim(), line);

    let refused = open_checked(directory.path(), options()).err().expect("it is not served from");
    assert!(
        matches!(&refused, Error::Damaged { what, .. } if what.contains("data.mdb at offset")),
        "{refused}"
    );
    fs::write(&path, bytes).expect("the file comes back");
    check(&open_checked(directory.path(), options()).expect("sound"), ROUNDS);
    assert!(!directory.path().join(DAMAGE_MARKER).exists());
}
