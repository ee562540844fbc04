//! A journal on a disk in memory beside a model of what it must hold. The model knows every entry that was appended
//! and how many were acknowledged; `crash` checks what recovery finds against it.
#![allow(dead_code, reason = "each test program uses its own part of the rig")]

use ringbolt_journal::memory::MemoryDisk;
use ringbolt_journal::{
    EntryFrame, EntryKind, EntryStream, Epoch, Error, Filter, HardState, JournalId, Log, MemberId,
    PartitionId, Place, Position, RaftIndex, RaftState, Resume, Scan, SegmentSource, Settings, Space, Term,
    Ticket, TornTail, WriteRequest, raft_states, scan,
};

pub(crate) const JOURNAL: JournalId = JournalId(0x1122_3344_5566_7788_99aa_bbcc_ddee_ff00);
pub(crate) const PARTITIONS: u32 = 3;

/// SplitMix64: small, seeded, good enough to choose faults.
#[derive(Clone)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) frame: EntryFrame,
    pub(crate) payload: Vec<u8>,
}

/// A batch that was submitted: where, how long, and how many entries had been appended up to its end.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) place: Place,
    pub(crate) length: usize,
    pub(crate) entries_up_to: usize,
}

/// A vote that was appended, and the ticket that says when it is durable; zero once it was recovered.
#[derive(Clone, Debug)]
pub(crate) struct Vote {
    pub(crate) partition: u32,
    pub(crate) hard: HardState,
    pub(crate) ticket: Ticket,
}

pub(crate) struct Rig {
    pub(crate) rng: Rng,
    pub(crate) settings: Settings,
    pub(crate) disk: MemoryDisk,
    pub(crate) log: Log,
    pub(crate) epoch: u64,
    /// Everything appended, over all runs, less what a crash took before it was acknowledged.
    pub(crate) history: Vec<Appended>,
    pub(crate) acknowledged: usize,
    /// `history.len()` after each ticket of this run.
    pub(crate) tickets: Vec<usize>,
    pub(crate) votes: Vec<Vote>,
    pub(crate) in_flight: Option<WriteRequest>,
    pub(crate) batches: Vec<Batch>,
    pub(crate) floors: Vec<u64>,
    pub(crate) next_position: Vec<u64>,
    pub(crate) next_index: Vec<u64>,
    pub(crate) terms: Vec<u64>,
    pub(crate) torn_seen: usize,
}

pub(crate) fn settings() -> Settings {
    Settings {
        segment_bytes: 64 << 10,
        first_segment_bytes: 16 << 10,
        batch_bytes_max: 32 << 10,
        spare_segments_max: 2,
    }
}

/// Records, or an entry of the raft log without any.
pub(crate) fn frame(partition: u32, index: u64, position: u64, record_count: u32) -> EntryFrame {
    EntryFrame {
        kind: if record_count == 0 { EntryKind::Noop } else { EntryKind::Records },
        partition: PartitionId(partition),
        index: RaftIndex(index),
        term: Term(1),
        position: Position(position),
        record_count,
    }
}

fn resume(settings: &Settings, disk: &mut MemoryDisk, epoch: u64, scan: Option<Scan>) -> Log {
    let name = String::from("journal-0");
    let spares = disk.clean_spares(settings.segment_bytes);
    let partitions = (0..PARTITIONS).map(|id| raft_state(scan.as_ref(), id)).collect();
    let resume = Resume { name, journal: JOURNAL, epoch: Epoch(epoch), scan, spares, partitions };
    let log = Log::resume(settings, resume).expect("the settings are right");
    disk.start(&log).expect("the files are there");
    log
}

/// What a scan says of a partition.
pub(crate) fn raft_state(scan: Option<&Scan>, partition: u32) -> RaftState {
    let found = raft_states(scan).into_iter().find(|state| state.partition.0 == partition);
    found.unwrap_or_else(|| RaftState::new(PartitionId(partition)))
}

