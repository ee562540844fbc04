//! Named readers on a disk in memory: order, gaps, spills, positions, and that nothing is released under a read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use ringbolt_journal::memory::MemoryDisk;
use ringbolt_journal::{
    BatchSequence, Chunk, ChunkItem, CommitIndex, CommitMark, EntryFrame, EntryKind, Epoch, Error, Extent,
    Filter, Gap, JournalId, JournalReader, Log, LogSource, PartitionId, PartitionReader, Place, Position,
    RaftIndex, ReadState, ReaderFiles, Resume, SegmentFile, SegmentSequence, SegmentSource, Settings,
    SpillSummary, Spiller, TailReader, Term,
};

const JOURNAL: JournalId = JournalId(7);
const PARTITION: PartitionId = PartitionId(1);
const SPILL_BYTES: u64 = 20 << 10;

#[derive(Clone)]
struct Disk(Rc<RefCell<MemoryDisk>>, Rc<RefCell<Remembered>>);

/// Batches that are in memory because they were written a moment ago.
#[derive(Default)]
struct Remembered {
    batches: BTreeMap<Place, Arc<[u8]>>,
    /// Each so many batches one is.
    each: u64,
    written: u64,
}

impl SegmentSource for Disk {
    fn segments(&mut self) -> io::Result<Vec<SegmentFile>> {
        self.0.borrow_mut().segments()
    }
    fn extent(&mut self) -> Result<Extent, Error> {
        self.0.borrow_mut().extent()
    }
    fn read_at(&mut self, segment: SegmentSequence, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.0.borrow_mut().read_at(segment, offset, into)
    }
    fn written(&self, place: Place) -> Option<Arc<[u8]>> {
        self.1.borrow().batches.get(&place).cloned()
    }
    fn name(&self, segment: SegmentSequence) -> String {
        self.0.borrow().name(segment)
    }
}

#[derive(Clone)]
struct Source {
    disk: Disk,
    mark: Arc<CommitMark>,
    commit: Arc<CommitIndex>,
    lost: Range<Position>,
}

impl LogSource for Source {
    type Source = Disk;
    fn open(&self, from: Position) -> JournalReader<Disk> {
        let segments = self.disk.clone().segments().expect("listed");
        let filter = Filter::partition(PARTITION, from);
        let tail = TailReader::new(self.disk.clone(), JOURNAL, segments, BatchSequence(0), filter);
        JournalReader::new(None, tail, self.mark.clone(), PARTITION, self.commit.clone())
    }
    fn lost(&self) -> Range<Position> {
        self.lost.clone()
    }
}

/// A reader's files in memory.
#[derive(Clone, Default)]
struct Files(Rc<RefCell<Kept>>);

#[derive(Default)]
struct Kept {
    spills: BTreeMap<SpillSummary, Vec<u8>>,
    position: Option<Vec<u8>>,
    is_full: bool,
}

impl ReaderFiles for Files {
    fn spills(&mut self) -> io::Result<Vec<SpillSummary>> {
        Ok(self.0.borrow().spills.keys().copied().collect())
    }
    fn write_spill(&mut self, spill: &SpillSummary, bytes: &[u8]) -> io::Result<()> {
        if self.0.borrow().is_full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.borrow_mut().spills.insert(*spill, bytes.to_vec());
        Ok(())
    }
    fn read_spill(&mut self, spill: &SpillSummary) -> io::Result<Vec<u8>> {
        self.0.borrow().spills.get(spill).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    fn remove_spill(&mut self, spill: &SpillSummary) -> io::Result<()> {
        self.0.borrow_mut().spills.remove(spill);
        Ok(())
    }
    fn position(&mut self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.borrow().position.clone())
    }
    fn write_position(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().position = Some(bytes.to_vec());
        Ok(())
    }
    fn name(&self, _spill: Option<&SpillSummary>) -> String {
        "files in memory".to_owned()
    }
}

struct Rig {
    disk: Disk,
    mark: Arc<CommitMark>,
    files: Files,
    log: Log,
    next: u64,
    /// The index of the last entry.
    index: u64,
    /// Whether what is durable is committed, as without a group.
    is_alone: bool,
    /// Positions that were in no log at the start.
    lost: Range<Position>,
}

