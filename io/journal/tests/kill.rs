//! A process that appends as fast as it can is killed with SIGKILL, again and again: what it had reported as committed
//! is there, in order and whole.
//!
//! The test program is its own child: with the variable below set, the test `child` appends until it is killed.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use ringbolt_journal::{
    AccessChoice, EntryFrame, EntryKind, Filter, Journal, JournalNumber, PartitionId, Position, RaftIndex,
    Recovery, Settings, Term,
};
use ringbolt_ring::side::{Side, SideConfig};
use ringbolt_ring::{DriverChoice, block_on};

/// The child's data directory.
const CHILD: &str = "RINGBOLT_JOURNAL_KILL_DIRECTORY";
/// How often the child is killed, unless the environment says otherwise.
const ROUNDS: u64 = 4;
/// Entries appended without waiting for the ones before.
const AHEAD: u64 = 5;

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

fn payload(position: u64) -> Vec<u8> {
    let bytes = (position * 7919 % 12_000) as usize;
    (0..bytes).map(|at| ((at as u64 * 31) ^ position) as u8).collect()
}

/// Checks all entries and returns the position after the last.
fn check(data: &Path) -> u64 {
    let recovery = Recovery::start(data, AccessChoice::Probe).expect("a kill is no corruption");
    let mut entries = recovery.entries(Filter::partition(PartitionId(1), Position(0)));
    let mut next = None;
    while let Some(entry) = entries.next_entry().expect("readable") {
        let position = entry.frame.position.0;
        assert_eq!(next.unwrap_or(position), position, "no entry is missing");
        assert_eq!(entry.payload(), payload(position));
        next = Some(position + 1);
    }
    next.unwrap_or(1)
}

#[test]
fn child() {
    let Ok(data) = std::env::var(CHILD) else { return };
    let recovery = Recovery::start(Path::new(&data), AccessChoice::Probe).expect("recovers");
    let settings = Settings {
        segment_bytes: 512 << 10,
        first_segment_bytes: 64 << 10,
        batch_bytes_max: 256 << 10,
        spare_segments_max: 2,
    };
    let side = Side::start(SideConfig { threads: 1, ..SideConfig::default() }).expect("a side thread");
    let first = recovery.partitions().first().map_or(1, |range| range.end.0);
    block_on(DriverChoice::default(), async {
        let journal =
            Journal::open(&recovery, JournalNumber(0), &[PartitionId(1)], &settings, side).expect("opens");
        let next = Cell::new(first);
        let append = || {
            let position = next.get();
            journal.append(&frame(position), &[&payload(position)]).expect("room");
            next.set(position + 1);
        };
        (0..AHEAD).for_each(|_| append());
        let report = |flush: &ringbolt_journal::Flush| {
            let committed = first + flush.commit.ticket.0;
            println!("committed {committed}");
            std::io::stdout().flush().expect("the parent reads");
            // What lies two thousand entries back is given up, so that segments are used again.
            journal.set_floor(PartitionId(1), Position(committed.saturating_sub(2_000)));
            (0..flush.commit.entry_count).for_each(|_| append());
        };
        journal.run(|| 0, report).await
    })
    .expect("a core")
    .expect("it runs until it is killed");
}

#[test]
fn nothing_committed_is_lost_when_the_process_is_killed() {
    let data = tempfile::tempdir().expect("a directory");
    let rounds = std::env::var("RINGBOLT_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut last = 1;
    for round in 0..rounds {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "child", "--nocapture"])
            .env(CHILD, data.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let committed =
            |line: &str| line.strip_prefix("committed ").and_then(|number| number.parse::<u64>().ok());
        let mut seen = last;
        let mut flushes = 0;
        while flushes < 40 + round * 37 % 200 {
            let line = lines.next().expect("the child runs until it is killed").expect("readable");
            if let Some(position) = committed(&line) {
                assert!(position >= seen, "positions rise over restarts");
                seen = position;
                flushes += 1;
            }
        }
        process.kill().expect("killed");
        // What it had said before it died counts as well.
        seen = lines.map_while(Result::ok).filter_map(|line| committed(&line)).fold(seen, u64::max);
        process.wait().expect("waited for");
        last = check(data.path());
        assert!(last >= seen, "committed up to {seen}, found up to {last}");
        assert!(last <= seen + 2 * AHEAD, "more than was in flight was found");
    }
}
