//! One core's journal: the state machine on real files, driven by the core's executor.
//!
//! Invariants: one write is in flight; file jobs run on side threads and never on the core; commits are reported in
//! order, after they are durable. The opening write alone blocks, since nothing may be served before it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::os::unix::fs::FileExt;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use ringbolt_ring::fs::{AlignedBuf, File};
use ringbolt_ring::local::Notify;
use ringbolt_ring::side::Side;

use super::files::{Access, Directory, check_named, clean_spares, create_journal, failed, journal_directory};
use super::opening::Opening;
use super::pace::Pace;
use super::reader::{ReaderSource, SegmentIndex};
use super::recovery::Recovery;
use super::ways::{Way, Ways, Writer};
use crate::books::CommitIndex;
use crate::error::{Error, Failure};
use crate::format::EntryRef;
use crate::handles::OpenSegments;
use crate::log::{Commit, Counts, Log, Resume, Settings, WriteRequest};
use crate::raft_state::HardState;
use crate::read::CommitMark;
use crate::scan::SegmentSummary;
use crate::segments::Space;
use crate::source::SegmentFile;
use crate::types::{
    BatchSequence, EntryFrame, JournalNumber, PartitionId, Place, Position, RaftIndex, Ticket,
};

mod jobs;

/// A finished write, as it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flush {
    /// What became durable.
    pub commit: Commit,
    /// From submission to completion, by the caller's clock.
    pub duration_ns: u64,
    /// It was written by a thread, because the ring takes longer or to find out.
    pub is_by_thread: bool,
}

impl Flush {
    /// Bytes written beside entries.
    #[must_use]
    pub fn padding_bytes(&self) -> u64 {
        self.commit.batch_bytes - self.commit.entry_bytes
    }
}

struct Inner {
    directory: Directory,
    access: Access,
    side: Side,
    log: RefCell<Log>,
    files: RefCell<OpenSegments<Rc<File>>>,
    /// Closed segments that the readers' index does not know yet.
    closed: RefCell<VecDeque<(SegmentSummary, SegmentFile)>>,
    ways: RefCell<Ways>,
    writer: RefCell<Writer>,
    pace: RefCell<Pace>,
    wake_writer: Notify,
    wake_jobs: Notify,
    readers: ReaderSource,
}

/// One core's journal. A handle; clones share it. It is driven by `run`.
#[derive(Clone)]
pub struct Journal {
    inner: Rc<Inner>,
}

impl Journal {
    /// Opens journal `number` for appending, creating it if it is not there, on the core that will write it. It is the journal
    /// of these partitions from then on, wherever they were before. Blocks until the run's first batch is durable.
    pub fn open(
        recovery: &Recovery,
        number: JournalNumber,
        partitions: &[PartitionId],
        settings: &Settings,
        side: Side,
    ) -> Result<Self, Error> {
        settings.check()?;
        let directory = journal_directory(recovery.data(), number);
        let (journal, scan) = match recovery.found(number) {
            Some(found) => (found.journal, found.scan.clone()),
            None => (create_journal(recovery.data(), number)?, None),
        };
        let access = recovery.access();
        let spares = clean_spares(&directory, settings.segment_bytes)
            .map_err(|cause| failed("clean", &directory, cause))?;
        let recovered = scan.as_ref().map_or(BatchSequence(0), |scan| scan.tail.link.sequence);
        let name = directory.display().to_string();
        let directory = Directory::open(directory, journal)?;
        let mut opening = Opening { directory, access, files: OpenSegments::default() };
        let last_batch = scan.as_ref().and_then(|scan| scan.last_batch);
        let partitions = partitions.iter().map(|id| recovery.raft_state(*id)).collect();
        let epoch = recovery.epoch();
        let mut log = Log::resume(settings, Resume { name, journal, epoch, scan, spares, partitions })?;
        opening.open_recovered(&log, last_batch)?;
        let commit = opening.write_first_batch(&mut log)?;
        let active = log.segments().last().expect("the opening batch stands in a segment");
        let active = SegmentFile { sequence: active.sequence, bytes: active.bytes };
        let mark = CommitMark::default();
        mark.publish(commit.batch);
        let readers = ReaderSource {
            directory: opening.directory.path().to_owned(),
            access,
            journal,
            recovered,
            mark: Arc::new(mark),
            index: Arc::new(Mutex::new(SegmentIndex::new(active))),
            ring: Arc::default(),
        };
        Ok(Self { inner: Rc::new(Inner::new(opening, side, log, readers)?) })
    }

