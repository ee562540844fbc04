//! A disk in memory with the faults of a real one, for tests and the simulator.
//!
//! It keeps what is durable, sector by sector, and what one write in flight would put there. A crash keeps any
//! subset of the sectors in flight. File jobs are atomic: they have happened or not. A write goes to the file that is
//! open, a read to the file that has the name, as in a real file system: a file without a name lives on while it is open.
//! It deliberately has no randomness of its own; the caller chooses every fault.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use crate::error::Error;
use crate::extent::Extent;
use crate::handles::OpenSegments;
use crate::log::{Log, WriteRequest};
use crate::segment_job::SegmentJob;
use crate::segments::{JobError, Spare, segment_file_name};
use crate::source::{SegmentFile, SegmentSource};
use crate::types::{Place, SegmentSequence, SpareNumber};
use ringbolt_ring::fs::AlignedBuf;

/// The unit that a disk writes whole or not at all, in bytes.
pub const SECTOR_BYTES: usize = 512;

/// A file, whatever its name: its inode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct FileNumber(u64);

/// The disk: the files of one journal.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    files: BTreeMap<FileNumber, Vec<u8>>,
    segments: BTreeMap<SegmentSequence, FileNumber>,
    spares: BTreeMap<SpareNumber, FileNumber>,
    extent: Extent,
    /// What the running log has open.
    open: OpenSegments<FileNumber>,
    last_file: FileNumber,
    /// Bytes that all files may take together; a creation beyond it fails as a full disk does.
    pub bytes_max: Option<u64>,
    /// How the next file jobs fail, before anything else is looked at.
    pub job_failures: VecDeque<io::ErrorKind>,
    /// What a new file is filled with; anything but zero stands for a medium with a past.
    pub fill: u8,
}

