//! Crashes at any point: nothing acknowledged is lost, nothing is invented, whatever part of the write in flight
//! reached the disk, over recycled segments and repeated crashes.

mod rig;

use rig::{Rig, long_journal, read_all, segment_count};
use ringbolt_journal::memory::MemoryDisk;
use ringbolt_journal::{Filter, PartitionId, Position, Space};

#[test]
fn random_workloads_survive_repeated_crashes() {
    let (mut recycled, mut torn, mut segments) = (0, 0, 0);
    // More seeds by the environment, for a long run.
    let seeds = std::env::var("RINGBOLT_CRASH_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    for seed in 0..seeds {
        let mut rig = Rig::new(seed);
        for _ in 0..8 {
            for _ in 0..rig.rng.below(250) {
                rig.step();
            }
            recycled += rig.log.counts().segments.recycled;
            rig.crash();
        }
        torn += rig.torn_seen;
        segments += segment_count(&mut rig.disk);
    }
    // The workload must reach what it is there for.
    assert!(recycled > seeds, "{recycled} segments recycled");
    assert!(torn > seeds as usize / 3, "{torn} torn tails");
    assert!(segments > 2 * seeds as usize, "{segments} segments");
}

#[test]
fn every_prefix_and_every_single_sector_of_the_write_in_flight() {
    let mut rig = long_journal(7, 6);
    assert!(rig.append(2, 1, &[0xab; 9_000]));
    while !rig.start_write() {
        rig.run_job();
    }
    let request = rig.in_flight.take().expect("a write was started");
    let sectors = request.buffer.len() / 512;
    let acknowledged = rig.acknowledged;
    let mut outcomes = Vec::new();
    for cut in 0..=sectors {
        for shape in 0..3 {
            let mut disk = rig.disk.clone();
            let kept = |sector: usize| match shape {
                0 => sector < cut,
                1 => sector >= cut,
                _ => sector != cut,
            };
            disk.write_sectors(&request, kept).expect("inside the segment");
            let scan =
                ringbolt_journal::scan(&mut disk, rig::JOURNAL).expect("no corruption").expect("segments");
            let found = read_all(&disk, &scan, Filter::All);
            assert!(found.len() == acknowledged || found.len() == acknowledged + 1);
            assert_eq!(found[..], rig.history[..found.len()]);
            let whole = (0..sectors).all(kept);
            assert_eq!(found.len() > acknowledged, whole, "cut {cut} shape {shape}");
            // An intact header is a batch that began: said, with its place.
            assert_eq!(scan.torn.is_some(), !whole && kept(0), "cut {cut} shape {shape}");
            if let Some(torn) = &scan.torn {
                assert_eq!((torn.place, torn.bytes), (request.place, request.buffer.len() as u64));
            }
            outcomes.push(scan.torn.is_some());
        }
    }
    assert!(outcomes.contains(&true) && outcomes.contains(&false));
}

/// The bytes of a torn batch must not become a batch again, however the next run's first write is torn in turn.
#[test]
fn a_cut_tail_is_not_resurrected() {
    let mut resurrected_before_open = 0;
    for seed in 0..400 {
        let mut rig = long_journal(seed, 3);
        rig.append_random();
        while !rig.start_write() {
            rig.run_job();
        }
        rig.lose_power();
        let scan = rig.scan().expect("no corruption").expect("segments");
        let (entries, was_torn) = (scan.batches, scan.torn.is_some());
        rig.check_recovered(&scan);
        rig.go_on(scan);
        // The run is open: from here on the cut is visible to clients and must hold.
        let after = rig.scan().expect("no corruption").expect("segments");
        assert_eq!(after.batches, entries + 1, "the opening batch and nothing else");
        assert!(after.torn.is_none());
        let held = rig.read(&after, Filter::All).len();
        rig.append_random();
        while !rig.start_write() {
            rig.run_job();
        }
        rig.lose_power();
        let last = rig.scan().expect("no corruption").expect("segments");
        let found = rig.read(&last, Filter::All);
        assert!(found[..held] == rig.history[..held]);
        assert!(found.len() <= held + 1);
        resurrected_before_open += usize::from(was_torn);
    }
    assert!(resurrected_before_open > 50, "{resurrected_before_open} tails were torn");
}

