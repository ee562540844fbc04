//! A partition's raft log over several journals: which write of an index counts, what is committed, and what outlives the
//! segments that it was written in.

mod rig;

use rig::settings;
use ringbolt_journal::memory::MemoryDisk;
use ringbolt_journal::{
    EntryFrame, EntryKind, EntryStream, Epoch, Filter, HardState, JournalId, Log, MemberId, Members,
    PartitionId, Position, RaftIndex, RaftState, Resume, Scan, Term, raft_states, scan,
};

const PARTITION: PartitionId = PartitionId(1);
/// Shares the journals, so that segments are kept that PARTITION does not need.
const NEIGHBOR: PartitionId = PartitionId(2);

/// Two journals of one data directory, on a disk each, of one life after the other.
struct Directory {
    disks: [MemoryDisk; 2],
    logs: Vec<Log>,
    epoch: u64,
}

impl Directory {
    /// A first life, in which the partition is written to the first journal.
    fn new() -> Self {
        let mut directory =
            Self { disks: [MemoryDisk::new(), MemoryDisk::new()], logs: Vec::new(), epoch: 0 };
        directory.start(0);
        directory
    }

    /// A start in which the partition is written to one of the journals. What was not flushed is gone.
    fn start(&mut self, owner: usize) {
        self.epoch += 1;
        let states = raft_states(&self.scans());
        self.logs.clear();
        for number in 0..2 {
            let disk = &mut self.disks[number];
            let journal = JournalId(number as u128);
            let scan = scan(disk, journal).expect("no corruption");
            let spares = disk.clean_spares(settings().segment_bytes);
            let state = states.iter().find(|state| state.partition == PARTITION).cloned();
            let state = state.unwrap_or_else(|| RaftState::new(PARTITION));
            let partitions = if number == owner { vec![state] } else { Vec::new() };
            let (name, epoch) = (format!("journal-{number}"), Epoch(self.epoch));
            let resume = Resume { name, journal, epoch, scan, spares, partitions };
            let log = Log::resume(&settings(), resume).expect("settings");
            disk.start(&log).expect("the files are there");
            self.logs.push(log);
            self.flush(number);
        }
    }

    fn flush(&mut self, number: usize) {
        let (log, disk) = (&mut self.logs[number], &mut self.disks[number]);
        while !log.is_open() || log.committed() < log.appended() {
            if let Some(request) = log.next_write() {
                let written = disk.write(&request);
                log.write_done(written, request.buffer).expect("written");
            } else {
                let job = log.next_job().expect("a job");
                log.job_done(disk.run(job)).expect("done");
            }
        }
    }

    /// Entries of one record each, whose payloads say their index and term.
    fn append(&mut self, number: usize, indexes: std::ops::RangeInclusive<u64>, term: u64) {
        for index in indexes {
            let frame = frame(EntryKind::Records, index, term);
            self.logs[number].append(&frame, &[&payload(index, term)]).expect("room");
            self.flush(number);
        }
    }

    fn cut(&mut self, number: usize, from: u64, term: u64) {
        self.logs[number].append(&frame(EntryKind::SuffixCut, from, term), &[]).expect("room");
        self.flush(number);
    }

    /// Moves the partition between the journals of one life.
    fn move_to(&mut self, number: usize) {
        let state = self.logs[1 - number].hand_over(PARTITION).expect("all is durable");
        self.epoch += 1;
        self.logs[number].take_over(state, Epoch(self.epoch)).expect("room");
        self.flush(number);
    }

    /// Fills segments with another partition's entries, and gives up what these floors let go.
    fn roll(&mut self, number: usize, floor: u64, neighbor_floor: u64) {
        for _ in 0..12 {
            let index = self.logs[number].raft_state(NEIGHBOR).map_or(1, |state| state.last.index.0 + 1);
            let frame = EntryFrame { partition: NEIGHBOR, ..frame(EntryKind::Records, index, 1) };
            self.logs[number].append(&frame, &[&[7; 9_000]]).expect("room");
            self.flush(number);
        }
        self.logs[number].set_floor(PARTITION, Position(floor));
        self.logs[number].set_floor(NEIGHBOR, Position(neighbor_floor));
        while let Some(job) = self.logs[number].next_job() {
            self.logs[number].job_done(self.disks[number].run(job)).expect("done");
        }
    }