impl Rig {
    fn new() -> Self {
        let settings = Settings {
            segment_bytes: 64 << 10,
            first_segment_bytes: 16 << 10,
            batch_bytes_max: 32 << 10,
            spare_segments_max: 4,
        };
        let resume = Resume {
            name: "journal".to_owned(),
            journal: JOURNAL,
            epoch: Epoch(1),
            scan: None,
            spares: Vec::new(),
            partitions: Vec::new(),
        };
        let log = Log::resume(&settings, resume).expect("settings");
        let disk = Disk(Rc::new(RefCell::new(MemoryDisk::new())), Rc::default());
        let mut rig = Self {
            disk,
            mark: Arc::default(),
            files: Files::default(),
            log,
            next: 1,
            index: 0,
            is_alone: true,
            lost: Position(0)..Position(0),
        };
        rig.write();
        rig
    }

    fn source(&mut self) -> Source {
        let commit = self.log.commit_index(PARTITION);
        Source { disk: self.disk.clone(), mark: self.mark.clone(), commit, lost: self.lost.clone() }
    }

    fn reader(&mut self) -> PartitionReader<Files, Source> {
        PartitionReader::open(PARTITION, self.files.clone(), self.source())
    }

    fn spiller(&mut self, reader: &PartitionReader<Files, Source>) -> Spiller<Files, Source> {
        Spiller::new(PARTITION, self.files.clone(), reader.hold(), self.source(), SPILL_BYTES)
    }

    /// Appends entries of two records each to the partition, and as many to another one.
    fn append(&mut self, entries: u64) {
        for _ in 0..entries {
            self.index += 1;
            for partition in [PARTITION, PartitionId(2)] {
                let position = Position(self.next);
                let (kind, index, term) = (EntryKind::Records, RaftIndex(self.index), Term(1));
                let frame = EntryFrame { kind, partition, index, term, position, record_count: 2 };
                self.log.append(&frame, &[&[self.next as u8; 900]]).expect("has room");
            }
            self.next += 2;
            if self.next % 16 == 1 {
                self.write();
            }
        }
        self.write();
    }

    /// Runs writes and file jobs until nothing is left to do.
    fn write(&mut self) {
        loop {
            if let Some(request) = self.log.next_write() {
                let mut remembered = self.disk.1.borrow_mut();
                remembered.written += 1;
                if remembered.each > 0 && remembered.written.is_multiple_of(remembered.each) {
                    remembered.batches.insert(request.place, request.buffer[..].into());
                }
                drop(remembered);
                let result = self.disk.0.borrow_mut().write(&request);
                let commit = self.log.write_done(result, request.buffer).expect("written");
                self.mark.publish(commit.batch);
            } else if let Some(job) = self.log.next_job() {
                let result = self.disk.0.borrow_mut().run(job);
                self.log.job_done(result).expect("done");
            } else {
                break;
            }
        }
        if self.is_alone {
            self.log.commit(PARTITION, RaftIndex(self.index));
        }
    }

    /// Releases the log below a position, for both partitions.
    fn release(&mut self, floor: Position) {
        for partition in [PARTITION, PartitionId(2)] {
            self.log.set_floor(partition, floor);
        }
        self.write();
    }
}

/// Reads all there is: ranges of positions seen, and gaps.
fn read_all(reader: &mut PartitionReader<Files, Source>) -> (Vec<(u64, u64)>, Vec<Gap>, ReadState) {
    let (mut seen, mut gaps, mut chunk): (Vec<(u64, u64)>, _, _) = (Vec::new(), Vec::new(), Chunk::default());
    loop {
        chunk.clear();
        let state = reader.read(&mut chunk, 10_000).expect("readable");
        for item in chunk.items() {
            match item {
                ChunkItem::Gap(gap) => gaps.push(gap),
                ChunkItem::Entry(entry) => {
                    let (first, end) = (entry.frame.position.0, entry.frame.end().0);
                    assert!(entry.payload().iter().all(|byte| *byte == first as u8), "the entry's own bytes");
                    match seen.last_mut() {
                        Some((_, last)) if *last == first => *last = end,
                        _ => seen.push((first, end)),
                    }
                }
            }
        }
        match state {
            ReadState::More | ReadState::DamagedSpill(_) => {}
            ReadState::CaughtUp | ReadState::Detached => return (seen, gaps, state),
        }
    }
}

