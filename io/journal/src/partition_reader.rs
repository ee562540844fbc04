//! A named reader of one partition: every committed entry from its acknowledged position on, from its spills and then
//! from the log; what is in neither is an explicit gap.
//!
//! Invariants: entries come in order, each at least once over all runs; a hole in the positions never passes in silence;
//! an acknowledgement is durable before anything it makes superfluous goes. A reader keeps nothing of the log in
//! memory but one chunk. It blocks on the disk, so it belongs on a side thread; it deliberately has no say in when
//! its entries are copied out of the log.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::driver::JournalReader;
use crate::error::Error;
use crate::format::EntryRef;
use crate::hold::Hold;
use crate::source::SegmentSource;
use crate::spill::{BadReaderBytes, Spill, SpillBuilder, SpillSummary, decode_position, encode_position};
use crate::types::{EntryFrame, EntryKind, PartitionId, Position};

/// Where a reader's position and spills are kept. Every change is whole and durable when it returns, or has not happened.
pub trait ReaderFiles {
    /// The spills, by rising position.
    fn spills(&mut self) -> io::Result<Vec<SpillSummary>>;
    /// Keeps a new spill.
    fn write_spill(&mut self, spill: &SpillSummary, bytes: &[u8]) -> io::Result<()>;
    /// A spill's bytes.
    fn read_spill(&mut self, spill: &SpillSummary) -> io::Result<Vec<u8>>;
    /// Forgets a spill; one that is not there is no error.
    fn remove_spill(&mut self, spill: &SpillSummary) -> io::Result<()>;
    /// The position's bytes, if there are some.
    fn position(&mut self) -> io::Result<Option<Vec<u8>>>;
    /// Replaces the position.
    fn write_position(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// What to call a spill, or the position, in a message.
    fn name(&self, spill: Option<&SpillSummary>) -> String;
}

/// Positions that a reader will never see: they were neither in a spill nor in the log any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first missing position.
    pub from: Position,
    /// The last missing position.
    pub to: Position,
}

/// Memory that a chunk keeps, in bytes: one large entry must not cost it for good.
const RETAINED_BYTES: usize = 4 << 20;

#[derive(Clone, Debug)]
enum Stored {
    /// In the chunk's own bytes.
    Entry(Range<usize>),
    /// From there on in a batch, by its number.
    Shared(usize, usize),
    Gap(Gap),
}

/// One thing that a reader is given.
#[derive(Clone, Copy, Debug)]
pub enum ChunkItem<'a> {
    /// An entry with records.
    Entry(EntryRef<'a>),
    /// Missing positions.
    Gap(Gap),
}

/// Entries and gaps, copied out of log or spill so that nothing is held while a sink works. What this process wrote a moment ago is in memory anyway, and
/// is not copied.
#[derive(Debug, Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    /// Batches that have some of its entries.
    batches: Vec<Arc<[u8]>>,
    /// Bytes of those entries, and of all batches but the last, which have others' entries, too.
    shared_bytes: usize,
    batch_bytes: usize,
    items: Vec<Stored>,
    end: Option<Position>,
}