    fn scans(&mut self) -> Vec<Scan> {
        let scan = |(number, disk): (usize, &mut MemoryDisk)| {
            scan(disk, JournalId(number as u128)).expect("no corruption")
        };
        self.disks.iter_mut().enumerate().filter_map(scan).collect()
    }

    fn journals(&mut self) -> Vec<(MemoryDisk, JournalId, Scan)> {
        let scanned = self.scans().into_iter().enumerate();
        // In whichever order they are named.
        scanned
            .rev()
            .map(|(number, scan)| (self.disks[number].clone(), JournalId(number as u128), scan))
            .collect()
    }

    fn state(&mut self) -> RaftState {
        let states = raft_states(&self.scans());
        states.into_iter().find(|state| state.partition == PARTITION).expect("it was written")
    }

    /// The (index, term) of all committed entries from a position on.
    fn committed(&mut self, from: u64) -> Vec<(u64, u64)> {
        let filter = Filter::partition(PARTITION, Position(from));
        read(EntryStream::new(self.journals(), filter))
    }

    fn uncommitted(&mut self) -> Vec<(u64, u64)> {
        read(EntryStream::uncommitted(self.journals(), PARTITION))
    }
}

fn frame(kind: EntryKind, index: u64, term: u64) -> EntryFrame {
    let record_count = u32::from(kind == EntryKind::Records);
    let (partition, position) = (PARTITION, Position(index));
    EntryFrame { kind, partition, index: RaftIndex(index), term: Term(term), position, record_count }
}

fn payload(index: u64, term: u64) -> [u8; 16] {
    (u128::from(index) << 64 | u128::from(term)).to_le_bytes()
}

fn read(mut stream: EntryStream<MemoryDisk>) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    while let Some(entry) = stream.next_entry().expect("readable") {
        let (index, term) = (entry.frame.index.0, entry.frame.term.0);
        assert_eq!(entry.payload(), payload(index, term));
        found.push((index, term));
    }
    found
}

fn span(indexes: std::ops::RangeInclusive<u64>, term: u64) -> impl Iterator<Item = (u64, u64)> {
    indexes.map(move |index| (index, term))
}

fn runs(state: &RaftState) -> Vec<(u64, u64)> {
    state.terms.runs().iter().map(|run| (run.first.0, run.term.0)).collect()
}

#[test]
fn a_partition_that_moves_within_a_life_and_between_lives_reads_in_the_order_of_its_indexes() {
    let mut directory = Directory::new();
    directory.append(0, 1..=5, 1);
    directory.move_to(1);
    directory.append(1, 6..=9, 1);
    directory.move_to(0);
    directory.append(0, 10..=12, 2);
    directory.start(1);
    directory.append(1, 13..=14, 2);
    directory.move_to(0);
    directory.append(0, 15..=15, 2);
    let all: Vec<(u64, u64)> = span(1..=9, 1).chain(span(10..=15, 2)).collect();
    for from in [1, 5, 6, 9, 10, 13, 15] {
        assert_eq!(directory.committed(from), all[from as usize - 1..], "from {from}");
    }
    let state = directory.state();
    assert_eq!((runs(&state), state.last.index), (vec![(1, 1), (10, 2)], RaftIndex(15)));
    assert!(directory.uncommitted().is_empty(), "alone, what is durable is committed");
}

#[test]
fn what_was_cut_away_is_gone_wherever_it_stands() {
    let mut directory = Directory::new();
    directory.append(0, 1..=8, 3);
    directory.move_to(1);
    // A leader of term 5 has another log, of an older term even.
    directory.cut(1, 6, 5);
    directory.append(1, 6..=7, 2);
    directory.append(1, 8..=8, 5);
    let wanted: Vec<(u64, u64)> = span(1..=5, 3).chain(span(6..=7, 2)).chain(span(8..=8, 5)).collect();
    assert_eq!(directory.committed(1), wanted);
    // Overwriting without a cut is a cut, and what is written twice is there once.
    directory.start(0);
    directory.append(0, 8..=8, 5);
    directory.append(0, 7..=9, 6);
    let wanted: Vec<(u64, u64)> = span(1..=5, 3).chain(span(6..=6, 2)).chain(span(7..=9, 6)).collect();
    assert_eq!(directory.committed(1), wanted);
    assert_eq!(runs(&directory.state()), [(1, 3), (6, 2), (7, 6)]);
    // A cut alone ends the log.
    directory.cut(0, 3, 7);
    directory.start(1);
    assert_eq!(directory.committed(1), span(1..=2, 3).collect::<Vec<_>>());
    assert_eq!((directory.state().last.index, directory.state().term), (RaftIndex(2), Term(7)));
}