impl Rig {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(seed, settings())
    }

    pub(crate) fn with(seed: u64, settings: Settings) -> Self {
        let mut disk = MemoryDisk::new();
        disk.fill = if seed.is_multiple_of(2) { 0 } else { 0xa5 };
        let log = resume(&settings, &mut disk, 1, None);
        let mut rig = Self {
            rng: Rng(seed),
            settings,
            disk,
            log,
            epoch: 1,
            history: Vec::new(),
            acknowledged: 0,
            tickets: Vec::new(),
            votes: Vec::new(),
            in_flight: None,
            batches: Vec::new(),
            floors: vec![0; PARTITIONS as usize],
            next_position: vec![1; PARTITIONS as usize],
            next_index: vec![1; PARTITIONS as usize],
            terms: vec![1; PARTITIONS as usize],
            torn_seen: 0,
        };
        rig.open();
        rig
    }

    /// Runs jobs and the opening write until the log is open.
    pub(crate) fn open(&mut self) {
        while !self.log.is_open() {
            if !self.start_write() {
                assert!(self.run_job(), "a journal can be opened");
            }
            self.finish_write();
        }
    }

    pub(crate) fn run_job(&mut self) -> bool {
        let Some(job) = self.log.next_job() else { return false };
        let result = self.disk.run(job);
        self.log.job_done(result).expect("jobs on a memory disk succeed or find it full");
        true
    }

    pub(crate) fn run_jobs(&mut self) {
        while self.run_job() {}
    }

    /// Appends an entry with a random payload; false if the batch is full.
    pub(crate) fn append_random(&mut self) -> bool {
        let partition = self.rng.below(u64::from(PARTITIONS)) as u32;
        let bytes = match self.rng.below(10) {
            0 => self.rng.below(20_000),
            1..=3 => self.rng.below(3_000),
            _ => self.rng.below(200),
        } as usize;
        let records = self.rng.below(4) as u32;
        let bytes = if records == 0 { 0 } else { bytes };
        let fill = self.rng.next();
        let payload: Vec<u8> = (0..bytes).map(|at| (fill >> (at % 8 * 8)) as u8 ^ at as u8).collect();
        self.append(partition, records, &payload)
    }

    pub(crate) fn append(&mut self, partition: u32, records: u32, payload: &[u8]) -> bool {
        let at = partition as usize;
        let position = self.next_position[at];
        let frame = EntryFrame {
            term: Term(self.terms[at]),
            ..frame(partition, self.next_index[at], position, records)
        };
        let cut = payload.len() / 3;
        match self.log.append(&frame, &[&payload[..cut], &payload[cut..]]) {
            Ok(ticket) => {
                self.history.push(Appended { frame, payload: payload.to_vec() });
                self.next_position[at] += u64::from(records);
                self.next_index[at] += 1;
                self.note_ticket(ticket);
                true
            }
            Err(Error::Refused(_)) => false,
            Err(error) => panic!("append failed: {error}"),
        }
    }

    fn note_ticket(&mut self, ticket: Ticket) {
        self.tickets.push(self.history.len());
        assert_eq!(ticket, Ticket(self.tickets.len() as u64));
    }

    /// The partition votes in a new term, in which what follows is written.
    pub(crate) fn vote(&mut self, partition: u32) -> bool {
        let term = self.terms[partition as usize] + 1;
        let vote = MemberId(self.rng.below(5));
        let hard = HardState { term: Term(term), vote, ..HardState::default() };
        match self.log.append_hard_state(PartitionId(partition), &hard) {
            Ok(ticket) => {
                self.note_ticket(ticket);
                self.votes.push(Vote { partition, hard, ticket });
                self.terms[partition as usize] = term;
                true
            }
            Err(Error::Refused(_)) => false,
            Err(error) => panic!("append failed: {error}"),
        }
    }

    pub(crate) fn start_write(&mut self) -> bool {
        if self.in_flight.is_some() {
            return false;
        }
        self.in_flight = self.log.next_write();
        if let Some(request) = &self.in_flight {
            let (place, length) = (request.place, request.buffer.len());
            self.batches.push(Batch { place, length, entries_up_to: self.history.len() });
        }
        self.in_flight.is_some()
    }

    pub(crate) fn finish_write(&mut self) {
        if let Some(request) = self.in_flight.take() {
            let written = self.disk.write(&request);
            self.report(written, request);
        }
    }

    pub(crate) fn report(&mut self, written: std::io::Result<usize>, request: WriteRequest) {
        let commit = self.log.write_done(written, request.buffer).expect("the write succeeded");
        if let Some(last) = (commit.ticket.0 as usize).checked_sub(1) {
            self.acknowledged = self.tickets[last];
        }
    }

    /// Appends one small entry and writes it.
    pub(crate) fn commit_one(&mut self) {
        assert!(self.append(1, 1, b"payload"));
        while !self.start_write() {
            assert!(self.run_job(), "there is a segment to write to");
        }
        self.finish_write();
    }

    /// Raises a floor to somewhere at or below the acknowledged end of the partition.
    pub(crate) fn raise_floor(&mut self) {
        let partition = self.rng.below(u64::from(PARTITIONS)) as u32;
        let acknowledged = &self.history[..self.acknowledged];
        let ends = acknowledged.iter().filter(|entry| entry.frame.partition.0 == partition);
        let end = ends.map(|entry| entry.frame.end().0).max().unwrap_or(0);
        let floor = &mut self.floors[partition as usize];
        if end > *floor {
            *floor += 1 + self.rng.below(end - *floor);
            self.log.set_floor(PartitionId(partition), Position(*floor));
        }
    }

    /// Lets a random part of the write in flight reach the disk, and forgets all memory.
    pub(crate) fn lose_power(&mut self) {
        if let Some(request) = self.in_flight.take() {
            let sectors = request.buffer.len() / 512;
            let mut rng = self.rng.clone();
            self.rng.next();
            let cut = rng.below(sectors as u64 + 1) as usize;
            let written = match rng.below(4) {
                0 => self.disk.write_sectors(&request, |sector| sector < cut),
                1 => self.disk.write_sectors(&request, |sector| sector >= cut),
                2 => self.disk.write_sectors(&request, |_| rng.one_in(2)),
                _ => self.disk.write_sectors(&request, |_| !rng.one_in(8)),
            };
            written.expect("the write is inside its segment");
        }
    }

    pub(crate) fn scan(&mut self) -> Result<Option<Scan>, Error> {
        scan(&mut self.disk, JOURNAL)
    }

    /// Crash, recover, check, go on, perhaps with segments of another size.
    pub(crate) fn crash(&mut self) {
        self.lose_power();
        self.settings.segment_bytes = (64 << 10) + self.rng.below(2) * (32 << 10);
        let scan = self.scan().expect("a crash is no corruption").expect("there are segments");
        self.torn_seen += usize::from(scan.torn.is_some());
        self.check_recovered(&scan);
        self.go_on(scan);
    }

    pub(crate) fn go_on(&mut self, scan: Scan) {
        self.epoch += 1;
        self.tickets.clear();
        self.acknowledged = self.history.len();
        let last = scan.tail.place;
        self.batches.retain(|batch| batch.place < last);
        self.log = resume(&self.settings, &mut self.disk, self.epoch, Some(scan));
        for (partition, floor) in self.floors.iter().enumerate() {
            self.log.set_floor(PartitionId(partition as u32), Position(*floor));
        }
        self.open();
    }

    pub(crate) fn read(&self, scan: &Scan, filter: Filter) -> Vec<Appended> {
        read_all(&self.disk, scan, filter)
    }

    /// What recovery found is what was appended: from the floors on, at least all that was acknowledged.
    pub(crate) fn check_recovered(&mut self, scan: &Scan) {
        let found = self.read(scan, Filter::All);
        // Reuse takes away a prefix; find where the rest begins by its length from some possible end.
        let longest = self.history.len();
        let end = (self.acknowledged..=longest)
            .find(|end| found.len() <= *end && self.history[*end - found.len()..*end] == found[..])
            .unwrap_or_else(|| {
                panic!(
                    "recovered {} entries; appended {longest}, acknowledged {}",
                    found.len(),
                    self.acknowledged
                )
            });
        self.history.truncate(end);
        let start = end - found.len();
        for entry in &self.history[..start] {
            let floor = self.floors[entry.frame.partition.0 as usize];
            assert!(entry.frame.end().0 <= floor, "an entry above its floor was reused: {:?}", entry.frame);
        }
        for partition in 0..PARTITIONS {
            let floor = self.floors[partition as usize];
            let from = Position(floor);
            let wanted = |entry: &&Appended| {
                entry.frame.partition.0 == partition
                    && entry.frame.reaches(from)
                    && entry.frame.record_count > 0
            };
            let expected: Vec<Appended> = self.history.iter().filter(wanted).cloned().collect();
            let read: Vec<Appended> = self
                .read(scan, Filter::partition(PartitionId(partition), from))
                .into_iter()
                .filter(|entry| entry.frame.record_count > 0)
                .collect();
            assert_eq!(read, expected, "partition {partition} from {floor}");
            self.check_raft_state(scan, partition);
        }
    }

    /// Votes that were acknowledged are there, however long ago, and the log's terms and its end are the history's.
    fn check_raft_state(&mut self, scan: &Scan, partition: u32) {
        let state = raft_state(Some(scan), partition);
        let of_partition = |entry: &&Appended| entry.frame.partition.0 == partition;
        for entry in self.history.iter().filter(of_partition) {
            assert_eq!(state.terms.at(entry.frame.index), Some(entry.frame.term), "{:?}", entry.frame);
        }
        let last = self.history.iter().rfind(of_partition).map(|entry| entry.frame);
        assert_eq!(state.last.index, last.map_or(RaftIndex(0), |last| last.index));
        assert_eq!(state.last.term, last.map_or(Term(0), |last| last.term));
        assert_eq!(state.next, last.map_or(Position(1), |last| last.end()));
        let committed = self.log.committed();
        let found = (Term(state.term.0.max(1)), state.vote);
        let at = self
            .votes
            .iter()
            .rposition(|vote| vote.partition == partition && (vote.hard.term, vote.hard.vote) == found);
        let later = |(number, vote): (usize, &Vote)| {
            vote.partition == partition && at.is_none_or(|at| number > at) && vote.ticket <= committed
        };
        let lost = self.votes.iter().enumerate().find(|(number, vote)| later((*number, vote)));
        assert!(lost.is_none(), "partition {partition}: {lost:?} was acknowledged, {state:?} recovered");
        assert!(at.is_some() || found == (Term(1), MemberId(0)), "{state:?} was never appended");
        let mut number = 0;
        self.votes.retain(|vote| {
            number += 1;
            vote.partition != partition || at.is_some_and(|at| number - 1 <= at)
        });
        self.votes
            .iter_mut()
            .filter(|vote| vote.partition == partition)
            .for_each(|vote| vote.ticket = Ticket(0));
        let at = partition as usize;
        (self.next_position[at], self.next_index[at]) = (state.next.0, state.last.index.0 + 1);
        self.terms[at] = found.0.0;
    }

    /// One random step of a workload.
    pub(crate) fn step(&mut self) {
        match self.rng.below(12) {
            0 if self.rng.one_in(6) => {
                let partition = self.rng.below(u64::from(PARTITIONS)) as u32;
                self.vote(partition);
            }
            0..=4 => {
                self.append_random();
            }
            5..=6 => {
                self.start_write();
            }
            7..=8 => self.finish_write(),
            9 => self.raise_floor(),
            10 if self.rng.one_in(10) => {
                // No descriptor, no memory: nothing has happened, and it is tried again.
                if let Some(job) = self.log.next_job() {
                    self.disk.job_failures.push_back(std::io::ErrorKind::Other);
                    let result = self.disk.run(job);
                    self.log.job_done(result).expect("it is tried again");
                    self.log.retry_space();
                }
            }
            _ => {
                self.run_job();
            }
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.log.space().0 == Space::DiskFull
    }
}