    /// Appends an entry whose payload is the concatenation of `parts`. It is durable once `committed` has reached the
    /// ticket.
    pub fn append(&self, frame: &EntryFrame, parts: &[&[u8]]) -> Result<Ticket, Error> {
        let ticket = self.inner.log.borrow_mut().append(frame, parts)?;
        self.hurry();
        Ok(ticket)
    }

    /// The same for what nobody waits for: it is written after a while, or with what somebody waits for.
    pub fn append_unhurried(&self, frame: &EntryFrame, parts: &[&[u8]]) -> Result<Ticket, Error> {
        let mut log = self.inner.log.borrow_mut();
        let is_first = log.filling_bytes() == 0;
        let ticket = log.append(frame, parts)?;
        if is_first || !log.accepts() {
            self.inner.wake_writer.notify_one();
        }
        Ok(ticket)
    }

    /// Somebody waits for what was appended.
    pub fn hurry(&self) {
        self.inner.pace.borrow_mut().hurry();
        self.inner.wake_writer.notify_one();
    }

    /// Appends an entry exactly as another journal holds it.
    pub fn append_sealed(&self, entry: &EntryRef<'_>) -> Result<Ticket, Error> {
        let ticket = self.inner.log.borrow_mut().append_sealed(entry)?;
        self.hurry();
        Ok(ticket)
    }

    /// Appends what must be durable before it is acted on: a partition's term, vote and members.
    pub fn append_hard_state(&self, partition: PartitionId, hard: &HardState) -> Result<Ticket, Error> {
        let ticket = self.inner.log.borrow_mut().append_hard_state(partition, hard)?;
        self.hurry();
        Ok(ticket)
    }

    /// Everything of the partition up to an index is committed: readers may have it.
    pub fn commit(&self, partition: PartitionId, index: RaftIndex) {
        self.inner.log.borrow_mut().commit(partition, index);
    }

    /// How far the partition is committed, for readers.
    #[must_use]
    pub fn commit_index(&self, partition: PartitionId) -> Arc<CommitIndex> {
        self.inner.log.borrow_mut().commit_index(partition)
    }

    /// Whether an entry of any allowed size would be taken now; to be asked before a command is processed.
    #[must_use]
    pub fn accepts(&self) -> bool {
        self.inner.log.borrow().accepts()
    }

    /// Whether an entry with that much payload would be taken now.
    #[must_use]
    pub fn has_room(&self, payload_bytes: usize) -> bool {
        self.inner.log.borrow().has_room(payload_bytes)
    }

    /// Bytes of entries that wait for the next write; those of the write in flight are not among them.
    #[must_use]
    pub fn filling_bytes(&self) -> u64 {
        self.inner.log.borrow().filling_bytes()
    }

    /// As [`Journal::hurry`], where something waits for the next write.
    pub fn hurry_if_filling(&self) {
        if self.filling_bytes() > 0 && !self.inner.pace.borrow().is_awaited() {
            self.hurry();
        }
    }

    /// Bytes of the write in flight; 0 when there is none.
    #[must_use]
    pub fn writing_bytes(&self) -> u64 {
        self.inner.log.borrow().writing_bytes()
    }

    /// The last ticket given out.
    #[must_use]
    pub fn appended(&self) -> Ticket {
        self.inner.log.borrow().appended()
    }

    /// The last ticket that is durable, with all before it.
    #[must_use]
    pub fn committed(&self) -> Ticket {
        self.inner.log.borrow().committed()
    }

    /// Whether new segments can be prepared, and if not, why.
    #[must_use]
    pub fn space(&self) -> (Space, Option<String>) {
        let log = self.inner.log.borrow();
        let (space, cause) = log.space();
        (space, cause.map(str::to_owned))
    }