#[test]
fn a_reader_sees_every_entry_once_and_goes_on_behind_its_acknowledgement() {
    let mut rig = Rig::new();
    let mut reader = rig.reader();
    rig.append(100);
    assert_eq!(read_all(&mut reader).0, [(1, 201)]);
    rig.append(5);
    assert_eq!(read_all(&mut reader).0, [(201, 211)]);
    reader.acknowledge(Position(201)).expect("kept");
    drop(reader);
    let mut reader = rig.reader();
    assert_eq!(read_all(&mut reader).0, [(201, 211)]);
    reader.seek(Position(205));
    assert_eq!(read_all(&mut reader).0, [(205, 211)]);
}

/// What is in memory is given out as what is read from the disk, in any order of both, and counts as bytes of the chunk too.
#[test]
fn batches_that_are_in_memory_are_read_like_others() {
    for each in [1, 2, 3] {
        let mut rig = Rig::new();
        rig.disk.1.borrow_mut().each = each;
        let mut reader = rig.reader();
        rig.append(100);
        assert_eq!(read_all(&mut reader).0, [(1, 201)]);
        let mut chunk = Chunk::default();
        reader.seek(Position(1));
        assert!(matches!(reader.read(&mut chunk, 10_000), Ok(ReadState::More)));
        let bytes: usize = chunk
            .items()
            .map(|item| match item {
                ChunkItem::Entry(entry) => entry.bytes().len(),
                ChunkItem::Gap(_) => 0,
            })
            .sum();
        assert_eq!(chunk.bytes(), bytes);
        assert!((10_000..11_000).contains(&bytes), "{bytes}");
        chunk.clear();
        assert_eq!((chunk.bytes(), chunk.items().count()), (0, 0));
    }
}

#[test]
fn what_a_reader_holds_is_counted_by_segments_whoever_fills_them() {
    let mut rig = Rig::new();
    let reader = rig.reader();
    let hold = reader.hold();
    assert_eq!(rig.log.held_bytes(PARTITION, hold.view().expect("free").floor), 0);
    rig.append(200);
    let held = rig.log.held_bytes(PARTITION, Position(1));
    let all: u64 = rig.log.segments().map(|segment| segment.bytes).sum();
    assert_eq!(held, all - (64 << 10), "all but the active segment");
    assert!(rig.log.held_bytes(PARTITION, Position(200)) < held);
    assert_eq!(rig.log.held_bytes(PARTITION, Position(401)), 0);
    assert_eq!(rig.log.held_bytes(PartitionId(9), Position(1)), 0);
}

#[test]
fn spills_free_the_log_and_come_first_and_survive_a_restart() {
    let mut rig = Rig::new();
    let reader = rig.reader();
    let mut spiller = rig.spiller(&reader);
    rig.append(200);
    let before = rig.log.segments().count();
    for _ in 0..4 {
        spiller.run().expect("written").expect("something");
    }
    let view = reader.hold().view().expect("free");
    assert!(view.floor > Position(60) && view.spill_bytes >= 4 * SPILL_BYTES, "{view:?}");
    rig.release(view.floor);
    assert!(rig.log.segments().count() < before, "the log is shorter");
    drop((reader, spiller));
    let mut reader = rig.reader();
    assert_eq!(reader.hold().view().map(|again| again.floor), Some(view.floor));
    let (seen, gaps, _) = read_all(&mut reader);
    assert_eq!((seen, gaps), (vec![(1, 401)], vec![]));
    reader.acknowledge(Position(401)).expect("kept");
    assert!(rig.files.0.borrow().spills.is_empty(), "spills go with their acknowledgement");
}

#[test]
fn a_reader_reads_on_while_the_log_goes_behind_it() {
    let mut rig = Rig::new();
    let mut reader = rig.reader();
    for round in 0..40 {
        rig.append(20);
        let (seen, gaps, _) = read_all(&mut reader);
        assert_eq!((seen, gaps), (vec![(1 + 40 * round, 41 + 40 * round)], vec![]));
        reader.acknowledge(reader.next()).expect("kept");
        rig.release(reader.hold().view().expect("free").floor);
    }
    assert!(rig.log.counts().segments.recycled > 5, "segments were used again under the reader");
}