#[test]
fn a_crash_before_the_first_batch_leaves_an_empty_journal() {
    let mut disk = MemoryDisk::new();
    assert!(ringbolt_journal::scan(&mut disk, rig::JOURNAL).expect("no corruption").is_none());
    let mut rig = Rig::new(1);
    let first = rig.batches[0].place;
    rig.disk.bytes_at(first, 4096).expect("the first block").fill(0);
    let scan = rig.scan().expect("no corruption").expect("a segment");
    assert_eq!((scan.batches, scan.torn), (0, None));
    rig.go_on(rig_scan(&mut rig.disk.clone()));
    rig.commit_one();
}

fn rig_scan(disk: &mut MemoryDisk) -> ringbolt_journal::Scan {
    ringbolt_journal::scan(disk, rig::JOURNAL).expect("no corruption").expect("segments")
}

#[test]
fn closing_and_reopening_goes_on_where_it_stopped() {
    let mut rig = long_journal(3, 5);
    for round in 0..20 {
        rig.append_random();
        rig.log.close();
        while !rig.log.is_closed() {
            if !rig.start_write() {
                rig.run_job();
            }
            rig.finish_write();
        }
        assert!(!rig.append(1, 1, b"late"), "a closed journal takes nothing");
        let scan = rig.scan().expect("no corruption").expect("segments");
        assert_eq!(scan.torn, None);
        assert_eq!(scan.tail.link.epoch.0, round + 1);
        assert_eq!(rig.read(&scan, Filter::All).len(), rig.history.len());
        rig.go_on(scan);
        rig.commit_one();
    }
}

#[test]
fn segments_are_reused_below_every_floor_only() {
    let mut rig = long_journal(5, 60);
    rig.run_jobs();
    let before = rig.log.segments().len();
    assert!(before > 4);
    rig.log.set_floor(PartitionId(0), Position(u64::MAX));
    rig.log.set_floor(PartitionId(1), Position(u64::MAX));
    rig.run_jobs();
    assert_eq!(rig.log.segments().len(), before, "partition 2 still needs its entries");
    rig.log.set_floor(PartitionId(2), Position(u64::MAX));
    rig.run_jobs();
    assert_eq!(rig.log.segments().len(), 1, "the active segment stays");
    let counts = rig.log.counts().segments;
    assert!(counts.recycled >= 1 && counts.recycled + counts.removed == before as u64 - 1, "{counts:?}");
    // Spares, the prepared segment and the active one: all that is left on the disk.
    assert_eq!(rig.disk.bytes(), rig.log.disk_bytes());
    assert!(rig.disk.bytes() <= 4 * rig.settings.segment_bytes);
}

/// The oldest segment has to begin with a batch: the one before the active stays until the active has one.
#[test]
fn a_segment_is_kept_until_the_next_one_holds_a_durable_batch() {
    let mut rig = Rig::new(13);
    rig.run_jobs();
    while rig.log.segments().len() < 3 {
        rig.commit_one();
        rig.run_jobs();
    }
    let active = rig.log.active_segment();
    while rig.log.active_segment() == active {
        rig.finish_write();
        assert!(rig.append(0, 1, &[1; 9_000]) && rig.start_write());
        rig.run_jobs();
    }
    // The first batch of a new segment is in flight, and everything before it is released.
    let held = rig.acknowledged;
    for (partition, floor) in rig.floors.iter_mut().enumerate() {
        *floor = rig.history[..held].iter().map(|entry| entry.frame.end().0).max().unwrap_or(0);
        rig.log.set_floor(PartitionId(partition as u32), Position(*floor));
    }
    rig.run_jobs();
    rig.in_flight = None;
    let scan = rig.scan().expect("a crash is no corruption").expect("segments");
    assert_eq!(scan.torn, None);
    rig.go_on(scan);
    rig.commit_one();
}

#[test]
fn a_vote_outlives_its_segment_and_holds_none() {
    let mut rig = Rig::new(14);
    rig.run_jobs();
    rig.commit_one();
    assert!(rig.vote(1) && rig.vote(2));
    let voted = rig.log.raft_state(PartitionId(2)).expect("known").clone();
    while rig.log.segments().len() < 5 {
        rig.commit_one();
        rig.run_jobs();
    }
    // Partition 2 has nothing but its vote.
    rig.floors = vec![0, rig.next_position[1], 0];
    rig.log.set_floor(PartitionId(1), Position(rig.floors[1]));
    rig.run_jobs();
    assert_eq!(rig.log.segments().len(), 1, "votes keep no segment");
    for _ in 0..3 {
        let scan = rig.scan().expect("no corruption").expect("segments");
        assert_eq!(rig::raft_state(Some(&scan), 2), voted);
        rig.check_recovered(&scan);
        rig.go_on(scan);
    }
}