    /// Why the journal stopped, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        self.inner.log.borrow().failure().cloned()
    }

    /// What this run has written.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.inner.log.borrow().counts()
    }

    /// Bytes of all files, prepared ones included.
    #[must_use]
    pub fn disk_bytes(&self) -> u64 {
        self.inner.log.borrow().disk_bytes()
    }

    /// Records of the partition below `position` are no longer needed: its checkpoint holds them and no reader wants
    /// them. `Position(u64::MAX)` frees a partition that is gone, votes and all.
    pub fn set_floor(&self, partition: PartitionId, position: Position) {
        if self.inner.log.borrow_mut().set_floor(partition, position) {
            self.inner.wake_jobs.notify_one();
        }
    }

    /// Bytes of closed segments that are kept for whoever needs the partition's records from `from` on.
    #[must_use]
    pub fn held_bytes(&self, partition: PartitionId, from: Position) -> u64 {
        self.inner.log.borrow().held_bytes(partition, from)
    }

    /// Where readers on side threads come from.
    #[must_use]
    pub fn readers(&self) -> ReaderSource {
        self.inner.readers.clone()
    }

    /// Takes no more entries; `run` returns when what was appended is durable.
    pub fn close(&self) {
        self.inner.log.borrow_mut().close();
        self.hurry();
        self.inner.wake_jobs.notify_one();
    }

    /// Drives the journal until it is closed or fails. `clock_ns` is monotonic; `on_flush` is told of every write, in
    /// order, and may append. Once dropped it cannot be run again: a write in flight has no owner then.
    pub async fn run(
        &self,
        clock_ns: impl Fn() -> u64,
        mut on_flush: impl FnMut(&Flush),
    ) -> Result<(), Error> {
        let mut write = pin!(self.write(clock_ns, &mut on_flush));
        let mut jobs = pin!(jobs::run(&self.inner));
        let (mut written, mut jobs_ended) = (None, false);
        poll_fn(|cx| {
            if written.is_none()
                && let Poll::Ready(result) = write.as_mut().poll(cx)
            {
                written = Some(result);
                self.inner.log.borrow_mut().close();
                self.inner.wake_jobs.notify_one();
            }
            jobs_ended = jobs_ended || jobs.as_mut().poll(cx).is_ready();
            if jobs_ended && let Some(result) = written.take() { Poll::Ready(result) } else { Poll::Pending }
        })
        .await
    }

    async fn write(
        &self,
        clock_ns: impl Fn() -> u64,
        on_flush: &mut impl FnMut(&Flush),
    ) -> Result<(), Error> {
        let inner = &*self.inner;
        loop {
            if let Some(rest) = inner.rest(clock_ns()) {
                // Woken early: somebody waits, or there is no room for more.
                let _ = ringbolt_ring::timeout(rest, inner.wake_writer.notified()).await;
                continue;
            }
            let request = inner.log.borrow_mut().next_write();
            let Some(request) = request else {
                if inner.is_done()? {
                    return Ok(());
                }
                inner.wake_writer.notified().await;
                continue;
            };
            inner.pace.borrow_mut().begin();
            let (place, started_ns) = (request.place, clock_ns());
            let way = inner.ways.borrow_mut().next();
            let (result, buffer, way) = inner.write_durably(request, way).await;
            let ended_ns = clock_ns();
            let duration_ns = ended_ns.saturating_sub(started_ns);
            inner.pace.borrow_mut().end(ended_ns, duration_ns);
            inner.ways.borrow_mut().note(way, duration_ns);
            if result.as_ref().is_ok_and(|written| *written == buffer.len()) {
                inner.readers.ring.add(place, &buffer);
            }
            let commit = inner.log.borrow_mut().write_done(result, buffer)?;
            inner.note_commit(&commit);
            on_flush(&Flush { commit, duration_ns, is_by_thread: way == Way::Thread });
        }
    }
}

