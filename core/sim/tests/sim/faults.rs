//! One fault at a time: what must stop does, what must go on does, and every message says where.

use crate::rig::{FIRST, activate, complete, create, is_stopped, jobs_in_hand, world};
use ringbolt_journal::{Error, Place, segment_file_name};
use ringbolt_partition::{Answer, Refusal};
use ringbolt_record::{PartitionId, Reply};
use ringbolt_sim::{Random, RecoverError, Tear, World, WriteFault};
use ringbolt_store::{CheckpointError, TableId};

/// Seeds of each test.
const SEEDS: u64 = 40;

#[test]
fn a_failed_write_stops_the_node_and_a_restart_brings_all_acknowledged_back() {
    for seed in 0..SEEDS {
        let tears = [Tear::Nothing, Tear::Whole, Tear::Before(3), Tear::From(2)];
        let failed = tears.into_iter().map(WriteFault::Failed).chain([WriteFault::Short]);
        for fault in failed {
            let mut world = world(seed, |_| {});
            let waiting = [create(&mut world), create(&mut world)];
            world.start_write_when_prepared();
            let later = create(&mut world);
            world.finish_write(Some(fault));
            let cause = world.stopped().expect("a failed write stops the node").to_owned();
            assert!(cause.contains("segment-") && cause.contains("offset"), "{cause}");
            for request in waiting.into_iter().chain([later]) {
                assert!(is_stopped(world.answer(request)), "{fault:?}: {:?}", world.answer(request));
            }
            assert_eq!(world.waiting(), 0, "nobody is left waiting");
            let after = [create(&mut world), activate(&mut world, 1)];
            assert!(after.iter().all(|request| is_stopped(world.answer(*request))), "it stays stopped");
            let pushes = world.report().pushes;
            world.run_background(30);
            world.run_commands(10);
            assert_eq!(world.report().pushes, pushes, "nothing leaves a stopped node");
            world.crash(Tear::Nothing);
            world.restart().expect("what is on the disk is sound");
            world.run_commands(10);
            world.drain();
        }
    }
}

#[test]
fn a_failed_checkpoint_stops_its_partition_alone() {
    for seed in 0..SEEDS {
        let mut world = world(seed, |settings| settings.partitions = 2);
        create(&mut world);
        world.drain();
        let failure = CheckpointError::Failed("sync: input/output error".to_owned());
        world.disks().store(FIRST).fail_next_checkpoint(failure);
        world.checkpoint(FIRST);
        world.drain();
        let cause = world.stopped().expect("it stops").to_owned();
        assert!(cause.contains("checkpoint") && cause.contains("input/output error"), "{cause}");
        let request = create(&mut world);
        assert!(is_stopped(world.answer(request)));
        let other = world.watch(
            PartitionId(2),
            ringbolt_record::Command::ResolveIncident {
                incident_key: ringbolt_record::Key::new(PartitionId(2), 1),
            },
        );
        assert!(matches!(world.answer(other), Some(Answer::Rejection(_))), "{:?}", world.answer(other));
        world.crash(Tear::Nothing);
        world.restart().expect("the state before the checkpoint and the log are sound");
        world.drain();
    }
}

#[test]
fn a_checkpoint_without_space_is_tried_again() {
    for seed in 0..SEEDS {
        let mut world = world(seed, |settings| settings.checkpoints.log_bytes = 1 << 30);
        let before = world.report();
        for _ in 0..2 {
            let failure = CheckpointError::DiskFull("no space left on device".to_owned());
            world.disks().store(FIRST).fail_next_checkpoint(failure);
        }
        world.checkpoint(FIRST);
        for _ in 0..4 {
            world.drain();
            world.advance_clock(100);
        }
        let after = world.report();
        assert_eq!(after.checkpoints_without_space, before.checkpoints_without_space + 2);
        assert!(after.checkpoints > before.checkpoints, "{after:?}");
        assert!(world.stopped().is_none());
        world.run_commands(20);
        world.drain();
    }
}

#[test]
fn a_full_disk_refuses_new_work_completes_old_and_recovers() {
    for seed in 0..SEEDS {
        // A checkpoint would free log and end the fullness by itself.
        let mut world = world(seed, |settings| {
            settings.checkpoints.log_bytes = 1 << 30;
            settings.with_checkpoints = false;
        });
        let mut jobs = jobs_in_hand(&mut world, 8);
        assert!(!jobs.is_empty());
        world.set_disk_full(true);
        let mut created = 0;
        loop {
            let request = create(&mut world);
            world.run_background(40);
            match world.answer(request) {
                Some(Answer::Refusal(Refusal::DiskFull { .. })) => break,
                Some(Answer::Reply(_)) | None => created += 1,
                other => panic!("{other:?}"),
            }
            assert!(created < 500, "a full disk is noticed");
        }
        let job = jobs.pop().expect("a job");
        let request = complete(&mut world, job);
        world.run_background(200);
        assert_eq!(world.answer(request), Some(&Answer::Reply(Reply::Done)), "work in progress goes on");
        assert!(world.stopped().is_none());
        world.set_disk_full(false);
        world.drain();
        let request = create(&mut world);
        world.drain();
        let tail = world.trace_tail();
        assert!(matches!(world.answer(request), Some(Answer::Reply(_))), "seed {seed}:\n{tail}");
    }
}