impl Chunk {
    /// Forgets its content but not its memory, as long as that is not much.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(RETAINED_BYTES);
        self.batches.clear();
        (self.shared_bytes, self.batch_bytes) = (0, 0);
        self.items.clear();
        self.end = None;
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Bytes of its entries.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len() + self.shared_bytes
    }

    /// Whether it has so many bytes, or holds twice as many.
    fn is_full(&self, bytes_max: usize) -> bool {
        self.bytes() >= bytes_max || self.bytes.len() + self.batch_bytes >= bytes_max.saturating_mul(2)
    }

    /// The position after everything in it; `None` when it is empty.
    #[must_use]
    pub fn end(&self) -> Option<Position> {
        self.end
    }

    /// What is in it, in order.
    pub fn items(&self) -> impl Iterator<Item = ChunkItem<'_>> {
        self.items.iter().map(|item| match item {
            Stored::Gap(gap) => ChunkItem::Gap(*gap),
            Stored::Entry(range) => {
                let entry = EntryRef::decode_verified(&self.bytes[range.clone()]);
                ChunkItem::Entry(entry.expect("the entry was verified when it was copied"))
            }
            Stored::Shared(batch, from) => {
                let entry = EntryRef::decode_verified(&self.batches[*batch][*from..]);
                ChunkItem::Entry(entry.expect("the entry was found in the batch"))
            }
        })
    }

    fn push_gap(&mut self, from: Position, end: Position) {
        assert!(from < end, "a gap has positions");
        self.items.push(Stored::Gap(Gap { from, to: Position(end.0 - 1) }));
        self.end = Some(end);
    }

    /// Takes an entry that follows `next`, with the gap before it; returns the position after it.
    fn push_entry(&mut self, next: Position, entry: &EntryRef<'_>) -> Position {
        if !self.begin_entry(next, &entry.frame) {
            return next;
        }
        let from = self.bytes.len();
        self.bytes.extend_from_slice(entry.bytes());
        self.items.push(Stored::Entry(from..self.bytes.len()));
        entry.frame.end()
    }

    /// The same of one that begins somewhere in a batch.
    fn share_entry(&mut self, next: Position, batch: &Arc<[u8]>, from: usize) -> Position {
        let entry = EntryRef::decode_verified(&batch[from..]).expect("the entry was found in the batch");
        if !self.begin_entry(next, &entry.frame) {
            return next;
        }
        if !self.batches.last().is_some_and(|last| Arc::ptr_eq(last, batch)) {
            self.batch_bytes += self.batches.last().map_or(0, |last| last.len());
            self.batches.push(batch.clone());
        }
        self.shared_bytes += entry.bytes().len();
        self.items.push(Stored::Shared(self.batches.len() - 1, from));
        entry.frame.end()
    }

    /// Notes the gap before an entry, and where it ends. False for one that is not wanted.
    fn begin_entry(&mut self, next: Position, frame: &EntryFrame) -> bool {
        if frame.kind != EntryKind::Records || frame.end() <= next {
            return false;
        }
        if frame.position > next {
            self.push_gap(next, frame.position);
        }
        self.end = Some(frame.end());
        true
    }
}

/// What a look for more entries found.
#[derive(Debug)]
pub enum ReadState {
    /// The chunk is full; there may be more.
    More,
    /// Everything committed is in the chunk or was read before.
    CaughtUp,
    /// The reader is detached and waits for the log; what it has is in the chunk.
    Detached,
    /// A spill is damaged: its positions are a gap in the chunk.
    DamagedSpill(Error),
}

/// Where a partition's committed entries are read from.
pub trait LogSource {
    /// Where the bytes come from.
    type Source: SegmentSource;
    /// A reader of the partition's entries from a position on. Cheap: it opens nothing before it is asked.
    fn open(&self, from: Position) -> JournalReader<Self::Source>;
    /// Positions that had been given out at the start and stood in no log any more: those behind the end of what there was. No entry
    /// may ever come behind them that would tell of it.
    fn lost(&self) -> Range<Position> {
        Position(0)..Position(0)
    }
}

/// A named reader of one partition; see the module.
pub struct PartitionReader<F, L: LogSource> {
    partition: PartitionId,
    files: F,
    hold: Hold,
    source: L,
    log: Option<JournalReader<L::Source>>,
    spill: Option<(SpillSummary, Spill)>,
    next: Position,
    is_new: bool,
    /// Which of its files were damaged, until a new position is written.
    damage: Option<String>,
}

fn io_error(action: &'static str, file: String, cause: io::Error) -> Error {
    Error::Io { action, file, offset: 0, cause }
}

/// Whether trying again does not help: the bytes are wrong, gone, or on a bad place of the device.
fn is_damage(cause: &io::Error) -> bool {
    let kinds = [io::ErrorKind::InvalidData, io::ErrorKind::NotFound, io::ErrorKind::IsADirectory];
    kinds.contains(&cause.kind()) || cause.raw_os_error() == Some(libc::EIO)
}

