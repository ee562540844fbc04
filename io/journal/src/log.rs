//! The journal as a state machine: appends in, write requests and file jobs out, results in, commits out.
//!
//! Invariants: one write is in flight at a time, entries commit in the order of their tickets, the first batch of a
//! run is written before anything is acknowledged, and after a failed write nothing more is written or committed.
//! It deliberately does no I/O and reads no clock; the driver and the simulator both run exactly this.

use std::io;

use crate::batch::{BatchBuilder, BatchSeal, EntryRefused};
use crate::books::{BookId, Books};
use crate::cursor::ChainLink;
use crate::error::{Error, Failure};
use crate::format::{BATCH_HEADER_BYTES, BLOCK_BYTES, ENTRY_HEADER_BYTES, EntryRef};
use crate::raft_state::RaftState;
use crate::scan::{Scan, SegmentSummary, Tail};
use crate::segment_job::SegmentJob;
use crate::segments::{JobError, PlanStart, SegmentCounts, SegmentPlan, Space, Spare, segment_file_name};
use crate::source::SegmentFile;
use crate::types::{BatchSequence, EntryFrame, EntryKind, Epoch, JournalId, Place, SegmentSequence, Ticket};
use ringbolt_ring::fs::AlignedBuf;

mod partitions;
mod settings;

pub use settings::Settings;

/// A batch's memory above this, in bytes, is given back after its write.
const RETAINED_BYTES: usize = 1 << 20;

/// What a journal goes on from.
#[derive(Debug)]
pub struct Resume {
    /// What to call the journal in messages.
    pub name: String,
    /// Its identity.
    pub journal: JournalId,
    /// The number of this start of the data directory, above every earlier one.
    pub epoch: Epoch,
    /// What the scan found; `None` for a new journal.
    pub scan: Option<Scan>,
    /// Spares found beside the segments.
    pub spares: Vec<Spare>,
    /// The partitions that this run writes, as all journals together say them ([`crate::raft_states`]). Its first batch
    /// states them, so that from then on this journal is the one that says how they stand.
    pub partitions: Vec<RaftState>,
}

/// A write to be done: the whole buffer, durably, before it is reported.
#[derive(Debug)]
pub struct WriteRequest {
    /// Where.
    pub place: Place,
    /// What; to be given back with the result.
    pub buffer: AlignedBuf,
}

/// What one finished write made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// All tickets up to this one are kept.
    pub ticket: Ticket,
    /// The batch.
    pub batch: BatchSequence,
    /// Its entries; zero for a batch that only opens or closes a run.
    pub entry_count: u32,
    /// Bytes of entries.
    pub entry_bytes: u64,
    /// Bytes written.
    pub batch_bytes: u64,
}

/// Counters of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Batches committed.
    pub batches: u64,
    /// Bytes written: entries, headers and padding.
    pub batch_bytes: u64,
    /// Entries committed.
    pub entries: u64,
    /// Bytes of entries, with their headers.
    pub entry_bytes: u64,
    /// Bytes written beside entries.
    pub padding_bytes: u64,
    /// Files handled.
    pub segments: SegmentCounts,
}

#[derive(Debug)]
struct InFlight {
    commit: Commit,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The batch that opens the run is not yet submitted.
    Opening,
    Open,
    /// What was appended is written, then the batch that closes the run.
    Closing,
    Closed,
}

/// The journal's state machine.
#[derive(Debug)]
pub struct Log {
    name: String,
    journal: JournalId,
    epoch: Epoch,
    filling: BatchBuilder,
    /// The last batch's memory, for the next one.
    spare: Option<AlignedBuf>,
    in_flight: Option<InFlight>,
    tail: Option<Tail>,
    link: ChainLink,
    appended: Ticket,
    committed: Ticket,
    phase: Phase,
    opened: bool,
    plan: SegmentPlan,
    books: Books,
    closed_segment: Option<SegmentSummary>,
    failure: Option<Failure>,
    counts: Counts,
}

