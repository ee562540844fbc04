//! The journal on real files and a real executor: open, append, commit, reuse, read beside it, and start again with
//! other cores.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use ringbolt_journal::{
    Access, AccessChoice, EntryFrame, EntryKind, Error, Filter, Journal, JournalNumber, JournalReader,
    PartitionId, Position, RaftIndex, Recovery, Settings, Space, Term, Ticket,
};
use ringbolt_ring::side::{Side, SideConfig};
use ringbolt_ring::{DriverChoice, block_on};

const PARTITIONS: [PartitionId; 3] = [PartitionId(1), PartitionId(2), PartitionId(3)];

fn settings() -> Settings {
    Settings {
        segment_bytes: 256 << 10,
        first_segment_bytes: 64 << 10,
        batch_bytes_max: 128 << 10,
        spare_segments_max: 2,
    }
}

fn frame(partition: u32, position: u64) -> EntryFrame {
    EntryFrame {
        kind: EntryKind::Records,
        partition: PartitionId(partition),
        index: RaftIndex(position),
        term: Term(1),
        position: Position(position),
        record_count: 1,
    }
}

fn payload(position: u64) -> Vec<u8> {
    let bytes = (position * 37 % 6_000) as usize;
    (0..bytes).map(|at| (at as u64 ^ position) as u8).collect()
}

fn side() -> Side {
    Side::start(SideConfig { threads: 1, ..SideConfig::default() }).expect("a side thread")
}

/// Runs one life of a journal on a core: `work` appends and waits, then the journal is closed, unless it is to be killed.
fn live<T>(
    data: &Path,
    number: u32,
    choice: AccessChoice,
    work: impl AsyncFn(&Journal, &Recovery) -> T,
) -> T {
    live_with(&settings(), data, number, choice, work)
}

fn live_with<T>(
    settings: &Settings,
    data: &Path,
    number: u32,
    choice: AccessChoice,
    work: impl AsyncFn(&Journal, &Recovery) -> T,
) -> T {
    let recovery = Recovery::start(data, choice).expect("recovers");
    block_on(DriverChoice::default(), async {
        let journal =
            Journal::open(&recovery, JournalNumber(number), &PARTITIONS, settings, side()).expect("opens");
        let started = Instant::now();
        let running = ringbolt_ring::spawn({
            let journal = journal.clone();
            async move {
                let mut last = Ticket(0);
                let clock = move || started.elapsed().as_nanos() as u64;
                journal
                    .run(clock, |flush| {
                        assert!(flush.commit.ticket >= last, "commits come in order");
                        last = flush.commit.ticket;
                    })
                    .await
            }
        });
        let result = work(&journal, &recovery).await;
        journal.close();
        running.await.expect("closes in good order");
        assert_eq!(journal.committed(), journal.appended());
        result
    })
    .expect("a core")
}

async fn settle(journal: &Journal) {
    while journal.committed() < journal.appended() {
        assert_eq!(journal.failure(), None);
        ringbolt_ring::yield_now().await;
    }
}

async fn append_range(journal: &Journal, partition: u32, positions: std::ops::Range<u64>) {
    let last = RaftIndex(positions.end - 1);
    for position in positions {
        while !journal.has_room(6_000) {
            assert_eq!(journal.failure(), None);
            ringbolt_ring::yield_now().await;
        }
        let payload = payload(position);
        let (head, rest) = payload.split_at(payload.len() / 2);
        journal.append(&frame(partition, position), &[head, rest]).expect("has room");
        if position % 7 == 0 {
            settle(journal).await;
        }
    }
    settle(journal).await;
    journal.commit(PartitionId(partition), last);
}

fn reader(journal: &Journal, recovery: &Recovery, from: u64) -> JournalReader {
    let partition = PartitionId(1);
    journal.readers().reader(recovery, (partition, Position(from)), journal.commit_index(partition))
}

fn check_recovered(data: &Path, partition: u32, positions: std::ops::Range<u64>) {
    let recovery = Recovery::inspect(data).expect("readable");
    let mut entries = recovery.entries(Filter::partition(PartitionId(partition), Position(positions.start)));
    for position in positions {
        let entry = entries.next_entry().expect("readable").expect("an entry");
        assert_eq!((entry.frame, entry.payload()), (frame(partition, position), &payload(position)[..]));
    }
    assert!(entries.next_entry().expect("readable").is_none());
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    for choice in [AccessChoice::Probe, AccessChoice::Buffered] {
        let data = tempfile::tempdir().expect("a directory");
        live(data.path(), 0, choice, async |journal, _| append_range(journal, 1, 1..200).await);
        check_recovered(data.path(), 1, 1..200);
        live(data.path(), 0, choice, async |journal, recovery| {
            assert_eq!(recovery.epoch().0, 2);
            assert_eq!(recovery.torn().count(), 0);
            append_range(journal, 1, 200..300).await;
            append_range(journal, 2, 1..50).await;
        });
        check_recovered(data.path(), 1, 1..300);
        check_recovered(data.path(), 2, 1..50);
    }
}

