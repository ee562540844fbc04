//! Reading entries back: by partition and position, and while the journal is written.

mod rig;

use rig::{Appended, Rig, long_journal, read_all};
use ringbolt_journal::memory::MemoryDisk;
use ringbolt_journal::{
    BatchSequence, CommitMark, Error, Filter, PartitionId, Position, SegmentFile, SegmentSource, TailReader,
};

#[test]
fn a_filter_gives_each_partition_from_its_position() {
    let mut rig = long_journal(31, 60);
    let scan = rig.scan().expect("no corruption").expect("segments");
    assert_eq!(read_all(&rig.disk, &scan, Filter::All), rig.history);
    for partition in 0..rig::PARTITIONS {
        for from in [0, 1, 2, 17, 40, 1_000_000] {
            let filter = Filter::partition(PartitionId(partition), Position(from));
            let admitted = |entry: &&Appended| {
                entry.frame.partition.0 == partition && entry.frame.reaches(Position(from))
            };
            let expected: Vec<Appended> = rig.history.iter().filter(admitted).cloned().collect();
            assert_eq!(read_all(&rig.disk, &scan, filter), expected, "partition {partition} from {from}");
        }
    }
}

/// Shares the disk of a running rig by copying it before each look.
struct Follower {
    reader: TailReader<MemoryDisk>,
    mark: CommitMark,
}

#[test]
fn a_tail_reader_sees_what_is_committed_and_nothing_else() {
    // The reader works on the rig's own disk; a snapshot per look stands for another thread's view.
    let mut rig = Rig::new(77);
    let mark = CommitMark::default();
    let mut seen = 0;
    for _ in 0..120 {
        for _ in 0..rig.rng.below(20) {
            match rig.rng.below(8) {
                0..=4 => {
                    rig.append_random();
                }
                5 => {
                    rig.start_write();
                }
                6 => rig.finish_write(),
                _ => {
                    rig.run_job();
                }
            }
        }
        // A write in flight may be on the disk, whole or in part, before it is acknowledged.
        if let Some(request) = &rig.in_flight {
            let mut rng = rig.rng.clone();
            rig.disk.write_sectors(request, |_| rng.one_in(2)).expect("inside");
        }
        let written = rig.batches.len() - usize::from(rig.in_flight.is_some());
        mark.publish(BatchSequence(written as u64));
        let segments = vec![rig.disk.segments().expect("listed")[0]];
        let filter = Filter::All;
        let reader = TailReader::new(rig.disk.clone(), rig::JOURNAL, segments, BatchSequence(0), filter);
        let mut follower = Follower { reader, mark: CommitMark::default() };
        follower.mark.publish(BatchSequence(written as u64 / 2));
        let mut found = Vec::new();
        drain(&mut follower, &mut found);
        let half = found.len();
        follower.mark.publish(mark.get());
        drain(&mut follower, &mut found);
        assert!(half <= found.len());
        assert_eq!(found[..], rig.history[..rig.acknowledged]);
        seen += found.len();
    }
    assert!(seen > 1_000, "{seen} entries were seen");
}

fn drain(follower: &mut Follower, found: &mut Vec<Appended>) {
    while let Some(entry) = follower.reader.next_entry(&follower.mark).expect("committed entries are there") {
        found.push(Appended { frame: entry.frame, payload: entry.payload().to_vec() });
    }
}

#[test]
fn a_reader_that_was_overtaken_is_told_of_the_gap() {
    let mut rig = long_journal(5, 30);
    rig.run_jobs();
    let first: Vec<SegmentFile> = vec![rig.disk.segments().expect("listed")[0]];
    for partition in 0..rig::PARTITIONS {
        rig.log.set_floor(PartitionId(partition), Position(u64::MAX));
    }
    rig.run_jobs();
    let mark = CommitMark::default();
    mark.publish(BatchSequence(rig.batches.len() as u64));
    let mut reader = TailReader::new(rig.disk.clone(), rig::JOURNAL, first, BatchSequence(0), Filter::All);
    match reader.next_entry(&mark) {
        Err(Error::Gap { file, offset: 0 }) => assert_eq!(file, "segment-0000000000000001.log"),
        other => panic!("{other:?}"),
    }
}