impl MemoryDisk {
    /// An empty disk without a limit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of all files, with or without a name.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|file| file.len() as u64).sum()
    }

    /// A run begins: what an earlier one had open is closed, and what this log writes to is opened.
    ///
    /// # Errors
    /// When a segment that the log will write to is not there.
    pub fn start(&mut self, log: &Log) -> io::Result<()> {
        self.open = OpenSegments::default();
        for sequence in log.writable() {
            self.open.push(sequence, *self.segments.get(&sequence).ok_or(io::ErrorKind::NotFound)?);
        }
        self.forget_files();
        Ok(())
    }

    /// A file goes when it has no name and is not open.
    fn forget_files(&mut self) {
        let kept: Vec<FileNumber> =
            self.segments.values().chain(self.spares.values()).chain(self.open.files()).copied().collect();
        self.files.retain(|file, _| kept.contains(file));
    }

    /// Does a file job, and opens or closes what it concerns.
    ///
    /// # Errors
    /// As a file system has them: the disk is full, a file is not there; or what `job_failures` says.
    pub fn run(&mut self, job: SegmentJob) -> Result<(), JobError> {
        if let Some(failure) = self.job_failures.pop_front() {
            return Err(io::Error::from(failure).into());
        }
        let before = self.extent.before(job);
        let opened = self.rename(job)?;
        self.extent = before.after(job);
        // Closing it is all: there is no lock to give up here.
        let _ = self.open.note(job, opened);
        self.forget_files();
        Ok(())
    }

    fn rename(&mut self, job: SegmentJob) -> io::Result<Option<FileNumber>> {
        match job {
            SegmentJob::Create { spare, bytes } => {
                if self.bytes_max.is_some_and(|bytes_max| self.bytes() + bytes > bytes_max) {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                let bytes =
                    usize::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
                self.last_file.0 += 1;
                self.files.insert(self.last_file, vec![self.fill; bytes]);
                self.spares.insert(spare, self.last_file);
            }
            SegmentJob::Install { spare, sequence } => {
                let file = self.spares.remove(&spare).ok_or(io::ErrorKind::NotFound)?;
                self.segments.insert(sequence, file);
                return Ok(Some(file));
            }
            SegmentJob::Recycle { sequence, spare } => {
                let file = self.segments.remove(&sequence).ok_or(io::ErrorKind::NotFound)?;
                self.spares.insert(spare, file);
            }
            SegmentJob::Remove { sequence } => {
                self.segments.remove(&sequence).ok_or(io::ErrorKind::NotFound)?;
            }
        }
        Ok(None)
    }

    /// Does a write whole.
    pub fn write(&mut self, request: &WriteRequest) -> io::Result<usize> {
        self.write_sectors(request, |_| true)
    }

    /// Does a write of which only the sectors that `keep` chooses reach the medium.
    pub fn write_sectors(
        &mut self,
        request: &WriteRequest,
        mut keep: impl FnMut(usize) -> bool,
    ) -> io::Result<usize> {
        let segment = request.place.segment;
        while self.open.take_before(segment).is_some() {}
        let file = *self.open.active(segment);
        self.forget_files();
        for (number, sector) in request.buffer.chunks(SECTOR_BYTES).enumerate() {
            if keep(number) {
                let offset = request.place.offset + (number * SECTOR_BYTES) as u64;
                self.bytes_of(file, offset, sector.len())?.copy_from_slice(sector);
            }
        }
        Ok(request.buffer.len())
    }

    /// Does a write at the wrong place.
    pub fn misdirect(&mut self, request: &WriteRequest, to: Place) -> io::Result<()> {
        self.bytes_at(to, request.buffer.len())?.copy_from_slice(&request.buffer);
        Ok(())
    }

    /// The bytes at a place, found by the segment's name: to be read, or damaged.
    ///
    /// # Errors
    /// When no such segment is there, or it ends before.
    pub fn bytes_at(&mut self, place: Place, length: usize) -> io::Result<&mut [u8]> {
        let file = *self.segments.get(&place.segment).ok_or(io::ErrorKind::NotFound)?;
        self.bytes_of(file, place.offset, length)
    }

    fn bytes_of(&mut self, file: FileNumber, offset: u64, length: usize) -> io::Result<&mut [u8]> {
        let file = self.files.get_mut(&file).ok_or(io::ErrorKind::NotFound)?;
        let from = usize::try_from(offset).map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let to = from.saturating_add(length);
        file.get_mut(from..to).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Takes a segment's file away.
    pub fn remove(&mut self, segment: SegmentSequence) -> bool {
        self.segments.remove(&segment).is_some()
    }

    /// Removes spares of another size, as a start does; those that are left, oldest first.
    pub fn clean_spares(&mut self, segment_bytes: u64) -> Vec<Spare> {
        let files = &self.files;
        self.spares.retain(|_, file| files[file].len() as u64 == segment_bytes);
        self.forget_files();
        self.spares.keys().map(|number| Spare { number: *number, bytes: segment_bytes }).collect()
    }
}

impl SegmentSource for MemoryDisk {
    fn segments(&mut self) -> io::Result<Vec<SegmentFile>> {
        let file = |(sequence, file): (&SegmentSequence, &FileNumber)| SegmentFile {
            sequence: *sequence,
            bytes: self.files[file].len() as u64,
        };
        Ok(self.segments.iter().map(file).collect())
    }

    fn extent(&mut self) -> Result<Extent, Error> {
        Ok(self.extent)
    }

    fn read_at(&mut self, segment: SegmentSequence, offset: u64, into: &mut [u8]) -> io::Result<()> {
        into.copy_from_slice(self.bytes_at(Place { segment, offset }, into.len())?);
        Ok(())
    }

    fn name(&self, segment: SegmentSequence) -> String {
        segment_file_name(segment)
    }
}

/// A write request around bytes of one's own, for damage by hand.
#[must_use]
pub fn request(place: Place, bytes: &[u8]) -> WriteRequest {
    let mut buffer = AlignedBuf::with_capacity(bytes.len());
    buffer.extend_from_slice(bytes);
    WriteRequest { place, buffer }
}