impl Log {
    /// A journal that goes on from what was recovered. Its first write opens the run; until it is done
    /// (`is_open`), nothing recovered may be shown to anyone, since it also ends a torn tail for good.
    pub fn resume(settings: &Settings, resume: Resume) -> Result<Self, Error> {
        settings.check()?;
        let link = resume.scan.as_ref().map_or(ChainLink::FIRST, |scan| scan.tail.link);
        assert!(resume.epoch > link.epoch, "a start's number is above every earlier one");
        let tail = resume.scan.as_ref().map(|scan| scan.tail);
        let start = resume.scan.map_or_else(PlanStart::default, |scan| PlanStart {
            live: scan.segments,
            prepared: scan.prepared,
            spares: Vec::new(),
        });
        let books = Books::new(resume.partitions);
        let mut filling = BatchBuilder::new(settings.batch_bytes_max);
        filling.reserve(books.all_bytes());
        filling.prepend(books.states());
        if filling.sealed_bytes() > settings.batch_bytes_max {
            return Err(Error::Setting("batch_bytes_max must leave room for what all partitions state"));
        }
        let plan = SegmentPlan::new(
            resume.name.clone(),
            settings.segment_bytes,
            settings.first_segment_bytes.max(filling.sealed_bytes() as u64),
            settings.spare_segments_max,
            PlanStart { spares: resume.spares, ..start },
        );
        Ok(Self {
            name: resume.name,
            journal: resume.journal,
            epoch: resume.epoch,
            filling,
            spare: None,
            in_flight: None,
            tail,
            link,
            appended: Ticket(0),
            committed: Ticket(0),
            phase: Phase::Opening,
            opened: false,
            plan,
            books,
            closed_segment: None,
            failure: None,
            counts: Counts::default(),
        })
    }

    /// Appends an entry whose payload is the concatenation of `parts`. It is committed once `committed` has
    /// reached the ticket.
    ///
    /// # Panics
    /// When the payload is not what the kind demands, or it is a raft state: that is [`Log::append_hard_state`]'s.
    pub fn append(&mut self, frame: &EntryFrame, parts: &[&[u8]]) -> Result<Ticket, Error> {
        assert_ne!(frame.kind, EntryKind::RaftState, "the journal itself says where a log ends");
        let book = self.prepare(frame)?;
        self.filling.push(frame, parts)?;
        Ok(self.note_appended(book, frame, &[]))
    }

    /// Appends an entry exactly as another journal holds it.
    ///
    /// # Panics
    /// When it is no entry of a raft log.
    pub fn append_sealed(&mut self, entry: &EntryRef<'_>) -> Result<Ticket, Error> {
        assert!(entry.frame.kind.is_of_log(), "what a journal says of itself is not shipped");
        let book = self.prepare(&entry.frame)?;
        self.filling.push_sealed(entry)?;
        Ok(self.note_appended(book, &entry.frame, &[]))
    }

    /// Looks whether an entry may be appended, and keeps room for what its term adds to the states.
    fn prepare(&mut self, frame: &EntryFrame) -> Result<BookId, Error> {
        self.check_takes()?;
        let book = self.books.find(frame.partition);
        self.filling.reserve(self.books.preamble_bytes(book, frame));
        Ok(book)
    }

    fn note_appended(&mut self, book: BookId, frame: &EntryFrame, payload: &[u8]) -> Ticket {
        self.books.note(book, frame, payload);
        self.appended = self.appended.next();
        self.appended
    }

    fn check_takes(&self) -> Result<(), Error> {
        match (&self.failure, self.phase) {
            (Some(failure), _) => Err(Error::Failed(failure.clone())),
            (None, Phase::Opening | Phase::Open) => Ok(()),
            (None, Phase::Closing | Phase::Closed) => Err(EntryRefused::Closed.into()),
        }
    }

    /// Whether an entry with that much payload would be taken now.
    #[must_use]
    pub fn has_room(&self, payload_bytes: usize) -> bool {
        self.check_takes().is_ok() && self.filling.has_room(ENTRY_HEADER_BYTES.saturating_add(payload_bytes))
    }