impl<F: ReaderFiles, L: LogSource> PartitionReader<F, L> {
    /// Opens the reader at its acknowledged position; a new reader begins at position 1, and so does one whose position is
    /// damaged: what its sink does not know better comes again, and what the log does not hold any more is a gap. No damage of
    /// its files is an error of opening, see [`PartitionReader::damage`]. Its hold is to be taken into account before
    /// anything of the log is released.
    pub fn open(partition: PartitionId, mut files: F, source: L) -> Self {
        let mut damage = Vec::new();
        let stored = files.position();
        let is_new = matches!(stored, Ok(None));
        let next = match stored.map(|bytes| bytes.map(|bytes| decode_position(partition, &bytes))) {
            Ok(None) => Position(1),
            Ok(Some(Ok(next))) => next,
            Ok(Some(Err(bad))) => {
                damage.push(format!("{}: {bad}", files.name(None)));
                Position(1)
            }
            Err(cause) => {
                damage.push(format!("{}: {cause}", files.name(None)));
                Position(1)
            }
        };
        let spills = files.spills().unwrap_or_else(|cause| {
            damage.push(format!("the spills of {}: {cause}", files.name(None)));
            Vec::new()
        });
        let (done, kept): (Vec<_>, Vec<_>) = spills.into_iter().partition(|spill| spill.end <= next);
        let kept = VecDeque::from(kept);
        for spill in done {
            if let Err(cause) = files.remove_spill(&spill) {
                damage.push(format!("{}: {cause}", files.name(Some(&spill))));
            }
        }
        let damage = (!damage.is_empty()).then(|| damage.join("; "));
        let hold = Hold::new(next, kept);
        Self { partition, files, hold, source, log: None, spill: None, next, is_new, damage }
    }

    /// Which of its files were damaged when it was opened; nothing once a new position is written.
    #[must_use]
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// Whether no position was ever kept for it.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// What the reader needs, for whoever releases the log.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.hold.clone()
    }

    /// The first position that is not acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> Position {
        self.hold.lock().next
    }

    /// The first position that was not read yet.
    #[must_use]
    pub fn next(&self) -> Position {
        self.next
    }

    /// Goes on at a position that its sink is known to have reached already, or goes back to read again what was not
    /// acknowledged.
    pub fn seek(&mut self, next: Position) {
        self.next = next.max(self.hold.lock().next);
        (self.log, self.spill) = (None, None);
    }

    /// Puts what comes next into a chunk until that has `bytes_max` bytes.
    pub fn read(&mut self, chunk: &mut Chunk, bytes_max: usize) -> Result<ReadState, Error> {
        while !chunk.is_full(bytes_max) {
            let spill = {
                let next = self.next;
                self.hold.lock().spills.iter().find(|spill| spill.end > next).copied()
            };
            match spill {
                Some(spill) => {
                    self.log = None;
                    if let Some(damage) = self.read_spill(spill, chunk, bytes_max)? {
                        return Ok(ReadState::DamagedSpill(damage));
                    }
                }
                None => {
                    self.spill = None;
                    if let Some(state) = self.read_log(chunk, bytes_max)? {
                        return Ok(state);
                    }
                }
            }
        }
        Ok(ReadState::More)
    }

    fn read_spill(
        &mut self,
        summary: SpillSummary,
        chunk: &mut Chunk,
        bytes_max: usize,
    ) -> Result<Option<Error>, Error> {
        if self.spill.as_ref().is_none_or(|(open, _)| *open != summary) {
            let file = self.files.name(Some(&summary));
            let spill = self.files.read_spill(&summary).and_then(|bytes| {
                let invalid =
                    |bad: BadReaderBytes| io::Error::new(io::ErrorKind::InvalidData, bad.to_string());
                Spill::verify(self.partition, bytes).map_err(invalid)
            });
            match spill {
                Ok(spill) => self.spill = Some((summary, spill)),
                Err(cause) if is_damage(&cause) => {
                    chunk.push_gap(self.next, summary.end);
                    self.next = summary.end;
                    return Ok(Some(io_error("read", file, cause)));
                }
                Err(cause) => return Err(io_error("read", file, cause)),
            }
        }
        let (_, spill) = self.spill.as_mut().expect("just loaded");
        while !chunk.is_full(bytes_max) {
            match spill.next_entry() {
                Some(entry) => self.next = chunk.push_entry(self.next, &entry),
                None => {
                    // Whatever its header says, the spill is used up: what it lacks is a gap.
                    if self.next < summary.end {
                        chunk.push_gap(self.next, summary.end);
                        self.next = summary.end;
                    }
                    break;
                }
            }
        }
        Ok(None)
    }

    /// Reads from the log under the lock, so that nothing is released meanwhile. `None` when a spill came first.
    fn read_log(&mut self, chunk: &mut Chunk, bytes_max: usize) -> Result<Option<ReadState>, Error> {
        let hold = self.hold.clone();
        let mut state = hold.lock();
        if state.spills.iter().any(|spill| spill.end > self.next) {
            return Ok(None);
        }
        if !state.is_attached {
            state.wants_log = true;
            self.log = None;
            return Ok(Some(ReadState::Detached));
        }
        if self.next < state.floor {
            chunk.push_gap(self.next, state.floor);
            self.next = state.floor;
            self.log = None;
        }
        // An open log may stand in a segment that was given up behind it: then it is opened anew, where it is needed.
        let mut is_fresh = self.log.is_none();
        while !chunk.is_full(bytes_max) {
            let next = self.next;
            let log = self.log.get_or_insert_with(|| self.source.open(next));
            let read = log.advance().and_then(|is_there| match log.written() {
                _ if !is_there => Ok(None),
                Some((batch, from)) => Ok(Some(chunk.share_entry(next, batch, from))),
                None => Ok(Some(chunk.push_entry(next, &log.entry()?))),
            });
            match read {
                Ok(Some(next)) => self.next = next,
                Ok(None) => {
                    let lost = self.source.lost();
                    if lost.contains(&next) {
                        chunk.push_gap(next, lost.end);
                        self.next = lost.end;
                    }
                    return Ok(Some(ReadState::CaughtUp));
                }
                Err(error) => {
                    self.log = None;
                    if std::mem::replace(&mut is_fresh, true) {
                        return Err(error);
                    }
                }
            }
        }
        Ok(Some(ReadState::More))
    }

    /// Everything below `next` is safe in the sink. Durable when it returns; what that makes superfluous may go.
    pub fn acknowledge(&mut self, next: Position) -> Result<(), Error> {
        let bytes = encode_position(self.partition, next);
        self.files.write_position(&bytes).map_err(|cause| io_error("write", self.files.name(None), cause))?;
        self.is_new = false;
        self.damage = None;
        let mut state = self.hold.lock();
        state.next = state.next.max(next);
        if state.is_attached {
            state.floor = state.floor.max(next);
        }
        let mut done = Vec::new();
        while let Some(spill) = state.spills.pop_front_if(|spill| spill.end <= next) {
            done.push(spill);
        }
        drop(state);
        for spill in done {
            let file = self.files.name(Some(&spill));
            self.files.remove_spill(&spill).map_err(|cause| io_error("remove", file, cause))?;
        }
        Ok(())
    }
}

