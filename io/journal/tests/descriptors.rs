//! A process that may open no more files keeps its log: it says so, takes what is prepared, and goes on when there are
//! descriptors again.
//!
//! The test program is its own child, with a limit of its own: with the variable below set, the test `child` lowers
//! it for a while.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use ringbolt_journal::{
    AccessChoice, EntryFrame, EntryKind, Filter, Journal, JournalNumber, PartitionId, Position, RaftIndex,
    Recovery, Settings, Space, Term,
};
use ringbolt_ring::side::{Side, SideConfig};
use ringbolt_ring::{DriverChoice, block_on};

/// The child's data directory.
const CHILD: &str = "RINGBOLT_JOURNAL_DESCRIPTORS_DIRECTORY";
/// Entries before, during and after the shortage; each third fills more than one segment.
const ENTRIES: u64 = 600;
const PAYLOAD_BYTES: usize = 3_000;
/// Looks at a log without room after which nothing is on its way to the disk.
const WAITS_MAX: u32 = 500;

fn frame(position: u64) -> EntryFrame {
    EntryFrame {
        kind: EntryKind::Records,
        partition: PartitionId(1),
        index: RaftIndex(position),
        term: Term(1),
        position: Position(position),
        record_count: 1,
    }
}

async fn append(journal: &Journal, positions: std::ops::Range<u64>) -> u64 {
    for position in positions.clone() {
        let mut waits = 0;
        while !journal.has_room(PAYLOAD_BYTES) {
            assert_eq!(journal.failure(), None);
            // A write under way leaves no room either, for a moment.
            if waits > WAITS_MAX && journal.space().0 == Space::Failing {
                return position;
            }
            waits += 1;
            ringbolt_ring::sleep(std::time::Duration::from_millis(2)).await;
        }
        journal.append(&frame(position), &[&[position as u8; PAYLOAD_BYTES]]).expect("has room");
    }
    positions.end
}

/// Sets how many files this process may have open, and says how many it was.
fn limit_open_files(limit: libc::rlim_t) -> libc::rlim_t {
    let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is there for the time of the call.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limits) }, 0);
    let before = std::mem::replace(&mut limits.rlim_cur, limit);
    // SAFETY: as above; the hard limit stays.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limits) }, 0);
    before
}

#[test]
fn child() {
    let Ok(data) = std::env::var(CHILD) else { return };
    let recovery = Recovery::start(Path::new(&data), AccessChoice::Probe).expect("recovers");
    let settings = Settings {
        segment_bytes: 256 << 10,
        first_segment_bytes: 64 << 10,
        batch_bytes_max: 128 << 10,
        spare_segments_max: 2,
    };
    let side = Side::start(SideConfig { threads: 1, ..SideConfig::default() }).expect("a side thread");
    block_on(DriverChoice::default(), async {
        let journal =
            Journal::open(&recovery, JournalNumber(0), &[PartitionId(1)], &settings, side).expect("opens");
        let running = ringbolt_ring::spawn({
            let journal = journal.clone();
            let started = Instant::now();
            async move { journal.run(move || started.elapsed().as_nanos() as u64, |_| {}).await }
        });
        assert_eq!(append(&journal, 1..200).await, 200);
        // Below the numbers in use: what the log closes meanwhile is of no use to it.
        let before = limit_open_files(3);
        assert!(File::open("/dev/null").is_err());
        let stopped_at = append(&journal, 200..ENTRIES).await;
        assert!((201..ENTRIES).contains(&stopped_at), "what was prepared is written: {stopped_at}");
        let (_, cause) = journal.space();
        assert!(cause.as_deref().is_some_and(|cause| cause.contains("open files")), "{cause:?}");
        limit_open_files(before);
        while journal.space().0 != Space::Enough {
            ringbolt_ring::sleep(std::time::Duration::from_millis(2)).await;
        }
        assert_eq!(append(&journal, stopped_at..ENTRIES).await, ENTRIES);
        journal.close();
        running.await.expect("closes in good order");
    })
    .expect("a core");
}

#[test]
fn a_log_outlives_a_time_without_descriptors() {
    let data = tempfile::tempdir().expect("a directory");
    let status = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, data.path())
        .status()
        .expect("started");
    assert!(status.success(), "{status}");
    let recovery = Recovery::inspect(data.path()).expect("readable");
    let mut entries = recovery.entries(Filter::partition(PartitionId(1), Position(1)));
    for position in 1..ENTRIES {
        let entry = entries.next_entry().expect("readable").expect("an entry");
        assert_eq!((entry.frame, entry.payload()), (frame(position), &[position as u8; PAYLOAD_BYTES][..]));
    }
}