    /// Whether an entry of any allowed size would be taken now. Asked before a command is processed, it makes
    /// sure that its entry can be appended.
    #[must_use]
    pub fn accepts(&self) -> bool {
        self.check_takes().is_ok() && self.filling.has_room(self.filling.entry_bytes_max())
    }

    /// Bytes of entries that wait for the next write.
    #[must_use]
    pub fn filling_bytes(&self) -> u64 {
        self.filling.entry_bytes()
    }

    /// Bytes of the write in flight; 0 when there is none.
    #[must_use]
    pub fn writing_bytes(&self) -> u64 {
        self.in_flight.as_ref().map_or(0, |write| write.commit.batch_bytes)
    }

    /// The next write, unless one is in flight, nothing is to be written, or no segment is prepared for it.
    pub fn next_write(&mut self) -> Option<WriteRequest> {
        if self.failure.is_some() || self.in_flight.is_some() || self.phase == Phase::Closed {
            return None;
        }
        // Batches without entries open and close a run. The first ends a torn tail and makes the start's number
        // durable; the last makes damage to the batch before it detectable.
        if self.filling.is_empty() && self.phase == Phase::Open {
            return None;
        }
        let place = self.find_place()?;
        self.phase = match self.phase {
            Phase::Opening | Phase::Open => Phase::Open,
            Phase::Closing if self.filling.is_empty() => Phase::Closed,
            Phase::Closing => Phase::Closing,
            Phase::Closed => Phase::Closed,
        };
        Some(self.submit(place))
    }

    /// Where the next batch goes. The first of a segment begins with what there is to say of each partition, so that no
    /// older segment is needed for it.
    fn find_place(&mut self) -> Option<Place> {
        let bytes = self.filling.sealed_bytes() as u64;
        if let Some(tail) = self.tail.filter(|tail| tail.place.offset + bytes <= tail.segment_bytes) {
            return Some(tail.place);
        }
        let closed = self.plan.live().last().cloned();
        let bytes = self.filling.sealed_bytes_with_preamble() as u64;
        let SegmentFile { sequence, bytes: segment_bytes } = self.plan.roll(bytes, self.epoch)?;
        if !self.filling.has_preamble() {
            self.filling.prepend(self.books.states());
        }
        self.closed_segment = closed;
        let place = Place { segment: sequence, offset: 0 };
        self.tail = Some(Tail { place, segment_bytes, link: self.link });
        Some(place)
    }

    fn submit(&mut self, place: Place) -> WriteRequest {
        let sequence = self.link.sequence.next();
        let seal = BatchSeal {
            journal: self.journal,
            place,
            sequence,
            epoch: self.epoch,
            previous_checksum: self.link.checksum,
        };
        let spare = self.spare.take().unwrap_or_else(|| AlignedBuf::with_capacity(0));
        let sealed = self.filling.seal(&seal, spare);
        self.link = ChainLink { sequence, checksum: sealed.checksum, epoch: self.epoch };
        let batch_bytes = sealed.buffer.len() as u64;
        let tail = self.tail.as_mut().expect("a place was found");
        tail.place.offset += batch_bytes;
        tail.link = self.link;
        self.plan.note(&sealed.ranges);
        let commit = Commit {
            ticket: self.appended,
            batch: sequence,
            entry_count: sealed.entry_count,
            entry_bytes: sealed.entry_bytes,
            batch_bytes,
        };
        self.in_flight = Some(InFlight { commit, place });
        WriteRequest { place, buffer: sealed.buffer }
    }

    /// Takes the result of the write in flight and its buffer. After an error the journal has failed for good.
    pub fn write_done(&mut self, result: io::Result<usize>, buffer: AlignedBuf) -> Result<Commit, Error> {
        let InFlight { commit, place } = self.in_flight.take().expect("a write is in flight");
        let written = match result {
            Ok(written) if written as u64 == commit.batch_bytes => Ok(()),
            Ok(written) => {
                let text = format!("only {written} of {} bytes were written", commit.batch_bytes);
                Err(io::Error::new(io::ErrorKind::WriteZero, text))
            }
            Err(cause) => Err(cause),
        };
        if let Err(cause) = written {
            return Err(self.fail(Failure {
                action: "write",
                file: format!("{}/{}", self.name, segment_file_name(place.segment)),
                offset: place.offset,
                cause: cause.to_string(),
                kind: cause.kind(),
            }));
        }
        if buffer.capacity() <= RETAINED_BYTES {
            self.spare = Some(buffer);
        }
        self.opened = true;
        self.plan.note_durable();
        self.committed = commit.ticket;
        self.counts.batches += 1;
        self.counts.batch_bytes += commit.batch_bytes;
        self.counts.entries += u64::from(commit.entry_count);
        self.counts.entry_bytes += commit.entry_bytes;
        self.counts.padding_bytes += commit.batch_bytes - commit.entry_bytes;
        Ok(commit)
    }