#[test]
fn what_was_cut_away_does_not_come_back_when_the_cut_is_given_up() {
    let mut directory = Directory::new();
    // The first journal is kept whole for the neighbor's sake.
    directory.roll(0, 0, 0);
    directory.append(0, 1..=8, 3);
    directory.move_to(1);
    directory.cut(1, 6, 4);
    directory.append(1, 6..=40, 4);
    directory.roll(1, 30, u64::MAX);
    directory.append(1, 41..=42, 4);
    assert!(directory.logs[1].segments().next().expect("a segment").sequence.0 > 1, "the cut is given up");
    for _ in 0..2 {
        let committed = directory.committed(1);
        assert!(
            committed.iter().all(|(index, term)| *term == if *index < 6 { 3 } else { 4 }),
            "{committed:?}"
        );
        let from_floor: Vec<_> = committed.into_iter().filter(|(index, _)| *index >= 41).collect();
        assert_eq!(from_floor, span(41..=42, 4).collect::<Vec<_>>());
        assert_eq!(runs(&directory.state()), [(1, 3), (6, 4)]);
        directory.start(1);
    }
}

#[test]
fn a_start_gives_committed_entries_and_apart_from_them_the_rest() {
    let mut directory = Directory::new();
    let voters = vec![MemberId(1), MemberId(2), MemberId(3)];
    let members = Members { voters, ..Members::default() };
    let hard = HardState { term: Term(1), vote: MemberId(2), members };
    directory.logs[0].append_hard_state(PARTITION, &hard).expect("room");
    directory.append(0, 1..=9, 1);
    assert_eq!((directory.committed(1), directory.uncommitted()), (Vec::new(), span(1..=9, 1).collect()));
    // A commit is known after a crash as far as it was stated since.
    directory.logs[0].commit(PARTITION, RaftIndex(6));
    directory.logs[0]
        .append_hard_state(PARTITION, &HardState { term: Term(2), ..hard.clone() })
        .expect("room");
    directory.flush(0);
    for owner in [1, 0] {
        directory.start(owner);
        assert_eq!(directory.committed(1), span(1..=6, 1).collect::<Vec<_>>());
        assert_eq!(directory.uncommitted(), span(7..=9, 1).collect::<Vec<_>>());
        let state = directory.state();
        assert_eq!((state.term, state.vote, &state.members), (Term(2), MemberId(2), &hard.members));
    }
    // The group decides otherwise: what was never committed was never shown.
    directory.cut(0, 8, 3);
    directory.append(0, 8..=8, 3);
    assert_eq!(directory.uncommitted(), [(7, 1), (8, 3)]);
    assert_eq!(directory.logs[0].commit_index(PARTITION).get(), RaftIndex(6));
}

#[test]
fn each_segment_begins_with_what_is_to_be_said_of_each_partition() {
    let mut directory = Directory::new();
    directory.append(0, 1..=3, 1);
    directory.roll(0, 4, 5);
    let mut disk = directory.disks[0].clone();
    let found = scan(&mut disk, JournalId(0)).expect("no corruption").expect("segments");
    assert!(found.segments.len() > 1 && found.segments[0].sequence.0 > 1, "{:?}", found.segments);
    let mut last_floor = Position(0);
    for segment in &found.segments {
        let place = ringbolt_journal::Place { segment: segment.sequence, offset: 0 };
        let head = disk.bytes_at(place, 4096).expect("there").to_vec();
        let first =
            ringbolt_journal::EntryRef::decode(&head[ringbolt_journal::BATCH_HEADER_BYTES..]).expect("one");
        let state = RaftState::decode(&first.frame, first.payload()).expect("a raft state comes first");
        assert_eq!((state.partition, state.last.index), (PARTITION, RaftIndex(3)));
        assert!(state.floor >= last_floor);
        last_floor = state.floor;
    }
    assert_eq!(directory.state().last.index, RaftIndex(3), "although no segment holds an entry of it");
}