/// Now and then a batch is written by a thread, to find out what is faster; it goes to the same place, over the ends of segments too.
#[test]
fn what_a_thread_wrote_is_there_like_the_rest() {
    let data = tempfile::tempdir().expect("a directory");
    let by_thread = Rc::new(Cell::new(0));
    let recovery = Recovery::start(data.path(), AccessChoice::Probe).expect("recovers");
    block_on(DriverChoice::default(), async {
        let journal =
            Journal::open(&recovery, JournalNumber(0), &PARTITIONS, &settings(), side()).expect("opens");
        let running = ringbolt_ring::spawn({
            let (journal, by_thread) = (journal.clone(), by_thread.clone());
            async move {
                journal
                    .run(|| 0, |flush| by_thread.set(by_thread.get() + u32::from(flush.is_by_thread)))
                    .await
            }
        });
        for position in 1..600 {
            append_range(&journal, 1, position..position + 1).await;
        }
        journal.close();
        running.await.expect("closes in good order");
        if recovery.access() == Access::Direct {
            assert!(by_thread.get() > 2, "{}", by_thread.get());
        }
    })
    .expect("a core");
    check_recovered(data.path(), 1, 1..600);
}

/// What was prepared in another size is removed; its numbers are used again, and its files must not be.
#[test]
fn the_segments_size_may_change_between_starts() {
    for choice in [AccessChoice::Probe, AccessChoice::Buffered] {
        let data = tempfile::tempdir().expect("a directory");
        let mut end = 1;
        for (start, segment_kib) in [256, 512, 256, 1024, 128, 512].into_iter().enumerate() {
            let settings = Settings { segment_bytes: segment_kib << 10, ..settings() };
            live_with(&settings, data.path(), 0, choice, async |journal, _| {
                let before = journal.counts().segments.created;
                append_range(journal, 1, end..end + 400).await;
                assert!(start == 0 || journal.counts().segments.created > before, "segments were rolled");
            });
            end += 400;
            check_recovered(data.path(), 1, 1..end);
        }
    }
}

/// Whoever removes a file by hand must not take with it what is acknowledged afterwards.
#[test]
fn a_segment_that_was_removed_while_it_was_open_is_not_written() {
    let data = tempfile::tempdir().expect("a directory");
    let recovery = Recovery::start(data.path(), AccessChoice::Probe).expect("recovers");
    block_on(DriverChoice::default(), async {
        let journal =
            Journal::open(&recovery, JournalNumber(0), &PARTITIONS, &settings(), side()).expect("opens");
        let running = ringbolt_ring::spawn({
            let journal = journal.clone();
            async move { journal.run(|| 0, |_| {}).await }
        });
        let second = data.path().join("journal-0").join("segment-0000000000000002.log");
        // The one in reserve comes after it is installed.
        while journal.disk_bytes() < settings().first_segment_bytes + 2 * settings().segment_bytes {
            ringbolt_ring::yield_now().await;
        }
        std::fs::remove_file(&second).expect("removed");
        for position in 1.. {
            while journal.failure().is_none() && !journal.has_room(6_000) {
                ringbolt_ring::yield_now().await;
            }
            if journal.append(&frame(1, position), &[&payload(position)]).is_err() {
                break;
            }
            ringbolt_ring::yield_now().await;
        }
        let ended = running.await.expect_err("the journal stops").to_string();
        assert!(ended.contains("segment-0000000000000002.log") && ended.contains("removed"), "{ended}");
    })
    .expect("a core");
}