    fn fail(&mut self, failure: Failure) -> Error {
        self.failure = Some(failure.clone());
        Error::Failed(failure)
    }

    /// The next file job; see [`SegmentJob`].
    pub fn next_job(&mut self) -> Option<SegmentJob> {
        if self.failure.is_some() { None } else { self.plan.next_job() }
    }

    /// Takes the result of the job under way. A job that was not done is a state (`space`), until it is; one of which
    /// nobody knows is final.
    pub fn job_done(&mut self, result: Result<(), JobError>) -> Result<(), Error> {
        self.plan.job_done(result).map_err(|failure| self.fail(failure))
    }

    /// Whether a file job failed and waits for `retry_space`.
    #[must_use]
    pub fn wants_retry(&self) -> bool {
        self.plan.is_paused()
    }

    /// Lets file jobs be tried again that had failed.
    pub fn retry_space(&mut self) {
        self.plan.retry();
    }

    /// Takes no more entries; what was appended is written, then the batch that closes the run. What failed before is
    /// tried once more for it.
    pub fn close(&mut self) {
        self.plan.retry();
        self.phase = match self.phase {
            Phase::Opening | Phase::Open | Phase::Closing => Phase::Closing,
            Phase::Closed => Phase::Closed,
        };
    }

    /// Whether what is left after `close` has no segment to go to.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.phase == Phase::Closing && self.in_flight.is_none() && self.plan.is_exhausted()
    }

    /// Whether `close` has done all its writing.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed && self.in_flight.is_none()
    }

    /// Whether the run's first write is done: what was recovered, and the start's number, are durable.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.opened
    }

    /// The last ticket given out.
    #[must_use]
    pub fn appended(&self) -> Ticket {
        self.appended
    }

    /// The last ticket that is durable, with all before it.
    #[must_use]
    pub fn committed(&self) -> Ticket {
        self.committed
    }

    /// Why the journal stopped, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Whether new segments can be prepared, and if not, why.
    #[must_use]
    pub fn space(&self) -> (Space, Option<&str>) {
        self.plan.space()
    }

    /// The segments that hold entries, oldest first.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = &SegmentSummary> {
        self.plan.live()
    }

    /// Bytes of all files, prepared ones included.
    #[must_use]
    pub fn disk_bytes(&self) -> u64 {
        self.plan.disk_bytes()
    }

    /// What this run has written.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts { segments: self.plan.counts(), ..self.counts }
    }

    /// The segment that the last `next_write` closed, once.
    pub fn take_closed_segment(&mut self) -> Option<SegmentSummary> {
        self.closed_segment.take()
    }

    /// The segments that a run which begins here writes to, rising: the one that the scan ended in, then what is
    /// prepared behind it. These are opened; others that were found are removed or not written any more.
    pub fn writable(&self) -> impl Iterator<Item = SegmentSequence> {
        self.active_segment().into_iter().chain(self.plan.prepared())
    }

    /// The active segment.
    #[must_use]
    pub fn active_segment(&self) -> Option<SegmentSequence> {
        self.tail.map(|tail| tail.place.segment)
    }
}

/// Bytes a batch with one entry takes on disk.
#[must_use]
pub fn single_entry_batch_bytes(payload_bytes: usize) -> usize {
    (BATCH_HEADER_BYTES + ENTRY_HEADER_BYTES + payload_bytes).next_multiple_of(BLOCK_BYTES)
}
