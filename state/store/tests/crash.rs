//! Crashes of the base on disk: whatever part of a checkpoint reached the disk, and wherever the process was
//! killed, reopening shows the old checkpoint or the new one, with its mark and all its rows.

mod common;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};

use common::{CHILD_DIRECTORY, CHILD_PART, Random, apply_round, check, child, mark, open};
use ringbolt_store::{CheckpointJob, Finished, Store};

const PAGE_BYTES: usize = 4096;
/// The first two pages say which tree is current; LMDB writes one of them last, after a sync.
const META_PAGES: usize = 2;
const DATA_FILE: &str = "data.mdb";

fn checkpoint(store: &mut Store, round: u64) {
    apply_round(store, round);
    let outcome = store.freeze(mark(round)).run();
    let Finished::Committed(retired) = store.finish_checkpoint(outcome) else {
        panic!("the checkpoint commits")
    };
    drop(retired);
}

fn page(image: &[u8], number: usize) -> Option<&[u8]> {
    image.get(number * PAGE_BYTES..(number + 1) * PAGE_BYTES)
}

/// The image before a checkpoint, overwritten with those of its pages that `reached` says reached the disk.
fn torn_image(before: &[u8], after: &[u8], mut reached: impl FnMut(usize) -> bool) -> Vec<u8> {
    let mut image = before.to_vec();
    image.resize(after.len().max(before.len()), 0);
    for number in 0..after.len() / PAGE_BYTES {
        if page(before, number) != page(after, number) && reached(number) {
            let bytes = number * PAGE_BYTES..(number + 1) * PAGE_BYTES;
            image[bytes.clone()].copy_from_slice(&after[bytes]);
        }
    }
    image
}

fn check_image(image: &[u8], round: u64) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join(DATA_FILE), image).expect("the image is written");
    let mut store = open(directory.path());
    assert_eq!(*store.mark(), if round == 0 { Default::default() } else { mark(round) });
    check(&store, round);
    // The store goes on from there.
    checkpoint(&mut store, round + 1);
    check(&store, round + 1);
}

#[test]
fn any_part_of_a_checkpoint_on_disk_leaves_the_old_one_whole() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data_file = directory.path().join(DATA_FILE);
    let mut store = open(directory.path());
    let mut random = Random(42);
    for round in 1..=8 {
        let before = fs::read(&data_file).expect("the data file");
        checkpoint(&mut store, round);
        let after = fs::read(&data_file).expect("the data file");
        let changed =
            (0..after.len() / PAGE_BYTES).filter(|number| page(&before, *number) != page(&after, *number));
        assert!(changed.count() > 20, "round {round} changed next to nothing");
        for share in [1, 5, 9, 10] {
            let image =
                torn_image(&before, &after, |number| number >= META_PAGES && random.below(10) < share);
            check_image(&image, round - 1);
        }
        check_image(&torn_image(&before, &after, |_| true), round);
    }
}

/// Where a child kills itself.
#[derive(Debug, Clone, Copy)]
enum Kill {
    /// At a pause of the job, while rows are written.
    AtPause(u64),
    /// This long after the last row was written: during the sync, the last write, or after.
    AfterRows(Duration),
    /// Between the job's end and the store's learning of it.
    BeforeFinish,
}

const CHILD_TEST: &str = "child_process";
const ROUNDS_PER_CHILD: u64 = 3;

#[allow(unsafe_code)]
fn kill_self() {
    // SAFETY: the call has no preconditions; it ends this process.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
}

/// How often a job of one round pauses: the pauses before the last are while rows are written.
fn pauses(store: &mut Store, round: u64) -> (CheckpointJob, u64) {
    apply_round(store, round);
    let rows = store.stats().active_rows as u64;
    (store.freeze(mark(round)), rows / 64)
}

/// Runs rounds until it is killed in the last one, as `part` says.
fn run_child(part: &str, directory: &Path) {
    let (kind, amount) = part.split_once(' ').expect("kind and amount");
    let amount: u64 = amount.parse().expect("a number");
    let kill = match kind {
        "pause" => Kill::AtPause(amount),
        "after" => Kill::AfterRows(Duration::from_micros(amount)),
        "finish" => Kill::BeforeFinish,
        other => panic!("unknown part {other}"),
    };
    let mut store = open(directory);
    let first = store.mark().position + 1;
    for round in first..first + ROUNDS_PER_CHILD - 1 {
        checkpoint(&mut store, round);
    }
    let (job, pauses) = pauses(&mut store, first + ROUNDS_PER_CHILD - 1);
    let mut pause = 0;
    let outcome = job.run_with(&mut || {
        pause += 1;
        match kill {
            Kill::AtPause(at) if pause == at => kill_self(),
            Kill::AfterRows(delay) if pause == pauses => {
                let started = Instant::now();
                std::thread::spawn(move || {
                    while started.elapsed() < delay {
                        std::hint::spin_loop();
                    }
                    kill_self();
                });
            }
            Kill::AtPause(_) | Kill::AfterRows(_) | Kill::BeforeFinish => {}
        }
    });
    assert!(outcome.result().is_ok());
    while let Kill::AfterRows(_) = kill {
        std::hint::spin_loop();
    }
    kill_self();
}

/// Not a test of its own: what the other tests run in a process of its own.
#[test]
fn child_process() {
    if let (Ok(part), Some(directory)) = (std::env::var(CHILD_PART), std::env::var_os(CHILD_DIRECTORY)) {
        run_child(&part, Path::new(&directory));
        panic!("the child was to be killed");
    }
}

#[test]
fn a_process_killed_anywhere_in_a_checkpoint_leaves_the_old_or_the_new_one() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut random = Random(7);
    let mut parts =
        vec!["pause 1".to_owned(), "pause 3".to_owned(), "pause 5".to_owned(), "finish 0".to_owned()];
    parts.extend((0..16).map(|_| format!("after {}", random.below(6000))));
    let mut committed = 0;
    for part in parts {
        let output = child(CHILD_TEST, &part, directory.path()).output().expect("the child starts");
        assert_eq!(output.status.signal(), Some(libc::SIGKILL), "{part}: {output:?}");
        let store = open(directory.path());
        let round = store.mark().position;
        let (old, new) = (committed + ROUNDS_PER_CHILD - 1, committed + ROUNDS_PER_CHILD);
        assert!(round == old || round == new, "{part}: the mark is {round}, not {old} or {new}");
        assert!(!part.starts_with("pause") || round == old, "{part}: rows were not all written");
        assert!(!part.starts_with("finish") || round == new, "{part}: the transaction had committed");
        assert_eq!(*store.mark(), mark(round));
        check(&store, round);
        committed = round;
    }
}