#[test]
fn segments_are_reused_while_a_reader_follows() {
    let data = tempfile::tempdir().expect("a directory");
    let (first, last) = (1, 1_500);
    live(data.path(), 0, AccessChoice::Probe, async |journal, recovery| {
        let partition = PartitionId(1);
        let mut reader = reader(journal, recovery, first);
        let mut next = first;
        for start in (first..last).step_by(50) {
            append_range(journal, 1, start..(start + 50).min(last)).await;
            while let Some(entry) = reader.next_entry().expect("nothing unread is reused") {
                assert_eq!(entry.frame, frame(1, next));
                assert_eq!(entry.payload(), payload(next));
                next += 1;
            }
            assert_eq!(next, (start + 50).min(last), "all that is committed is read");
            journal.set_floor(partition, Position(next));
            // A reader that starts late starts in the right segment.
            let mut late = self::reader(journal, recovery, next - 3);
            let entry = late.next_entry().expect("readable").expect("an entry").frame.position;
            assert_eq!(entry, Position(next - 3));
        }
        let counts = journal.counts();
        assert!(counts.segments.recycled > 5, "{counts:?}");
        assert!(counts.padding_bytes > 0 && counts.entry_bytes > 0 && counts.entries == last - first);
        assert_eq!(journal.space().0, Space::Enough);
        assert!(journal.disk_bytes() <= 8 * settings().segment_bytes, "{}", journal.disk_bytes());
    });
    let recovery = Recovery::inspect(data.path()).expect("readable");
    let range = recovery.partitions()[0];
    assert!(range.first > Position(first) && range.end == Position(last), "{range:?}");
}

#[test]
fn who_reads_right_behind_needs_no_disk() {
    let data = tempfile::tempdir().expect("a directory");
    live(data.path(), 0, AccessChoice::Probe, async |journal, recovery| {
        let mut reader = reader(journal, recovery, 1);
        append_range(journal, 1, 1..2).await;
        assert_eq!(reader.next_entry().expect("readable").expect("an entry").payload(), payload(1));
        append_range(journal, 1, 2..8).await;
        let directory = data.path().join("journal-0");
        let (there, away) = (directory.join("segment-0000000000000001.log"), directory.join("away"));
        std::fs::rename(&there, &away).expect("renamed");
        for position in 2..8 {
            let entry = reader.next_entry().expect("nothing is opened").expect("an entry");
            assert_eq!((entry.frame, entry.payload()), (frame(1, position), &*payload(position)));
        }
        std::fs::rename(&away, &there).expect("renamed");
    });
}

#[test]
fn a_reader_that_is_too_late_is_told() {
    let data = tempfile::tempdir().expect("a directory");
    live(data.path(), 0, AccessChoice::Probe, async |journal, recovery| {
        let mut reader = reader(journal, recovery, 1);
        append_range(journal, 1, 1..20).await;
        assert!(reader.next_entry().expect("readable").is_some());
        // More than what is kept in memory.
        for start in (20..5_000).step_by(20) {
            append_range(journal, 1, start..start + 20).await;
            journal.set_floor(PartitionId(1), Position(start));
        }
        let error = loop {
            match reader.next_entry() {
                Ok(entry) => assert!(entry.is_some(), "the reader is far behind"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::Gap { .. }), "{error}");
    });
}

#[test]
fn cores_may_change_between_starts() {
    let data = tempfile::tempdir().expect("a directory");
    live(data.path(), 0, AccessChoice::Probe, async |journal, _| append_range(journal, 1, 1..40).await);
    live(data.path(), 1, AccessChoice::Probe, async |journal, _| append_range(journal, 1, 40..80).await);
    live(data.path(), 0, AccessChoice::Probe, async |journal, recovery| {
        append_range(journal, 1, 80..120).await;
        let mut retired = recovery.retire(&[JournalNumber(0)]);
        assert_eq!(retired.journals().collect::<Vec<_>>(), [JournalNumber(1)]);
        assert!(retired.set_floor(PartitionId(1), Position(79)).is_empty());
        // A reader crosses all three runs, whichever journal holds them.
        let mut reader = reader(journal, recovery, 5);
        for position in 5..120 {
            let entry = reader.next_entry().expect("readable").expect("an entry");
            assert_eq!(entry.frame.position, Position(position));
        }
        let mut removals = retired.set_floor(PartitionId(1), Position(80));
        let removal = removals.pop().expect("the journal is drained");
        assert_eq!(removal.journal(), JournalNumber(1));
        removal.run().expect("removed");
    });
    assert!(!data.path().join("journal-1").exists());
    let names = std::fs::read_dir(data.path()).expect("listed").count();
    assert_eq!(names, 1, "nothing but journal 0 is left");
}

#[test]
fn a_run_that_was_not_closed_recovers() {
    let data = tempfile::tempdir().expect("a directory");
    for round in 0..5 {
        let recovery = Recovery::start(data.path(), AccessChoice::Probe).expect("recovers");
        let from = 1 + round * 30;
        block_on(DriverChoice::default(), async {
            let journal =
                Journal::open(&recovery, JournalNumber(0), &PARTITIONS, &settings(), side()).expect("opens");
            let mut running = Box::pin(journal.run(|| 0, |_| {}));
            let mut appending = Box::pin(append_range(&journal, 1, from..from + 30));
            poll_fn(|cx| {
                assert!(running.as_mut().poll(cx).is_pending(), "nobody closes it");
                appending.as_mut().poll(cx)
            })
            .await;
            // The core ends with an entry that was never committed.
            drop(appending);
            journal.append(&frame(9, 1), &[b"lost"]).expect("room");
        })
        .expect("a core");
        check_recovered(data.path(), 1, 1..from + 30);
    }
}

#[test]
fn damage_is_refused_with_file_and_offset() {
    use std::os::unix::fs::FileExt;
    let data = tempfile::tempdir().expect("a directory");
    live(data.path(), 0, AccessChoice::Probe, async |journal, _| append_range(journal, 1, 1..40).await);
    let segment = data.path().join("journal-0").join("segment-0000000000000001.log");
    let file = std::fs::OpenOptions::new().write(true).open(&segment).expect("opened");
    file.write_all_at(b"rot", 4096 + 300).expect("written");
    let error = Recovery::start(data.path(), AccessChoice::Probe).expect_err("refused").to_string();
    assert!(error.contains(segment.to_str().expect("text")) && error.contains("offset 4096"), "{error}");
}

#[test]
fn a_foreign_or_damaged_identity_is_refused() {
    let data = tempfile::tempdir().expect("a directory");
    live(data.path(), 0, AccessChoice::Probe, async |_, _| ());
    let meta = data.path().join("journal-0").join("meta");
    let good = std::fs::read(&meta).expect("read");
    for at in [0, 9, 12, 20, 4000] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&meta, bad).expect("written");
        let error = Recovery::start(data.path(), AccessChoice::Probe).expect_err("refused").to_string();
        assert!(error.contains("meta"), "{error}");
    }
    std::fs::write(&meta, &good[..100]).expect("written");
    assert!(Recovery::start(data.path(), AccessChoice::Probe).is_err());
}