#[test]
fn a_full_disk_is_a_state_that_ends_by_itself() {
    let mut rig = Rig::new(11);
    rig.run_jobs();
    rig.disk.bytes_max = Some(rig.disk.bytes());
    let mut committed_while_full = 0;
    let stalled = loop {
        rig.run_jobs();
        if !rig.append(0, 1, &[7; 8_000]) {
            break true;
        }
        if rig.start_write() {
            rig.finish_write();
            committed_while_full += usize::from(rig.is_full());
        }
    };
    assert!(stalled && rig.is_full() && !rig.log.accepts());
    assert!(rig.log.space().1.is_some(), "the cause is named");
    assert!(committed_while_full > 10, "{committed_while_full} commits from the reserve");
    // A retry alone changes nothing, space does.
    rig.log.retry_space();
    rig.run_jobs();
    assert!(rig.is_full());
    rig.disk.bytes_max = None;
    assert!(rig.log.wants_retry());
    rig.log.retry_space();
    rig.run_jobs();
    assert_eq!(rig.log.space(), (Space::Enough, None));
    assert!(rig.start_write());
    rig.finish_write();
    assert!(rig.log.accepts());
    assert_eq!(rig.log.committed(), rig.log.appended());
}

#[test]
fn a_full_disk_ends_when_a_floor_rises() {
    let mut rig = Rig::new(12);
    rig.run_jobs();
    rig.disk.bytes_max = Some(rig.disk.bytes() + rig.settings.segment_bytes);
    while rig.append(0, 1, &[7; 8_000]) {
        rig.run_jobs();
        rig.start_write();
        rig.finish_write();
    }
    assert!(rig.is_full());
    rig.floors[0] = rig.history[rig.acknowledged - 1].frame.end().0;
    rig.log.set_floor(PartitionId(0), Position(rig.floors[0]));
    rig.run_jobs();
    assert_eq!(rig.log.space().0, Space::Enough);
    assert!(rig.start_write());
    rig.finish_write();
    rig.crash();
}

/// Whatever job finds no descriptor, it is done once there is one.
#[test]
fn a_job_that_was_not_done_is_a_state_that_ends_by_itself() {
    let mut rig = Rig::new(15);
    for round in 0..40 {
        rig.disk.job_failures.push_back(std::io::ErrorKind::Other);
        let active = rig.log.active_segment();
        let mut was_failing = false;
        while rig.log.active_segment() == active {
            rig.run_jobs();
            was_failing |= rig.log.space().0 == Space::Failing;
            if rig.log.wants_retry() {
                rig.log.retry_space();
            }
            rig.append(0, 1, &[round; 8_000]);
            rig.start_write();
            rig.finish_write();
            rig.floors[0] = rig.history[..rig.acknowledged].last().expect("entries").frame.end().0;
            rig.log.set_floor(PartitionId(0), Position(rig.floors[0]));
        }
        assert!(was_failing, "round {round}");
    }
    rig.run_jobs();
    assert_eq!(rig.log.space(), (Space::Enough, None));
    assert!(rig.log.counts().segments.recycled > 20);
    rig.crash();
}

#[test]
fn a_failed_write_stops_the_journal_for_good() {
    for result in [Err(std::io::Error::other("device error")), Ok(512)] {
        let mut rig = long_journal(9, 4);
        assert!(rig.append(1, 1, b"doomed"));
        while !rig.start_write() {
            rig.run_job();
        }
        let place = rig.batches.last().expect("submitted").place;
        let request = rig.in_flight.take().expect("in flight");
        let error = rig.log.write_done(result, request.buffer).expect_err("the write failed");
        let text = error.to_string();
        assert!(text.contains(&ringbolt_journal::segment_file_name(place.segment)), "{text}");
        assert!(text.contains(&format!("offset {}", place.offset)), "{text}");
        assert!(rig.log.failure().is_some() && !rig.log.accepts());
        assert!(rig.log.next_write().is_none() && rig.log.next_job().is_none());
        let frame = rig::frame(1, 1, 1, 1);
        assert!(matches!(rig.log.append(&frame, &[]), Err(ringbolt_journal::Error::Failed(_))));
    }
}