#[test]
fn a_detached_reader_gets_its_spills_then_one_gap_then_the_log() {
    let mut rig = Rig::new();
    let mut reader = rig.reader();
    let mut spiller = rig.spiller(&reader);
    rig.append(100);
    let spill = spiller.run().expect("written").expect("something");
    assert!(reader.hold().detach(), "nobody reads");
    rig.release(Position(201));
    rig.append(100);
    rig.release(Position(301));
    let (seen, gaps, state) = read_all(&mut reader);
    assert_eq!((seen, gaps), (vec![(1, spill.end.0)], vec![]));
    assert!(matches!(state, ReadState::Detached), "{state:?}");
    assert!(reader.hold().view().expect("free").wants_log);
    assert!(reader.hold().attach(Position(301)), "nobody reads");
    rig.append(10);
    let (seen, gaps, _) = read_all(&mut reader);
    assert_eq!(gaps, [Gap { from: spill.end, to: Position(300) }]);
    assert_eq!(seen, [(301, 421)]);
    // After a crash in the middle of it the gap is found again from what is there.
    let mut again = rig.reader();
    let (seen, gaps, _) = read_all(&mut again);
    assert_eq!(
        seen.iter().map(|(first, end)| end - first).sum::<u64>()
            + gaps.iter().map(|gap| gap.to.0 + 1 - gap.from.0).sum::<u64>(),
        420
    );
    assert_eq!((seen[0].0, seen.len(), gaps.len()), (1, 2, 1));
}

#[test]
fn a_damaged_spill_is_a_gap_and_a_full_disk_leaves_everything_as_it_was() {
    let mut rig = Rig::new();
    let mut reader = rig.reader();
    let mut spiller = rig.spiller(&reader);
    rig.append(100);
    rig.files.0.borrow_mut().is_full = true;
    let before = reader.hold().view();
    assert!(spiller.run().is_err());
    assert_eq!(reader.hold().view(), before);
    rig.files.0.borrow_mut().is_full = false;
    let first = spiller.run().expect("written").expect("something");
    let second = spiller.run().expect("written").expect("something");
    assert_eq!(first.end, second.first);
    rig.files.0.borrow_mut().spills.get_mut(&second).expect("kept")[200] ^= 1;
    let (seen, gaps, _) = read_all(&mut reader);
    assert_eq!(gaps, [Gap { from: second.first, to: Position(second.end.0 - 1) }]);
    assert_eq!(seen, [(1, first.end.0), (second.end.0, 201)]);
}

#[test]
fn what_is_durable_but_not_committed_reaches_neither_reader_nor_spill() {
    let mut rig = Rig::new();
    rig.is_alone = false;
    rig.append(30);
    let mut reader = rig.reader();
    assert!(
        matches!(read_all(&mut reader), (seen, gaps, ReadState::CaughtUp) if seen.is_empty() && gaps.is_empty())
    );
    assert_eq!(rig.spiller(&reader).run().expect("nothing to copy"), None);
    // The quorum comes later, and in parts.
    rig.log.commit(PARTITION, RaftIndex(11));
    assert_eq!(read_all(&mut reader).0, [(1, 23)]);
    let copied = rig.spiller(&reader).run().expect("copied").expect("something");
    assert_eq!((copied.first, copied.end), (Position(1), Position(23)));
    assert!(read_all(&mut reader).0.is_empty());
    rig.log.commit(PARTITION, RaftIndex(30));
    assert_eq!(read_all(&mut reader).0, [(23, 61)]);
}

/// Nothing may ever be written behind it that would show the hole.
#[test]
fn what_is_in_no_log_is_a_gap_before_anything_comes_behind_it() {
    let mut rig = Rig::new();
    rig.lost = Position(1)..Position(41);
    let mut reader = rig.reader();
    assert_eq!(read_all(&mut reader).1, [Gap { from: Position(1), to: Position(40) }]);
    assert_eq!((reader.next(), read_all(&mut reader).1), (Position(41), vec![]));
    rig.next = 41;
    rig.append(4);
    let (seen, gaps, _) = read_all(&mut reader);
    assert_eq!((seen, gaps), (vec![(41, 49)], vec![]));
    // Who comes later is told of the same hole.
    let (seen, gaps, _) = read_all(&mut rig.reader());
    assert_eq!((seen, gaps), (vec![(41, 49)], vec![Gap { from: Position(1), to: Position(40) }]));
}

#[test]
fn what_the_log_has_before_a_hole_comes_first_however_late_it_is_committed() {
    let mut rig = Rig::new();
    rig.is_alone = false;
    rig.append(10);
    rig.lost = Position(21)..Position(31);
    let mut reader = rig.reader();
    assert_eq!(read_all(&mut reader).1, []);
    rig.log.commit(PARTITION, RaftIndex(10));
    let (seen, gaps, _) = read_all(&mut reader);
    assert_eq!((seen, gaps), (vec![(1, 21)], vec![Gap { from: Position(21), to: Position(30) }]));
}