/// The file and offset that a start's refusal names.
fn refusal(world: &mut World) -> (String, u64, String) {
    match world.restart() {
        Err(RecoverError::Journal(Error::Corrupt(corruption))) => {
            (corruption.file.clone(), corruption.offset, corruption.to_string())
        }
        other => panic!("damage was not noticed: {other:?}"),
    }
}

#[test]
fn a_misdirected_write_is_noticed_and_named() {
    let mut random = Random::new(7);
    for seed in 0..SEEDS * 5 {
        let mut world = world(seed, |settings| settings.checkpoints.log_bytes = 1 << 30);
        jobs_in_hand(&mut world, 3);
        create(&mut world);
        world.start_write_when_prepared();
        let batches = world.batches();
        let (meant, length) = *batches.last().expect("it was just started");
        let to = target(&mut random, &batches, meant, length);
        world.finish_write(Some(WriteFault::Misdirected(to)));
        for _ in 0..random.below(3) {
            create(&mut world);
            world.write_all();
        }
        world.crash(Tear::Nothing);
        let (file, offset, text) = refusal(&mut world);
        let named = [meant, to].into_iter().any(|place| {
            file == format!("journal-0/{}", segment_file_name(place.segment)) && offset == place.offset
        });
        assert!(named, "meant for {meant:?}, went to {to:?}: {text}");
    }
}

/// Another place for a batch: over an older one, or somewhere behind the end.
fn target(random: &mut Random, batches: &[(Place, usize)], meant: Place, length: usize) -> Place {
    let older = &batches[..batches.len() - 1];
    let fits = |place: &Place| place.offset + length as u64 <= 32 << 10;
    if random.one_in(2)
        && let Some((place, _)) = random.choose(older).filter(|(place, _)| fits(place))
    {
        return *place;
    }
    let ahead = Place { offset: meant.offset + 4096 * (1 + random.below(3)), ..meant };
    if fits(&ahead) { ahead } else { older.last().expect("there are older batches").0 }
}

#[test]
fn rot_in_a_committed_batch_is_noticed_and_named() {
    let mut random = Random::new(11);
    for seed in 0..SEEDS * 5 {
        let mut world = world(seed, |settings| settings.checkpoints.log_bytes = 1 << 30);
        jobs_in_hand(&mut world, 3);
        let batches = world.batches();
        // Rot in the very last batch looks like a torn write; nothing that a disk alone can tell apart.
        let (place, length) = batches[random.index(batches.len() - 1)];
        let at = Place { offset: place.offset + random.below(length as u64), ..place };
        world.crash(Tear::Nothing);
        let bit = random.below(8);
        world.disks().with_journal(|journal| {
            journal.bytes_at(at, 1).expect("the batch is there")[0] ^= 1 << bit;
        });
        let (file, offset, text) = refusal(&mut world);
        let expected = format!("journal-0/{}", segment_file_name(place.segment));
        assert_eq!((file, offset), (expected, place.offset), "rot at {at:?}: {text}");
    }
}

/// The tables' numbers of jobs.
const JOBS: TableId = TableId(8);

#[test]
fn rot_in_a_jobs_row_stops_the_partition_and_names_the_row() {
    for seed in 0..SEEDS {
        let mut world = world(seed, |settings| settings.compares_states = false);
        let jobs = jobs_in_hand(&mut world, 2);
        world.drain();
        world.checkpoint(FIRST);
        world.drain();
        world.crash(Tear::Nothing);
        let key = jobs[0].0.to_be_bytes();
        assert!(world.disks().store(FIRST).corrupt(JOBS, &key, seed as usize % 12), "the row is in the base");
        world.restart().expect("nothing has read the row yet");
        let before = create(&mut world);
        let request = complete(&mut world, jobs[0]);
        let cause = world.stopped().expect("it stops").to_owned();
        assert!(is_stopped(world.answer(request)) && is_stopped(world.answer(before)));
        let named: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(cause.contains(&format!("state table 8 key 0x{named}")), "{cause}");
        assert_eq!(world.waiting(), 0);
    }
}

#[test]
fn rot_in_any_row_is_never_answered_from() {
    let mut stopped = 0;
    for seed in 0..SEEDS * 5 {
        let mut random = Random::new(seed);
        let mut world = world(seed, |settings| settings.compares_states = false);
        world.checkpoint(FIRST);
        world.drain();
        world.crash(Tear::Nothing);
        let store = world.disks().store(FIRST);
        let rows: Vec<(TableId, Vec<u8>)> =
            store.open().dump().map(|(table, key, _)| (table, key.to_vec())).collect();
        let Some((table, key)) = random.choose(&rows) else { continue };
        assert!(store.corrupt(*table, key, random.index(8)));
        let named: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let named = format!("state table {} key 0x{named}", table.0);
        match world.restart() {
            Ok(()) => {}
            Err(RecoverError::Partition(error)) => {
                assert!(error.to_string().contains(&named), "{error} does not name {named}");
                stopped += 1;
                continue;
            }
            Err(other) => panic!("{other}"),
        }
        world.run_commands(60);
        world.run_background(50);
        if let Some(cause) = world.stopped() {
            assert!(cause.contains(&named), "{cause} does not name {named}");
            stopped += 1;
        }
    }
    assert!(stopped > SEEDS, "{stopped} rotten rows were met");
}