/// Copies entries out of the log for a reader that is over its budget. Blocks; belongs on a side thread.
pub struct Spiller<F, L: LogSource> {
    partition: PartitionId,
    files: F,
    hold: Hold,
    source: L,
    /// Where the open log stands: what was copied last need not be walked again.
    log: Option<(Position, JournalReader<L::Source>)>,
    spill_bytes: u64,
}

impl<F: ReaderFiles, L: LogSource> Spiller<F, L> {
    /// A spiller for the reader with this hold. `spill_bytes` is the size at which a spill is closed, usually
    /// [`crate::SPILL_BYTES`].
    pub fn new(partition: PartitionId, files: F, hold: Hold, source: L, spill_bytes: u64) -> Self {
        Self { partition, files, hold, source, log: None, spill_bytes }
    }

    /// Copies one spill's worth of entries from the reader's floor on, and moves the floor behind them. Returns what was
    /// written; `None` when there was nothing to copy.
    pub fn run(&mut self) -> Result<Option<SpillSummary>, Error> {
        let floor = self.hold.lock().floor;
        let mut log = match self.log.take() {
            Some((at, log)) if at == floor => log,
            Some(_) | None => self.source.open(floor),
        };
        let mut builder = SpillBuilder::new();
        while !builder.is_full(self.spill_bytes) {
            match log.next_entry()? {
                Some(entry) if entry.frame.kind == EntryKind::Records => builder.push(&entry),
                Some(_) => {}
                None => break,
            }
        }
        if builder.is_empty() {
            return Ok(None);
        }
        let (summary, bytes) = builder.finish(self.partition);
        if self.hold.lock().next < summary.end {
            let file = self.files.name(Some(&summary));
            self.files.write_spill(&summary, &bytes).map_err(|cause| io_error("write", file, cause))?;
        }
        let mut state = self.hold.lock();
        let is_needed = state.next < summary.end;
        if is_needed {
            state.spills.push_back(summary);
        }
        state.floor = state.floor.max(summary.end);
        drop(state);
        if !is_needed {
            // The reader was quicker.
            let file = self.files.name(Some(&summary));
            self.files.remove_spill(&summary).map_err(|cause| io_error("remove", file, cause))?;
        }
        self.log = Some((summary.end, log));
        Ok(Some(summary))
    }
}
