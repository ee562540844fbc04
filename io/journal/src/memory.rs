//! A disk in memory with the faults of a real one, for tests and the simulator.
//!
//! It keeps what is durable, sector by sector, and what one write in flight would put there. A crash keeps any
//! subset of the sectors in flight. File jobs are atomic: they have happened or not. It deliberately has no
//! randomness of its own; the caller chooses every fault.

use std::collections::BTreeMap;
use std::io;

use crate::log::WriteRequest;
use crate::segments::{SegmentJob, Spare, segment_file_name};
use crate::source::{SegmentFile, SegmentSource};
use crate::types::{Place, SegmentSequence, SpareNumber};
use ringbolt_ring::fs::AlignedBuf;

/// The unit that a disk writes whole or not at all, in bytes.
pub const SECTOR_BYTES: usize = 512;

/// The disk: the files of one journal.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    segments: BTreeMap<SegmentSequence, Vec<u8>>,
    spares: BTreeMap<SpareNumber, Vec<u8>>,
    /// Bytes that all files may take together; a creation beyond it fails as a full disk does.
    pub bytes_max: Option<u64>,
    /// What a new file is filled with; anything but zero stands for a medium with a past.
    pub fill: u8,
}

impl MemoryDisk {
    /// An empty disk without a limit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.values().chain(self.spares.values()).map(|file| file.len() as u64).sum()
    }

    /// Does a file job.
    pub fn run(&mut self, job: SegmentJob) -> io::Result<()> {
        match job {
            SegmentJob::Create { spare, bytes } => {
                if self.bytes_max.is_some_and(|bytes_max| self.bytes() + bytes > bytes_max) {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                let bytes =
                    usize::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
                self.spares.insert(spare, vec![self.fill; bytes]);
            }
            SegmentJob::Install { spare, sequence } => {
                let file = self.spares.remove(&spare).ok_or(io::ErrorKind::NotFound)?;
                self.segments.insert(sequence, file);
            }
            SegmentJob::Recycle { sequence, spare } => {
                let file = self.segments.remove(&sequence).ok_or(io::ErrorKind::NotFound)?;
                self.spares.insert(spare, file);
            }
            SegmentJob::Remove { sequence } => {
                self.segments.remove(&sequence).ok_or(io::ErrorKind::NotFound)?;
            }
        }
        Ok(())
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
        for (number, sector) in request.buffer.chunks(SECTOR_BYTES).enumerate() {
            if keep(number) {
                let offset = request.place.offset + (number * SECTOR_BYTES) as u64;
                self.bytes_at(Place { offset, ..request.place }, sector.len())?.copy_from_slice(sector);
            }
        }
        Ok(request.buffer.len())
    }

    /// Does a write at the wrong place.
    pub fn misdirect(&mut self, request: &WriteRequest, to: Place) -> io::Result<()> {
        self.bytes_at(to, request.buffer.len())?.copy_from_slice(&request.buffer);
        Ok(())
    }

    /// The bytes at a place, to be damaged.
    pub fn bytes_at(&mut self, place: Place, length: usize) -> io::Result<&mut [u8]> {
        let file = self.segments.get_mut(&place.segment).ok_or(io::ErrorKind::NotFound)?;
        let from =
            usize::try_from(place.offset).map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let to = from.saturating_add(length);
        file.get_mut(from..to).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Takes a segment's file away.
    pub fn remove(&mut self, segment: SegmentSequence) -> bool {
        self.segments.remove(&segment).is_some()
    }

    /// The spares, oldest first.
    #[must_use]
    pub fn spares(&self) -> Vec<Spare> {
        let spare =
            |(number, file): (&SpareNumber, &Vec<u8>)| Spare { number: *number, bytes: file.len() as u64 };
        self.spares.iter().map(spare).collect()
    }
}

impl SegmentSource for MemoryDisk {
    fn segments(&mut self) -> io::Result<Vec<SegmentFile>> {
        let file = |(sequence, file): (&SegmentSequence, &Vec<u8>)| SegmentFile {
            sequence: *sequence,
            bytes: file.len() as u64,
        };
        Ok(self.segments.iter().map(file).collect())
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
