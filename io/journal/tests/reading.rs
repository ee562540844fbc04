//! Reading entries back: by partition and position, over several journals, while the journal is written.

mod rig;

use rig::{Appended, Rig, long_journal, read_all, settings};
use ringbolt_journal::memory::MemoryDisk;
use ringbolt_journal::{
    BatchSequence, CommitMark, EntryStream, Epoch, Error, Filter, JournalId, Log, PartitionId, Position,
    Resume, SegmentFile, SegmentSource, TailReader, scan,
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

/// A journal of its own on a disk of its own, with one committed entry per given position.
struct Other {
    disk: MemoryDisk,
    journal: JournalId,
}

impl Other {
    fn new(journal: u128) -> Self {
        Self { disk: MemoryDisk::new(), journal: JournalId(journal) }
    }

    /// One run of the data directory: opens in `epoch`, appends records at `positions`, ends without closing.
    fn run(&mut self, epoch: u64, positions: std::ops::Range<u64>) {
        let scan = scan(&mut self.disk, self.journal).expect("no corruption");
        let name = String::from("journal");
        let spares = self.disk.clean_spares(settings().segment_bytes);
        let resume = Resume { name, journal: self.journal, epoch: Epoch(epoch), scan, spares };
        let mut log = Log::resume(&settings(), resume).expect("settings");
        self.disk.start(&log).expect("the files are there");
        for position in positions {
            log.append(&rig::frame(1, position, 1), &[&position.to_le_bytes()]).expect("room");
            while log.committed() < log.appended() {
                if let Some(request) = log.next_write() {
                    let written = self.disk.write(&request);
                    log.write_done(written, request.buffer).expect("written");
                } else {
                    let job = log.next_job().expect("a job");
                    log.job_done(self.disk.run(job)).expect("done");
                }
            }
        }
    }
}

#[test]
fn a_partition_that_moved_between_journals_reads_in_order() {
    let (mut one, mut two) = (Other::new(1), Other::new(2));
    one.run(1, 1..30);
    two.run(2, 30..45);
    one.run(3, 45..90);
    two.run(4, 90..91);
    let journals: Vec<_> = [&mut two, &mut one]
        .into_iter()
        .map(|other| {
            let scan = scan(&mut other.disk, other.journal).expect("no corruption").expect("segments");
            (other.disk.clone(), other.journal, scan)
        })
        .collect();
    for from in [1, 20, 44, 60, 90] {
        let filter = Filter::partition(PartitionId(1), Position(from));
        let mut stream = EntryStream::new(journals.clone(), filter);
        for position in from..91 {
            let entry = stream.next_entry().expect("readable").expect("an entry");
            assert_eq!(entry.frame.position, Position(position));
            assert_eq!(entry.payload(), position.to_le_bytes());
        }
        assert!(stream.next_entry().expect("readable").is_none());
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