#[test]
fn a_missing_segment_is_refused_wherever_it_stood() {
    let data = tempfile::tempdir().expect("a directory");
    live(data.path(), 0, AccessChoice::Probe, async |journal, _| {
        for start in (1..1_000).step_by(50) {
            append_range(journal, 1, start..start + 50).await;
            // Nobody needs the oldest segments, and some are given up.
            journal.set_floor(PartitionId(1), Position(start.saturating_sub(300)));
        }
        assert!(journal.counts().segments.recycled > 2);
    });
    Recovery::inspect(data.path()).expect("nothing is missing");
    let directory = data.path().join("journal-0");
    let names = std::fs::read_dir(&directory).expect("listed").map(|name| name.expect("name").path());
    let mut segments: Vec<_> = names.filter(|path| path.to_string_lossy().contains("/segment-")).collect();
    segments.sort();
    assert!(segments.len() > 2, "{segments:?}");
    let aside = data.path().join("aside");
    let refused = |missing: &[std::path::PathBuf]| {
        std::fs::create_dir(&aside).expect("created");
        let kept = |path: &std::path::PathBuf| aside.join(path.file_name().expect("a name"));
        missing.iter().for_each(|path| std::fs::rename(path, kept(path)).expect("moved"));
        let error = Recovery::start(data.path(), AccessChoice::Probe).expect_err("refused").to_string();
        assert!(
            error.contains("is missing") && error.contains(missing[0].to_str().expect("text")),
            "{error}"
        );
        missing.iter().for_each(|path| std::fs::rename(kept(path), path).expect("moved"));
        std::fs::remove_dir(&aside).expect("removed");
    };
    for segment in &segments {
        refused(std::slice::from_ref(segment));
    }
    refused(&segments);
    // One copy of what there must be may be lost, both may not.
    let extent = directory.join("segments");
    let good = std::fs::read(&extent).expect("read");
    for (from, is_fine) in [(0..4096, true), (4096..8192, true), (0..8192, false)] {
        let mut bad = good.clone();
        bad[from].fill(0);
        std::fs::write(&extent, bad).expect("written");
        assert_eq!(Recovery::inspect(data.path()).is_ok(), is_fine);
    }
    std::fs::remove_file(&extent).expect("removed");
    assert!(Recovery::inspect(data.path()).is_err());
    std::fs::write(&extent, good).expect("written");
    Recovery::start(data.path(), AccessChoice::Probe).expect("recovers");
}