pub(crate) fn read_all(disk: &MemoryDisk, scan: &Scan, filter: Filter) -> Vec<Appended> {
    let mut stream = EntryStream::new([(disk.clone(), JOURNAL, scan.clone())], filter);
    let mut found = Vec::new();
    while let Some(entry) = stream.next_entry().expect("what was scanned can be read") {
        found.push(Appended { frame: entry.frame, payload: entry.payload().to_vec() });
    }
    found
}

/// A journal of several segments, written in small batches and never recycled.
pub(crate) fn long_journal(seed: u64, commits: usize) -> Rig {
    let mut rig = Rig::new(seed);
    for _ in 0..commits {
        let before = rig.acknowledged;
        while rig.acknowledged == before {
            rig.append_random();
            if !rig.start_write() {
                rig.run_jobs();
                rig.start_write();
            }
            rig.finish_write();
        }
    }
    rig
}

pub(crate) fn corruption(result: Result<Option<Scan>, Error>) -> Option<ringbolt_journal::Corruption> {
    match result {
        Err(Error::Corrupt(corruption)) => Some(corruption),
        Ok(_) => None,
        Err(error) => panic!("not a corruption: {error}"),
    }
}

pub(crate) fn torn(scan: &Scan) -> Option<&TornTail> {
    scan.torn.as_ref()
}

pub(crate) fn segment_count(disk: &mut MemoryDisk) -> usize {
    disk.segments().expect("a memory disk lists").len()
}