impl Inner {
    fn new(opening: Opening, side: Side, log: Log, readers: ReaderSource) -> Result<Self, Error> {
        let Opening { directory, access, files } = opening;
        let files = files.try_map(|file| File::from_std(file).map(Rc::new));
        let files = files.map_err(|cause| failed("open", directory.path(), cause))?;
        Ok(Self {
            directory,
            access,
            side,
            log: RefCell::new(log),
            files: RefCell::new(files),
            closed: RefCell::new(VecDeque::new()),
            ways: RefCell::default(),
            writer: RefCell::default(),
            pace: RefCell::default(),
            wake_writer: Notify::new(),
            wake_jobs: Notify::new(),
            readers,
        })
    }

    /// How long what was appended is left alone.
    fn rest(&self, now_ns: u64) -> Option<Duration> {
        let log = self.log.borrow();
        let may_rest = log.filling_bytes() > 0 && log.accepts();
        may_rest.then(|| self.pace.borrow().rest(now_ns)).flatten()
    }

    /// Whether there is nothing more to write; an error if what is left cannot be written.
    fn is_done(&self) -> Result<bool, Error> {
        let log = self.log.borrow();
        if let Some(failure) = log.failure() {
            return Err(Error::Failed(failure.clone()));
        }
        if log.is_stuck() {
            let (_, cause) = log.space();
            return Err(Error::NoSpace { cause: cause.unwrap_or("no segment can be prepared").to_owned() });
        }
        Ok(log.is_closed())
    }

    /// The file of a segment that is active or about to be. Earlier ones are closed. At the start of a segment its file
    /// must have a name, or what is acknowledged would be written to where nobody finds it.
    fn file(&self, place: Place) -> std::io::Result<Rc<File>> {
        let mut files = self.files.borrow_mut();
        while let Some(old) = files.take_before(place.segment) {
            release(&old);
        }
        let file = files.active(place.segment).clone();
        if place.offset == 0 {
            check_named(file.as_std())?;
        }
        Ok(file)
    }

    /// Writes a batch that way, or by the ring where that is not possible; what came of it, the buffer back, and the way it went.
    async fn write_durably(
        &self,
        request: WriteRequest,
        way: Way,
    ) -> (std::io::Result<usize>, AlignedBuf, Way) {
        let WriteRequest { place, buffer } = request;
        self.writer.borrow_mut().note_segment(place.segment);
        let file = match self.file(place) {
            Ok(file) => file,
            Err(cause) => return (Err(cause), buffer, way),
        };
        if way == Way::Thread && self.access == Access::Direct {
            let ready = self.writer.borrow_mut().ready(place.segment, file.as_std());
            if let Ok((side, file)) = ready {
                let task = side.run(move || (file.write_at(&buffer, place.offset), buffer));
                let (result, buffer) =
                    task.expect("one write is in flight").await.expect("a write does not panic");
                return (result, buffer, Way::Thread);
            }
        }
        let (result, buffer) = file.write_at(buffer, place.offset).await;
        let result = match (result, self.access) {
            (Ok(written), Access::Buffered) => file.fdatasync().await.map(|()| written),
            (result, Access::Direct | Access::Buffered) => result,
        };
        (result, buffer, Way::Ring)
    }

    fn note_commit(&self, commit: &Commit) {
        self.readers.mark.publish(commit.batch);
        let mut log = self.log.borrow_mut();
        if let Some(closed) = log.take_closed_segment() {
            let active = log.segments().last().expect("a batch was just written");
            let active = SegmentFile { sequence: active.sequence, bytes: active.bytes };
            self.closed.borrow_mut().push_back((closed, active));
            self.wake_jobs.notify_one();
        }
    }
}

/// Gives up a file's lock. Closing would do, but the executor closes files in its own time.
fn release(file: &File) {
    // A lock that stays costs the next start in this process a wait; the process's end frees it in any case.
    let _ = file.as_std().unlock();
}

impl Drop for Inner {
    /// Lets the journal be opened again in this process. After a kill nothing runs here, and the kernel holds the
    /// locks until the last write is done; a process that drops a running journal and goes on is a test.
    fn drop(&mut self) {
        self.files.get_mut().files().for_each(|file| release(file));
    }
}
